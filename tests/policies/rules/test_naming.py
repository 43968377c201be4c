"""What the naming rules say of which name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.rules.name_suffixes import NAMED, UNNAMED
from policies.rules.naming import fits
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    FUNCTION,
    GROUP,
    KEY,
    KEY_ALIAS,
    LOG_GROUP,
    QUEUE,
    SUBNET,
    TABLE,
    VPC,
    tags,
)
from tests.policies.engine import UNKNOWN, Made, config_of

CASES = Cases()

(
    CASES.about("name-convention", QUEUE)
    .reads(
        "name", "a string", "name is not set, so that AWS or Pulumi makes one up; it must be …queue-dev-acme."
    )
    .broken(
        {"name": "payments-queue-prod-acme"},
        "name is 'payments-queue-prod-acme'; it must be …queue-dev-acme.",
    )
    .broken(
        {"name": "payments-queue-dev-other"},
        "name is 'payments-queue-dev-other'; it must be …queue-dev-acme.",
    )
    .broken({"name": "payments-dev-acme"}, "name is 'payments-dev-acme'; it must be …queue-dev-acme.")
    .broken(
        {"name": "payments-queue-4f2a7c1"}, "name is 'payments-queue-4f2a7c1'; it must be …queue-dev-acme."
    )
    .broken(
        {"name": "Payments-queue-dev-acme"}, "name is 'Payments-queue-dev-acme'; it must be …queue-dev-acme."
    )
    .broken({"name": "xqueue-dev-acme"}, "name is 'xqueue-dev-acme'; it must be …queue-dev-acme.")
    .broken({"name": "-queue-dev-acme"}, "name is '-queue-dev-acme'; it must be …queue-dev-acme.")
    .broken(
        {"name": "payments-queue-dev-acme\n"},
        "name is 'payments-queue-dev-acme\\n'; it must be …queue-dev-acme.",
    )
    .broken(
        {"name": MISSING, "namePrefix": "payments-queue-dev-acme"},
        "name is not set, so that AWS or Pulumi makes one up; it must be …queue-dev-acme.",
    )
    .fine({"name": "queue-dev-acme"})
    .fine({"name": "payments-dead-letter-queue-dev-acme"})
    .fine({"name": "payments-queue-dev-acme.fifo"})
    .declaring(
        "no suffix declared",
        {key: value for key, value in config_of("dev").items() if not key.endswith("Suffix")},
        "can't be checked: stack dev declares no payments:environmentSuffix. Set it in Pulumi.dev.yaml; if "
        "it is there, run the pack where the stack's configuration is known: preview, up, or `python -m "
        "policies check`.",
    )
)
CASES.about("name-convention", TABLE, environment="prod").broken(
    {"name": "payments-table-dev-acme"}, "name is 'payments-table-dev-acme'; it must be …table-prod-acme."
)
CASES.about("name-convention", FUNCTION).broken(
    {"name": "payments-lambda-dev-acme"}, "name is 'payments-lambda-dev-acme'; it must be …function-dev-acme."
).broken(
    {"name": "payments-function-dev-acme.fifo"},
    "name is 'payments-function-dev-acme.fifo'; it must be …function-dev-acme.",
)
CASES.about("name-convention", LOG_GROUP).broken(
    {"name": "/aws/lambda/payments-function-dev-acme"},
    "name is '/aws/lambda/payments-function-dev-acme'; it must be …log-group-dev-acme.",
)
CASES.about("name-convention", KEY_ALIAS).broken(
    {"name": "alias/payments-dev-acme"}, "name is 'alias/payments-dev-acme'; it must be alias/…key-dev-acme."
).broken(
    {"name": "payments-key-dev-acme"}, "name is 'payments-key-dev-acme'; it must be alias/…key-dev-acme."
)

(
    CASES.about("name-tag-convention", VPC)
    .broken({"tags": {}}, "the tag Name is not set; it must be …vpc-dev-acme.")
    .broken({"tags.Name": MISSING}, "the tag Name is not set; it must be …vpc-dev-acme.")
    .broken({"tags.Name": None}, "the tag Name is not set; it must be …vpc-dev-acme.")
    .broken({"tags.Name": 7}, "the tag Name must be a string, but it is a number.")
    .broken({"tags.Name": "main"}, "the tag Name is 'main'; it must be …vpc-dev-acme.")
    .unknown({"tags.Name": UNKNOWN}, "tags.Name")
    .reads("tags", "an object", "the tag Name is not set; it must be …vpc-dev-acme.")
    .fine({"tags": MISSING, "tagsAll": {"Name": "vpc-dev-acme"}})
    .fine({"tagsAll": None})
    .broken({"tagsAll": "text"}, "tagsAll must be an object, but it is a string.")
    .unknown({"tagsAll": UNKNOWN}, "tagsAll")
)
(
    CASES.about("name-tag-convention", SUBNET)
    .fine({"tags.Name": "private-subnet-dev-acme"})
    .broken(
        {"tags.Name": "private-subnet-1-dev-acme"},
        "the tag Name is 'private-subnet-1-dev-acme'; it must be …subnet-dev-acme.",
    )
)
CASES.about("name-tag-convention", KEY).broken(
    {"tags.Name": "payments-key-dev"}, "the tag Name is 'payments-key-dev'; it must be …key-dev-acme."
)
CASES.about("name-tag-convention", GROUP)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


WORDS = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@settings(deadline=None)
@given(
    words=st.lists(WORDS, max_size=4),
    environment=WORDS,
    suffix=st.from_regex(r"[a-z][a-z0-9]{2,11}", fullmatch=True),
)
def test_every_kebab_case_name_with_noun_environment_and_suffix_fits(
    words: list[str], environment: str, suffix: str
) -> None:
    name = "-".join([*words, "queue", environment, suffix])
    assert fits(name, "queue", environment, suffix)
    assert not fits(name + "x", "queue", environment, suffix)
    assert not fits(name, "topic", environment, suffix)


def test_no_type_is_said_to_have_both_a_name_and_none_but_those_that_carry_both() -> None:
    assert NAMED.keys() & UNNAMED.keys() == {GROUP}


def test_a_tag_of_the_provider_counts_as_the_resources_own() -> None:
    made = Made(
        type=VPC,
        name="vpc",
        props={},
        provider_props={"defaultTags": '{"tags": {"Name": "vpc-dev-acme"}}'},
    )
    Case(rule="name-tag-convention", name="by the provider", resources=(made,)).run()
    spelled = {**tags("dev"), "Name": "vpc"}
    over = made.but(props={"tags": spelled})
    Case(
        rule="name-tag-convention",
        name="its own over the provider's",
        resources=(over,),
        messages=("the tag Name is 'vpc'; it must be …vpc-dev-acme.",),
    ).run()
