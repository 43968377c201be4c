"""What the rules about keys say of which key and grant."""

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import GRANT, KEY

CASES = Cases()

(
    CASES.about("key-rotation", KEY)
    .reads("enableKeyRotation", "true or false", "enableKeyRotation is not true.")
    .broken({"enableKeyRotation": False}, "enableKeyRotation is not true.")
    .fine({"customerMasterKeySpec": "RSA_4096", "enableKeyRotation": MISSING})
    .broken(
        {"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "enableKeyRotation": MISSING},
        "enableKeyRotation is not true.",
    )
    .reads_nothing_without("customerMasterKeySpec", "a string")
)
(
    CASES.about("key-lockout-check", KEY)
    .reads_nothing_without("bypassPolicyLockoutSafetyCheck", "true or false")
    .broken({"bypassPolicyLockoutSafetyCheck": True}, "bypassPolicyLockoutSafetyCheck is true.")
    .fine({"bypassPolicyLockoutSafetyCheck": False})
)
(
    CASES.about("key-grant", GRANT)
    .reads("operations", "a list")
    .broken(
        {"operations": ["Decrypt", "CreateGrant"]},
        "operations holds CreateGrant, so that the grantee can pass the key on.",
    )
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
