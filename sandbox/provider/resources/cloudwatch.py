"""CloudWatch: metric alarms and dashboards. Putting either twice is no error, so neither needs adoption."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.schema import Kind, Property, arn, at_most, between, described, each, matching, one_of
from sandbox.provider.wire import Properties, Value

_OPERATORS = (
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",
)  # fmt: skip
_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_EXTENDED_STATISTIC = matching(
    r"(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,10})?|100)|IQM|(TM|WM|PR|TC|TS)\((\d+(\.\d*)?%?)?:(\d+(\.\d*)?%?)?\)",
    1,
    64,
    "must be a percentile such as p99.9, or another extended statistic",
)


def _is_action(value: Value) -> str | None:
    return None if value.startswith("arn:aws:automate:") else arn(value)


def _is_period(value: Value) -> str | None:
    if value in (10, 20, 30) or (value > 0 and value % 60 == 0):
        return None
    return f"expected to be 10, 20, 30 or a multiple of 60, got {value}"


_ACTIONS = Property(kind=Kind.STRINGS, unordered=True, rule=each(_is_action, most=5))

# pulumi_aws property by PutMetricAlarm's parameter, where it is the name in camelCase.
_PARAMETERS = (
    "actionsEnabled", "alarmActions", "alarmDescription", "comparisonOperator", "datapointsToAlarm",
    "evaluationPeriods", "extendedStatistic", "insufficientDataActions", "metricName", "namespace", "period",
    "statistic", "threshold", "thresholdMetricId", "treatMissingData", "unit",
)  # fmt: skip
_RENAMED = {
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "okActions": "OKActions",
}

_METRIC = {
    "metricName": Property(required=True),
    "namespace": Property(),
    "dimensions": Property(kind=Kind.MAP),
    "period": Property(kind=Kind.INTEGER, required=True),
    "stat": Property(required=True),
    "unit": Property(),
}
_QUERY = {
    "id": Property(
        required=True, rule=matching(r"[a-z][a-zA-Z0-9_]*", 1, 255, "must start with a lowercase letter")
    ),
    "accountId": Property(),
    "expression": Property(),
    "label": Property(),
    "metric": Property(kind=Kind.BLOCK, fields=_METRIC),
    "period": Property(kind=Kind.INTEGER),
    "returnData": Property(kind=Kind.BOOLEAN, default=False),
}


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]


class MetricAlarm(Resource):
    """An alarm on one metric, or on an expression over several."""

    urn_type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    noun = "CloudWatch Metric Alarm"
    absent = frozenset({"ResourceNotFound"})
    properties = described(
        name=Property(replaces=True, rule=matching(r".+", 1, 255, "must not be empty")),
        actionsEnabled=Property(kind=Kind.BOOLEAN, default=True),
        alarmActions=_ACTIONS,
        alarmDescription=Property(rule=at_most(1024)),
        comparisonOperator=Property(required=True, rule=one_of(*_OPERATORS)),
        datapointsToAlarm=Property(kind=Kind.INTEGER, rule=between(1, 10_000)),
        dimensions=Property(kind=Kind.MAP),
        evaluateLowSampleCountPercentiles=Property(computed=True, rule=one_of("evaluate", "ignore")),
        evaluationPeriods=Property(kind=Kind.INTEGER, required=True, rule=between(1, 10_000)),
        extendedStatistic=Property(rule=_EXTENDED_STATISTIC),
        insufficientDataActions=_ACTIONS,
        metricName=Property(rule=matching(r".+", 1, 255, "must not be empty")),
        metricQueries=Property(kind=Kind.BLOCKS, unordered=True, fields=_QUERY),
        namespace=Property(rule=matching(r"[^:].*", 1, 255, "must not begin with a colon")),
        okActions=_ACTIONS,
        period=Property(kind=Kind.INTEGER, rule=_is_period),
        statistic=Property(rule=one_of(*_STATISTICS)),
        threshold=Property(kind=Kind.NUMBER),
        thresholdMetricId=Property(),
        treatMissingData=Property(
            default="missing", rule=one_of("breaching", "notBreaching", "ignore", "missing")
        ),
        unit=Property(),
        arn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._put(aws, new, Tags=tag_list(new["tagsAll"]))
        return str(new["name"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        alarms = aws.client("cloudwatch").describe_alarms(
            AlarmNames=[resource_id], AlarmTypes=["MetricAlarm"]
        )
        alarm: dict[str, Any] | None = next(iter(alarms["MetricAlarms"]), None)
        if alarm is None:
            return None
        tags = aws.client("cloudwatch").list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return {
            **{name: alarm.get(_upper(name)) for name in _PARAMETERS},
            **{name: alarm.get(parameter) for name, parameter in _RENAMED.items()},
            "treatMissingData": alarm.get("TreatMissingData") or "missing",
            "arn": alarm["AlarmArn"],
            "name": alarm["AlarmName"],
            "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])},
            "metricQueries": [_query_of(each) for each in alarm.get("Metrics", [])],
            "tagsAll": tag_map(tags),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._put(aws, new)

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("cloudwatch").untag_resource(ResourceARN=state["arn"], TagKeys=names)
        if put:
            aws.client("cloudwatch").tag_resource(ResourceARN=state["arn"], Tags=tag_list(put))

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[resource_id])

    @override
    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        if not new.get("metricName") and not new.get("metricQueries"):
            yield (
                "metricName",
                "One of `metricName` or `metricQueries` must be set for a cloudwatch metric alarm",
            )
        if new.get("metricName") and not (new.get("statistic") or new.get("extendedStatistic")):
            yield (
                "statistic",
                "One of `statistic` or `extendedStatistic` must be set for a cloudwatch metric alarm",
            )

    @staticmethod
    def _put(aws: Account, new: Properties, **more: Any) -> None:
        parameters = {_upper(name): new.get(name) for name in _PARAMETERS}
        parameters |= {parameter: new.get(name) for name, parameter in _RENAMED.items()}
        parameters["Dimensions"] = _dimensions(new.get("dimensions")) or None
        parameters["Metrics"] = [_parameters_of(each) for each in new.get("metricQueries") or []] or None
        aws.client("cloudwatch").put_metric_alarm(AlarmName=new["name"], **given(**parameters), **more)


def _dimensions(dimensions: Any) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted((dimensions or {}).items())]


def _query_of(query: Mapping[str, Any]) -> Properties:
    found = {name: query.get(_upper(name)) for name in ("id", "accountId", "expression", "label", "period")}
    found["returnData"] = bool(query.get("ReturnData"))
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        found["metric"] = given(
            metricName=metric["MetricName"],
            namespace=metric.get("Namespace"),
            dimensions={each["Name"]: each["Value"] for each in metric.get("Dimensions", [])} or None,
            period=stat["Period"],
            stat=stat["Stat"],
            unit=stat.get("Unit"),
        )
    return given(**found)


def _parameters_of(query: Mapping[str, Any]) -> dict[str, Any]:
    found = {_upper(name): query.get(name) for name in ("id", "accountId", "expression", "label", "period")}
    found["ReturnData"] = bool(query.get("returnData"))
    if metric := query.get("metric"):
        found["MetricStat"] = given(
            Metric=given(
                MetricName=metric["metricName"],
                Namespace=metric.get("namespace"),
                Dimensions=_dimensions(metric.get("dimensions")) or None,
            ),
            Period=metric["period"],
            Stat=metric["stat"],
            Unit=metric.get("unit"),
        )
    return given(**found)


class Dashboard(Resource):
    """A dashboard: one JSON document. AWS cannot tag it."""

    urn_type = "aws:cloudwatch/dashboard:Dashboard"
    noun = "CloudWatch Dashboard"
    naming = "dashboardName"
    taggable = False
    absent = frozenset({"ResourceNotFound", "DashboardNotFoundError"})
    properties = described(
        dashboardName=Property(
            required=True,
            replaces=True,
            rule=matching(
                r"[\w-]+", 1, 255, "must contain only alphanumeric characters, hyphens, underscores"
            ),
        ),
        dashboardBody=Property(kind=Kind.DOCUMENT, required=True),
        dashboardArn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        self._put(aws, new)
        return str(new["dashboardName"])

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        found = aws.client("cloudwatch").get_dashboard(DashboardName=resource_id)
        return {
            "dashboardArn": found["DashboardArn"],
            "dashboardBody": found["DashboardBody"],
            "dashboardName": resource_id,
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        self._put(aws, new)

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("cloudwatch").delete_dashboards(DashboardNames=[resource_id])

    @staticmethod
    def _put(aws: Account, new: Properties) -> None:
        aws.client("cloudwatch").put_dashboard(
            DashboardName=new["dashboardName"], DashboardBody=new["dashboardBody"]
        )


RESOURCES: tuple[Resource, ...] = (MetricAlarm(), Dashboard())
