"""Alarms: each one tells somebody."""

from collections.abc import Iterator

from policies.properties import Props, flag, size
from policies.rule import PropertyRule, Severity

ALARMS = frozenset({"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"})
ALARM_DOCS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"


def _check_actions(props: Props) -> Iterator[str]:
    if not size(props, "alarmActions"):
        yield "alarmActions is empty."


def _check_enabled(props: Props) -> Iterator[str]:
    if flag(props, "actionsEnabled") is False:
        yield "actionsEnabled is false."


RULES = (
    PropertyRule(
        id="alarm-actions",
        severity=Severity.HIGH,
        types=ALARMS,
        title="An alarm tells somebody.",
        why="An alarm that only turns red in a console that nobody has open is no alarm.",
        fix="set alarmActions to the alarm topic.",
        url=f"{ALARM_DOCS}/AlarmThatSendsEmail.html",
        references=(
            "CKV_AWS_319",
            "NIST.800.53.R5-CloudWatchAlarmAction",
            "HIPAA.Security-CloudWatchAlarmAction",
        ),
        check=_check_actions,
    ),
    PropertyRule(
        id="alarm-enabled",
        severity=Severity.HIGH,
        types=ALARMS,
        title="An alarm's actions are switched on.",
        why="An alarm that was silenced for a deployment stays silent until somebody is hurt.",
        fix="remove actionsEnabled.",
        url=f"{ALARM_DOCS}/AlarmThatSendsEmail.html",
        references=("CKV_AWS_319",),
        check=_check_enabled,
    ),
)
