"""Alarms and the dashboard."""

import json
from typing import Any

from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    flipped,
    gone,
    listed,
    one_of,
    removed,
    tagged,
    text,
    whole,
)

ALARM, OTHER, DASHBOARD = (
    "payments-oldest-message-alarm",
    "payments-function-duration-alarm",
    "payments-dashboard",
)


def _put(place: Place, **changes: Any) -> None:
    cloudwatch = place.client("cloudwatch")
    (held,) = cloudwatch.describe_alarms(AlarmNames=[place.id])["MetricAlarms"]
    known = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    kept = {name: value for name, value in held.items() if name in known}
    cloudwatch.put_metric_alarm(**{**kept, **changes})


def _setting(alarm: str, path: str, draw: Any) -> Change:
    parameter = f"{path[0].upper()}{path[1:]}"
    return changed(alarm, path, draw, lambda place, value: _put(place, **{parameter: value}))


def _calls(place: Place, name: str) -> Shown:
    topic = place.states[name]["arn"]
    _put(place, AlarmActions=[*place.outputs["alarmActions"], topic])
    return Shown({"alarmActions[1]": topic})


def _of_alarm(alarm: str) -> tuple[Change, ...]:
    return (
        _setting(alarm, "threshold", whole(30_000, 90_000)),
        _setting(alarm, "period", one_of(120, 300, 3600)),
        _setting(alarm, "evaluationPeriods", whole(4, 10)),
        _setting(alarm, "datapointsToAlarm", one_of(1, 3)),
        _setting(alarm, "comparisonOperator", one_of("LessThanThreshold", "GreaterThanThreshold")),
        _setting(alarm, "treatMissingData", one_of("breaching", "ignore")),
        _setting(alarm, "alarmDescription", text),
        changed(
            alarm,
            "actionsEnabled",
            flipped,
            lambda place, _: place.client("cloudwatch").disable_alarm_actions(AlarmNames=[place.id]),
        ),
        changed(alarm, "alarmActions", one_of("payments-notification-topic"), _calls),
        changed(alarm, "okActions[0]", gone, lambda place, _: _put(place, OKActions=[])),
        removed(alarm, lambda place: place.client("cloudwatch").delete_alarms(AlarmNames=[place.id])),
    )


def _retitle(place: Place, value: str) -> None:
    body = place.document("dashboardBody")
    body["widgets"][0]["properties"]["title"] = value
    place.client("cloudwatch").put_dashboard(DashboardName=place.id, DashboardBody=json.dumps(body))


CHANGES: tuple[Change, ...] = (
    *_of_alarm(ALARM),
    *_of_alarm(OTHER),
    *tagged(
        ALARM,
        lambda place, tags: place.client("cloudwatch").tag_resource(
            ResourceARN=place.outputs["arn"], Tags=listed(tags)
        ),
        lambda place, names: place.client("cloudwatch").untag_resource(
            ResourceARN=place.outputs["arn"], TagKeys=names
        ),
    ),
    changed(DASHBOARD, "dashboardBody.widgets[0].properties.title", text, _retitle),
    removed(DASHBOARD, lambda place: place.client("cloudwatch").delete_dashboards(DashboardNames=[place.id])),
)
