"""What the tag rule says of which tags, and what it adds where it may."""

import json

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]  # published without types
from pulumi.runtime import proto

from policies.adapter import Servicer
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import QUEUE, resource, tags
from tests.policies.engine import UNKNOWN, remediate, servicer, struct

CASES = Cases()
OWN = resource(QUEUE).but(provider_props={}, props={**resource(QUEUE).props, "tags": tags("dev")})

(
    CASES.about("tag-required", OWN)
    .broken({"tags.Environment": MISSING}, "the tag Environment is not set; it must be 'dev'.")
    .broken({"tags.Environment": None}, "the tag Environment is not set; it must be 'dev'.")
    .broken({"tags.Environment": 7}, "the tag Environment is 7.0; it must be 'dev'.")
    .broken({"tags.Environment": "prod"}, "the tag Environment is 'prod'; it must be 'dev'.")
    .broken({"tags.Project": "other"}, "the tag Project is 'other'; it must be 'payments'.")
    .broken({"tags.EnvironmentSuffix": "other"}, "the tag EnvironmentSuffix is 'other'; it must be 'acme'.")
    .broken({"tags.ManagedBy": "hand"}, "the tag ManagedBy is 'hand'; it must be 'pulumi'.")
    .unknown({"tags.ManagedBy": UNKNOWN}, "tags.ManagedBy")
    .fine({"tags": MISSING, "tagsAll": tags("dev")})
    .fine({"tagsAll": None})
    .broken({"tagsAll": "text"}, "tagsAll must be an object, but it is a string.")
    .unknown({"tagsAll": UNKNOWN}, "tagsAll")
    .reads(
        "tags",
        "an object",
        "the tag Project is not set; it must be 'payments'.",
        "the tag Environment is not set; it must be 'dev'.",
        "the tag EnvironmentSuffix is not set; it must be 'acme'.",
        "the tag ManagedBy is not set; it must be 'pulumi'.",
    )
    .made("tags by the provider", props={}, provider_props={"defaultTags": json.dumps({"tags": tags("dev")})})
    .made(
        "tags by the provider, not as JSON", props={}, provider_props={"defaultTags": {"tags": tags("dev")}}
    )
    .made(
        "a provider's tags that are none",
        "provider: defaultTags must be an object, but it is a string.",
        provider_props={"defaultTags": "none"},
    )
    .made("no provider", provider_name=None)
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


def _remediating() -> Servicer:
    pack = servicer()
    pack.Configure(
        proto.ConfigureAnalyzerRequest(
            policyConfig={
                "tag-required": proto.PolicyConfig(enforcementLevel=proto.REMEDIATE, properties=struct({}))
            }
        ),
        None,
    )
    return pack


def test_missing_tags_are_added_where_the_level_is_remediate_and_nothing_else_changes() -> None:
    made = OWN.but(props={**OWN.props, "tags": {"Team": "payments"}})
    response = remediate(_remediating(), made)
    [remediation] = response.remediations
    changed = json_format.MessageToDict(remediation.properties)
    assert changed.pop("tags") == {"Team": "payments", **tags("dev")}
    assert changed == {key: value for key, value in made.props.items() if key != "tags"}


def test_tags_that_the_provider_has_merged_already_are_mended_with_them() -> None:
    made = OWN.but(props={**OWN.props, "tags": {}, "tagsAll": {"Team": "payments"}})
    [remediation] = remediate(_remediating(), made).remediations
    changed = json_format.MessageToDict(remediation.properties)
    assert changed["tags"] == tags("dev")
    assert changed["tagsAll"] == {"Team": "payments", **tags("dev")}


def test_a_resource_with_its_tags_is_left_alone() -> None:
    assert not remediate(_remediating(), OWN).remediations


def test_nothing_is_changed_while_the_level_is_mandatory() -> None:
    assert not remediate(servicer(), OWN.but(props={})).remediations


def test_an_unknown_tag_is_reported_rather_than_overwritten() -> None:
    made = OWN.but(props={"tags": {"Project": UNKNOWN}})
    [remediation] = remediate(_remediating(), made).remediations
    assert "can't run remediation 'tag-required'" in remediation.diagnostic
