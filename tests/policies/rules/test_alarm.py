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
LATE = "it rings after {} periods of {} s at the earliest; 3600 s are the most."
(
    CASES.about("alarm-rings", ALARM)
    .fine({"period": 60, "evaluationPeriods": 3, "statistic": "Maximum", "treatMissingData": "notBreaching"})
    .fine({"period": 300, "evaluationPeriods": 3, "statistic": "Minimum"})
    .fine({"period": 60, "evaluationPeriods": 1440, "datapointsToAlarm": 5})
    .broken({"period": 86400, "evaluationPeriods": 1}, LATE.format(1, 86400))
    .broken({"period": 60, "evaluationPeriods": 1440}, LATE.format(1440, 60))
    .broken(
        {"period": 3600, "evaluationPeriods": 1, "statistic": "Minimum"},
        "GreaterThanOrEqualToThreshold on the minimum of 3600 s rings only if no moment was fine.",
    )
    .broken(
        {"comparisonOperator": "LessThanThreshold", "treatMissingData": "notBreaching"},
        "treatMissingData is notBreaching: it is silent where nothing is measured.",
    )
    .fine({"comparisonOperator": "LessThanThreshold", "treatMissingData": "breaching"})
    .broken(
        {"evaluationPeriods": 2, "metricQueries": [{"metric": {"period": 43200, "stat": "Sum"}}]},
        LATE.format(2, 43200),
    )
    .broken(
        {
            "comparisonOperator": "LessThanThreshold",
            "metricQueries": [{"metric": {"period": 600, "stat": "Maximum"}}],
        },
        "LessThanThreshold on the maximum of 600 s rings only if no moment was fine.",
    )
    .reads("comparisonOperator", "a string")
    .reads_nothing_without("datapointsToAlarm", "a number")
    .reads_nothing_without("evaluationPeriods", "a number")
    .reads_nothing_without("metricQueries", "a list of objects")
    .reads_nothing_without("period", "a number")
    .reads_nothing_without("stat", "a string")
    .reads_nothing_without("statistic", "a string")
    .reads_nothing_without("treatMissingData", "a string")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
