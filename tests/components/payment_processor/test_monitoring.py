import json
from typing import Any

import pytest

from components.payment_processor.monitoring import processor_alarms
from tests.builders import payments_scaling, placement
from tests.components.payment_processor.recorded import plain, scaled

TOPIC = "arn:aws:sns:us-east-1:111111111111:payments-alarm-topic-dev-acme"


def alarm(name: str, **scaling: Any) -> dict[str, Any]:
    recorder = scaled(**scaling) if scaling else plain()
    return dict(recorder.one("MetricAlarm", f"payments-{name}-alarm").inputs)


@pytest.mark.parametrize(
    ("name", "field", "metric", "dimensions"),
    [
        (
            "dead-letter-depth",
            "dead_letter_alarm_threshold",
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
            {"QueueName": "payments-dead-letter-queue-dev-acme"},
        ),
        (
            "function-errors",
            "error_alarm_threshold",
            ("AWS/Lambda", "Errors", "Sum"),
            {"FunctionName": "payments-function-dev-acme"},
        ),
        (
            "function-throttles",
            "throttle_alarm_threshold",
            ("AWS/Lambda", "Throttles", "Sum"),
            {"FunctionName": "payments-function-dev-acme"},
        ),
    ],
)
def test_an_alarm_measures_what_it_says_against_the_configured_threshold(
    name: str, field: str, metric: tuple[str, str, str], dimensions: dict[str, str]
) -> None:
    found = alarm(name, **{field: 77})
    assert (found["namespace"], found["metricName"], found["statistic"]) == metric
    assert found["dimensions"] == dimensions
    assert found["threshold"] == 77
    assert found["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert found["name"] == f"payments-{name}-alarm-dev-acme"


def test_the_age_of_the_oldest_message_counts_what_can_still_be_processed() -> None:
    """A message that always fails is hidden nearly all the time until it is parked: it does not count."""
    found = alarm("oldest-message", oldest_message_alarm_seconds=77)
    assert found["threshold"] == 77
    assert "metricName" not in found
    *metrics, expression = found["metricQueries"]
    queue = {"QueueName": "payments-queue-dev-acme"}
    function = {"environment": "dev", "service": "payments"}
    measured = {each["id"]: each["metric"] for each in metrics}
    read = {name: (each["metricName"], each["dimensions"]) for name, each in measured.items()}
    assert read == {
        "age": ("ApproximateAgeOfOldestMessage", queue),
        "waiting": ("ApproximateNumberOfMessagesVisible", queue),
        "failed": ("FailedPaymentAge", function),
    }
    assert expression["expression"] == "MAX([IF(waiting > 0, age, 0), FILL(failed, 0)])"
    assert expression["returnData"] is True


def test_payments_that_a_reconciliation_finds_unnotified_call_an_operator() -> None:
    found = alarm("unnotified")
    assert (found["namespace"], found["metricName"], found["threshold"]) == (
        "Payments",
        "UnnotifiedPaymentAge",
        3600,
    )
    assert found["dimensions"] == {"environment": "dev", "service": "payments"}


def test_the_slowest_of_a_hundred_invocations_stays_below_the_timeout() -> None:
    found = alarm("function-duration")
    assert found["extendedStatistic"] == "p99"
    assert "statistic" not in found
    assert found["threshold"] == 0.8 * 30_000


def test_every_alarm_calls_the_operators_and_calls_off() -> None:
    alarms = plain().of_type("MetricAlarm")
    assert len(alarms) == 7
    for each in alarms:
        assert each.inputs["alarmActions"] == each.inputs["okActions"] == [TOPIC]
        assert each.inputs["treatMissingData"] == "notBreaching"


def test_one_dead_letter_datapoint_is_enough_and_the_rest_has_to_last() -> None:
    lasting = {
        each.name: (each.inputs["datapointsToAlarm"], each.inputs["evaluationPeriods"])
        for each in plain().of_type("MetricAlarm")
    }
    assert lasting.pop("payments-dead-letter-depth-alarm") == (1, 1)
    assert lasting.pop("payments-unnotified-alarm") == (1, 1), "one reconciliation says it"
    assert lasting.pop("payments-verification-depth-alarm") == (15, 15), "not while one is at work"
    assert set(lasting.values()) == {(2, 3)}


def test_the_dashboard_shows_each_alarm_and_its_metric_with_the_threshold() -> None:
    inputs = plain().one("Dashboard").inputs
    assert inputs["dashboardName"] == "payments-dashboard-dev-acme"
    states, *graphs = json.loads(inputs["dashboardBody"])["widgets"]
    alarms = processor_alarms("payments", placement(), payments_scaling())
    assert states["properties"]["alarms"] == [
        f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:{each.resource_type}-dev-acme" for each in alarms
    ]
    shown = [
        (
            *graph["properties"]["metrics"][0][:2],
            graph["properties"]["annotations"]["horizontal"][0]["value"],
            graph["properties"]["region"],
        )
        for graph in graphs
    ]
    assert shown == [(each.namespace, each.metric, each.threshold, "us-east-1") for each in alarms]


def test_widgets_do_not_overlap() -> None:
    widgets = json.loads(plain().one("Dashboard").inputs["dashboardBody"])["widgets"]
    cells = [
        (x, y)
        for each in widgets
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24  # a dashboard's width
