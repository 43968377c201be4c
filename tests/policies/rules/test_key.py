"""What the rules about keys say of which key and grant."""

import pytest

from policies.rules.key import REPLICAS
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import GRANT, KEY, policy

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
    CASES.about("key-rotation-period", KEY)
    .reads_nothing_without("rotationPeriodInDays", "a number")
    .fine({"rotationPeriodInDays": 90})
    .fine({"rotationPeriodInDays": 365})
    .broken({"rotationPeriodInDays": 2560}, "rotationPeriodInDays is 2560; it may be 365.")
)
OTHER_ROLE = "arn:aws:iam::222222222222:role/x"
(
    CASES.about("key-grant-principal", GRANT)
    .reads("granteePrincipal", "a string")
    .broken(
        {"granteePrincipal": OTHER_ROLE},
        f"granteePrincipal is {OTHER_ROLE}, which is not of account 111111111111.",
    )
    .broken({"granteePrincipal": "*"}, "granteePrincipal is *, which is not of account 111111111111.")
    .fine({"granteePrincipal": "dynamodb.us-east-1.amazonaws.com"})
    .reads_nothing_without("retiringPrincipal", "a string")
    .broken(
        {"retiringPrincipal": OTHER_ROLE},
        f"retiringPrincipal is {OTHER_ROLE}, which is not of account 111111111111.",
    )
)
(
    CASES.about("key-multi-region", KEY)
    .reads_nothing_without("multiRegion", "true or false")
    .broken({"multiRegion": True}, "multiRegion is true.")
    .fine({"multiRegion": False})
)
for kind in sorted(REPLICAS):
    CASES.forbidden("key-replica", kind, "it copies a key out of its region.")
GRANTING = "statement Use lets the key be granted to anybody: no condition Bool on kms:GrantIsForAWSResource."


def _using(**more: object) -> dict[str, str]:
    statement = {
        "Sid": "Use",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:role/x"},
        "Action": ["kms:Decrypt", "kms:CreateGrant"],
        "Resource": "*",
    }
    return {"policy": policy({**statement, **more})}


(
    CASES.about("key-policy-grant", KEY)
    .broken(_using(), GRANTING)
    .broken(_using(Action="kms:Create*"), GRANTING)
    .broken(_using(Action="kms:*"), GRANTING)
    .broken(
        _using(Condition={"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}),
        f"{GRANTING} Its condition boolifexists on kms:grantisforawsresource does not count: a request "
        "without the key satisfies it.",
    )
    .fine(_using(Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}))
    .fine(_using(Action=["kms:Decrypt", "kms:GenerateDataKey*"]))
    .reads("policy", "a JSON policy document")
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
