"""What the rules about log groups say of which log group."""

import pytest

from policies.rules.log_group import DESTINATIONS
from tests.policies.cases import Case, Cases
from tests.policies.compliant import LOG_GROUP
from tests.policies.engine import Made, config_of

CASES = Cases()
FOR_EVER = "retentionInDays is not set, which means for ever."

(
    CASES.about("log-retention", LOG_GROUP)
    .reads("retentionInDays", "a number", FOR_EVER)
    .broken({"retentionInDays": 0}, FOR_EVER)
)
DECLARED = "dev declares logRetentionDays 30."
UNDECLARED = {key: value for key, value in config_of("dev").items() if not key.endswith("RetentionDays")}
(
    CASES.about("log-retention-declared", LOG_GROUP)
    .reads("retentionInDays", "a number", f"retentionInDays is not set; {DECLARED}")
    .broken({"retentionInDays": 365}, f"retentionInDays is 365; {DECLARED}")
    .declaring(
        "no retention declared",
        UNDECLARED,
        "can't be checked: the stack declares none of logRetentionDays, flowLogRetentionDays.",
    )
    .declaring("flow logs' retention declared", {**UNDECLARED, "payments:flowLogRetentionDays": "30"})
)
(
    CASES.about("log-retention-minimum", LOG_GROUP, environment="prod")
    .broken({"retentionInDays": 90}, "retentionInDays is 90; in prod it must be at least 365.")
    .fine({"retentionInDays": 400})
    .fine({"retentionInDays": 0})
    .reads("retentionInDays", "a number")
)
CASES.about("log-retention-minimum", LOG_GROUP).fine({"retentionInDays": 1})
(
    CASES.about("log-encryption", LOG_GROUP)
    .reads("kmsKeyId", "a string", "kmsKeyId is not set.")
    .broken(
        {"kmsKeyId": "arn:aws:kms:us-east-1:222222222222:key/1"},
        "kmsKeyId is arn:aws:kms:us-east-1:222222222222:key/1, a key of another account.",
    )
)
for kind, key in sorted(DESTINATIONS.items()):
    own, other = (f"arn:aws:kinesis:us-east-1:{owner}:stream/x" for owner in ("111111111111", "222222222222"))
    (
        CASES.about("log-subscription", Made(type=kind, name="copy", props={key: own}))
        .reads(key, "a string", f"{key} is not set, which is not of account 111111111111.")
        .broken({key: other}, f"{key} is {other}, which is not of account 111111111111.")
    )


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
