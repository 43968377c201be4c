"""What the rules about destroying say of which resource."""

import pytest

from policies.check import check_state
from policies.configuration import PackConfiguration
from policies.export import read
from policies.rules.bucket import OBJECTS
from policies.rules.destroyable import OBJECT_LOCKS
from tests.policies.cases import Case, Cases
from tests.policies.compliant import BUCKET, BUCKET_V2, FUNCTION, KEY, LOG_GROUP, SUBSCRIPTION, TABLE, TOPIC
from tests.policies.engine import TODAY, Made

CASES = Cases()

CASES.about("destroyable-protect", TABLE).made("protected", "the option protect is set.", protect=True)
(
    CASES.about("destroyable-skip-destroy", LOG_GROUP)
    .reads_nothing_without("skipDestroy", "true or false")
    .broken({"skipDestroy": True}, "skipDestroy is true.")
    .fine({"skipDestroy": False})
)
CASES.about("destroyable-skip-destroy", FUNCTION).broken({"skipDestroy": True}, "skipDestroy is true.")
PROTECTIONS = (
    "deletionProtection",
    "deletionProtectionEnabled",
    "disableApiTermination",
    "enableDeletionProtection",
    "terminationProtection",
)
for key in PROTECTIONS:
    (
        CASES.about("destroyable-deletion-protection", TABLE)
        .reads_nothing_without(key, "true or false")
        .broken({key: True}, f"{key} is true.")
        .fine({key: False})
    )
(
    CASES.about("destroyable-deletion-protection", TABLE)
    .broken({"deletionProtection": "ACTIVE"}, "deletionProtection is ACTIVE.")
    .fine({"deletionProtection": "INACTIVE"})
)
(
    CASES.about("destroyable-force-destroy", BUCKET)
    .reads("forceDestroy", "true or false", "forceDestroy is not true.")
    .broken({"forceDestroy": False}, "forceDestroy is not true.")
)
for kind in (BUCKET, BUCKET_V2):
    (
        CASES.about("destroyable-object-lock", kind)
        .reads_nothing_without("objectLockEnabled", "true or false")
        .reads_nothing_without("objectLockConfiguration", "a list")
        .broken({"objectLockEnabled": True}, "objectLockEnabled is true.")
        .broken({"objectLockConfiguration": {"objectLockEnabled": "Enabled"}}, "objectLockEnabled is true.")
    )
for kind in sorted(OBJECTS):
    (
        CASES.about("destroyable-object-lock", Made(type=kind, name="object", props={}))
        .reads_nothing_without("objectLockMode", "a string")
        .reads_nothing_without("objectLockLegalHoldStatus", "a string")
        .broken({"objectLockMode": "COMPLIANCE"}, "objectLockMode is set.")
        .broken({"objectLockLegalHoldStatus": "ON"}, "objectLockLegalHoldStatus is ON.")
        .fine({"objectLockLegalHoldStatus": "OFF"})
    )
for kind in sorted(OBJECT_LOCKS):
    CASES.forbidden("destroyable-object-lock", kind, "it locks the bucket's objects.")
SHORTEST = "it must be 7, KMS's shortest."
(
    CASES.about("destroyable-key-window", KEY)
    .reads("deletionWindowInDays", "a number", f"deletionWindowInDays is not set, which means 30; {SHORTEST}")
    .broken({"deletionWindowInDays": 30}, f"deletionWindowInDays is 30; {SHORTEST}")
    .fine({"deletionWindowInDays": "7"})
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [(TABLE, ["the option deletedWith names topic."]), (SUBSCRIPTION, [])],
)
def test_a_resource_that_is_left_to_another_ones_deletion_is_seen_in_an_export_alone(
    kind: str, wanted: list[str]
) -> None:
    own = {
        "urn": f"urn:pulumi:dev::payments::{kind}::left",
        "type": kind,
        "deletedWith": f"urn:pulumi:dev::payments::{TOPIC}::topic",
    }
    state = read({"deployment": {"resources": [own]}})
    report = check_state(state, configuration=PackConfiguration(), today=TODAY)
    found = [finding.violation for finding in report.findings]
    assert [said.message for said in found if said.rule.id == "destroyable-deleted-with"] == wanted


@pytest.mark.parametrize(("retained", "wanted"), [(True, ["the option retainOnDelete is set."]), (False, [])])
def test_a_retained_resource_is_seen_in_an_export_alone_for_the_engine_does_not_tell_of_it(
    retained: bool, wanted: list[str]
) -> None:
    urn = f"urn:pulumi:dev::payments::{TABLE}::table"
    state = read({"deployment": {"resources": [{"urn": urn, "type": TABLE, "retainOnDelete": retained}]}})
    report = check_state(state, configuration=PackConfiguration(), today=TODAY)
    found = [
        finding.violation for finding in report.findings if finding.violation.rule.id == "destroyable-retain"
    ]
    assert [violation.message for violation in found] == wanted
