"""Alarms: each one tells somebody."""

from collections.abc import Iterator

from policies.properties import Props, block, blocks, flag, number, size, text, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting, Tightening

ALARMS = frozenset({"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"})
LONGEST_EXTREME = 300
"""Seconds over which a minimum or maximum may still be a way to leave out single outliers."""
ALARM_DOCS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"


def _check_actions(props: Props) -> Iterator[str]:
    if not size(props, "alarmActions"):
        yield "alarmActions is empty."


def _check_enabled(props: Props) -> Iterator[str]:
    if flag(props, "actionsEnabled") is False:
        yield "actionsEnabled is false."


def _measurements(props: Props) -> Iterator[Props]:
    """Yield the alarm's own metric, or those of its queries."""
    yield props
    for query in blocks(props, "metricQueries"):
        metric = block(query, "metric")
        if metric is not None:
            yield metric


def _check_rings(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    props, most = resource.props, context.number("seconds")
    comparison = text(props, "comparisonOperator") or ""
    points = number(props, "datapointsToAlarm") or number(props, "evaluationPeriods") or 1
    for metric in _measurements(props):
        period = number(metric, "period") or 0
        if points * period > most:
            yield (
                f"it rings after {whole(points)} periods of {whole(period)} s at the earliest; "
                f"{whole(most)} s are the most."
            )
        statistic = (text(metric, "statistic") or text(metric, "stat") or "").lower()
        quiet = {"Greater": "minimum", "Less": "maximum"}
        for beginning, unfit in quiet.items():
            if comparison.startswith(beginning) and statistic == unfit and period > LONGEST_EXTREME:
                yield (f"{comparison} on the {unfit} of {whole(period)} s rings only if no moment was fine.")
    missing = text(props, "treatMissingData")
    if comparison.startswith("Less") and missing in {"notBreaching", "ignore"}:
        yield f"treatMissingData is {missing}: it is silent where nothing is measured."


RULES = (
    ResourceRule(
        id="alarm-rings",
        severity=RuleSeverity.HIGH,
        types=frozenset({"aws:cloudwatch/metricAlarm:MetricAlarm"}),
        title="An alarm rings within the hour in which what it watches goes wrong.",
        why="An alarm on the minimum of a day, or on a day of periods, is there on paper only.",
        fix="shorten period and evaluationPeriods, and choose the statistic of the bad case.",
        url=f"{ALARM_DOCS}/alarm-evaluation.html",
        settings={
            "seconds": Setting(
                schema={"type": "number", "minimum": 60},
                default=3600,
                description="The most seconds of bad data that an alarm may need.",
                tightens=Tightening.LOWER,
            )
        },
        check=_check_rings,
    ),
    PropertyRule(
        id="alarm-actions",
        severity=RuleSeverity.HIGH,
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
        severity=RuleSeverity.HIGH,
        types=ALARMS,
        title="An alarm's actions are switched on.",
        why="An alarm that was silenced for a deployment stays silent until somebody is hurt.",
        fix="remove actionsEnabled.",
        url=f"{ALARM_DOCS}/AlarmThatSendsEmail.html",
        references=("CKV_AWS_319",),
        check=_check_enabled,
    ),
)
