"""What the rules about alarms say of which alarm."""

import pytest

from tests.policies.cases import Case, Cases
from tests.policies.compliant import ALARM
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
COMPOSITE = Made(
    type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
    name="composite",
    props={"alarmName": "payments-alarm-dev-acme", "alarmActions": ["arn:aws:sns:us-east-1:111111111111:t"]},
)

(
    CASES.about("alarm-actions", ALARM)
    .reads("alarmActions", "a list", "alarmActions is empty.")
    .broken({"alarmActions": []}, "alarmActions is empty.")
    .fine({"alarmActions": [UNKNOWN]})
)
CASES.about("alarm-actions", COMPOSITE).broken({"alarmActions": []}, "alarmActions is empty.")
(
    CASES.about("alarm-enabled", ALARM)
    .reads_nothing_without("actionsEnabled", "true or false")
    .broken({"actionsEnabled": False}, "actionsEnabled is false.")
    .broken({"actionsEnabled": "false"}, "actionsEnabled is false.")
    .fine({"actionsEnabled": True})
)
CASES.about("alarm-enabled", COMPOSITE).broken({"actionsEnabled": False}, "actionsEnabled is false.")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
