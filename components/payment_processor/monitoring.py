"""Alarms that call an operator, and a dashboard for the one who comes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.payment_processor.timing import FUNCTION_TIMEOUT_SECONDS
from components.placement import Placement
from components.project_settings import PaymentsScaling

PERIOD_SECONDS = 60
DURATION_ALARM_SHARE = 0.8
"""Of the function's timeout: slower than this, and a batch is about to be cut off halfway."""

VERIFICATION_MINUTES = 15
"""A verification takes its dead letter away within seconds; what lies there for so long was left behind."""


UNNOTIFIED_SECONDS = 3600
"""A payment that is recorded for so long and not notified is no longer on its way by itself."""


@dataclass(frozen=True, kw_only=True)
class MetricQuery:
    """A metric that an alarm's expression reads, or the expression itself."""

    id: str
    expression: str | None = None
    namespace: str = ""
    metric: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm, as data: what is measured, and from which value on for how long it is too much."""

    resource_type: str
    description: str
    namespace: Literal["AWS/SQS", "AWS/Lambda", "Payments"]
    metric: str
    dimensions: dict[str, str]
    statistic: str
    """Sum, Maximum, or a percentile such as p99."""
    threshold: float
    datapoints: int
    """How many of the evaluated periods have to be too high."""
    periods: int
    queries: tuple[MetricQuery, ...] = ()
    """Where the alarm is on an expression: its metrics, then the expression. `metric` names what is shown."""


class Monitoring(pulumi.ComponentResource):
    """Alarms on queue, dead-letter queue and function, and a dashboard of the same metrics."""

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        scaling: PaymentsScaling,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:Monitoring", f"{name}-monitoring", None, opts)
        alarm_topic_arn = placement.arn("sns", placement.names(f"{name}-alarm-topic"))
        alarms = processor_alarms(name, placement, scaling)
        for alarm in alarms:
            aws.cloudwatch.MetricAlarm(
                alarm.resource_type,
                name=placement.names(alarm.resource_type),
                alarm_description=alarm.description,
                **_measured(alarm),
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=alarm.threshold,
                evaluation_periods=alarm.periods,
                datapoints_to_alarm=alarm.datapoints,
                treat_missing_data="notBreaching",
                alarm_actions=[alarm_topic_arn],
                ok_actions=[alarm_topic_arn],
                opts=pulumi.ResourceOptions(parent=self),
            )
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=placement.names(f"{name}-dashboard"),
            dashboard_body=_dashboard(alarms, placement),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _measured(alarm: Alarm) -> dict[str, Any]:
    """Return the alarm's metric arguments: one metric, or an expression over several."""
    if alarm.queries:
        return {"metric_queries": [_query(query, alarm.statistic) for query in alarm.queries]}
    percentile = alarm.statistic.startswith("p")
    return {
        "namespace": alarm.namespace,
        "metric_name": alarm.metric,
        "dimensions": alarm.dimensions,
        "statistic": None if percentile else alarm.statistic,
        "extended_statistic": alarm.statistic if percentile else None,
        "period": PERIOD_SECONDS,
    }


def _query(query: MetricQuery, statistic: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    if query.expression is not None:
        return aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=query.id, expression=query.expression, label=query.id, return_data=True
        )
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=query.id,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=query.namespace,
            metric_name=query.metric,
            dimensions=dict(query.dimensions),
            stat=statistic,
            period=PERIOD_SECONDS,
        ),
    )


def _oldest_message_queries(
    queue: Mapping[str, str], function_metrics: Mapping[str, str]
) -> tuple[MetricQuery, ...]:
    """The age of what can still be processed.

    SQS's metric is as old as its oldest message, and a message that can never be processed stays for
    `maxReceiveCount` visibility timeouts, 15 minutes in prod. But it is hidden nearly all that time, so the
    age counts while a message waits to be received. What is received and fails for a passing reason is
    hidden as well; the function reports its age.
    """
    sqs = "AWS/SQS"
    return (
        MetricQuery(id="age", namespace=sqs, metric="ApproximateAgeOfOldestMessage", dimensions=queue),
        MetricQuery(
            id="waiting", namespace=sqs, metric="ApproximateNumberOfMessagesVisible", dimensions=queue
        ),
        MetricQuery(
            id="failed", namespace="Payments", metric="FailedPaymentAge", dimensions=function_metrics
        ),
        MetricQuery(id="oldest", expression="MAX([IF(waiting > 0, age, 0), FILL(failed, 0)])"),
    )


def processor_alarms(name: str, placement: Placement, scaling: PaymentsScaling) -> list[Alarm]:
    """The alarms of a processor.

    A dead letter is a fact, so one datapoint is enough; the rest has to last two minutes out of three. The
    dead-letter queue is measured by its depth: what the redrive policy moves is not counted as sent.
    """
    queue = {"QueueName": placement.names(f"{name}-queue")}
    dead_letter_queue = {"QueueName": placement.names(f"{name}-dead-letter-queue")}
    function_metrics = {"environment": placement.names.environment, "service": name}
    verification_queue = {"QueueName": placement.names(f"{name}-verification-dead-letter-queue")}
    function = {"FunctionName": placement.names(f"{name}-function")}
    return [
        Alarm(
            resource_type=f"{name}-dead-letter-depth-alarm",
            description="Payments wait in the dead-letter queue: see why they failed, then redrive them",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions=dead_letter_queue,
            statistic="Maximum",
            threshold=scaling.dead_letter_alarm_threshold,
            datapoints=1,
            periods=1,
        ),
        Alarm(
            resource_type=f"{name}-oldest-message-alarm",
            description="Payments that can succeed wait too long: the function is slow, throttled or failing",
            queries=_oldest_message_queries(queue, function_metrics),
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions=queue,
            statistic="Maximum",
            threshold=scaling.oldest_message_alarm_seconds,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            resource_type=f"{name}-function-errors-alarm",
            description="The payment function fails: see its log group",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions=function,
            statistic="Sum",
            threshold=scaling.error_alarm_threshold,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            resource_type=f"{name}-function-throttles-alarm",
            description="The payment function is throttled: its reserved concurrency is used up",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions=function,
            statistic="Sum",
            threshold=scaling.throttle_alarm_threshold,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            resource_type=f"{name}-function-duration-alarm",
            description="The payment function comes close to its timeout: DynamoDB or SNS is slow",
            namespace="AWS/Lambda",
            metric="Duration",
            dimensions=function,
            statistic="p99",
            threshold=DURATION_ALARM_SHARE * FUNCTION_TIMEOUT_SECONDS * 1000,
            datapoints=2,
            periods=3,
        ),
        Alarm(
            resource_type=f"{name}-verification-depth-alarm",
            description="Synthetic dead letters were left behind: a verification was interrupted",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions=verification_queue,
            statistic="Maximum",
            threshold=scaling.dead_letter_alarm_threshold,
            datapoints=VERIFICATION_MINUTES,
            periods=VERIFICATION_MINUTES,
        ),
        Alarm(
            resource_type=f"{name}-unnotified-alarm",
            description="Payments are recorded and were not notified for too long, by a reconciliation",
            namespace="Payments",
            metric="UnnotifiedPaymentAge",
            dimensions=function_metrics,
            statistic="Maximum",
            threshold=UNNOTIFIED_SECONDS,
            datapoints=1,
            periods=1,
        ),
    ]


def _dashboard(alarms: list[Alarm], placement: Placement) -> str:
    """One graph an alarm, two in a row, each with the alarm's threshold as a line; the alarms' states on top.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    width, height = 12, 6
    states = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": 2 * width,
        "height": 2,
        "properties": {
            "title": "Alarms",
            "alarms": [
                placement.arn("cloudwatch", f"alarm:{placement.names(alarm.resource_type)}")
                for alarm in alarms
            ],
        },
    }
    graphs = [
        {
            "type": "metric",
            "x": width * (position % 2),
            "y": 2 + height * (position // 2),
            "width": width,
            "height": height,
            "properties": {
                "title": alarm.metric,
                "region": placement.region,
                "stat": alarm.statistic,
                "period": PERIOD_SECONDS,
                "metrics": [
                    [
                        alarm.namespace,
                        alarm.metric,
                        *(part for pair in alarm.dimensions.items() for part in pair),
                    ]
                ],
                "annotations": {"horizontal": [{"label": "alarm", "value": alarm.threshold}]},
            },
        }
        for position, alarm in enumerate(alarms)
    ]
    return json.dumps({"widgets": [states, *graphs]})
