from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.checking import check
from sandbox.provider.schema import Kind, Property, at_most, between, described
from sandbox.provider.wire import UNKNOWN
from tests.sandbox.provider.examples import EXAMPLES, World
from tests.sandbox.provider.plugin import Plugin, RefusedError

PROPERTIES = described(
    name=Property(required=True, rule=at_most(5)),
    size=Property(kind=Kind.INTEGER, default=3, rule=between(1, 10)),
    share=Property(kind=Kind.NUMBER),
    on=Property(kind=Kind.BOOLEAN),
    policy=Property(kind=Kind.DOCUMENT),
    names=Property(kind=Kind.STRINGS),
    labels=Property(kind=Kind.MAP),
    code=Property(kind=Kind.ARCHIVE),
    block=Property(kind=Kind.BLOCK, fields={"one": Property(required=True), "two": Property(default="2")}),
    blocks=Property(kind=Kind.BLOCKS, fields={"one": Property()}),
    arn=Property(output=True),
)
VALID = {"name": "it"}


def _failures(**spoiled: Any) -> dict[str, str]:
    values = {name: value for name, value in {**VALID, **spoiled}.items() if value is not None}
    return {failure.path: failure.reason for failure in check(PROPERTIES, values)[1]}


def test_defaults_are_filled_in_and_listed() -> None:
    checked, failures = check(PROPERTIES, {"name": "it", "block": {"one": "1"}})
    assert failures == []
    assert checked == {
        "name": "it",
        "size": 3,
        "block": {"one": "1", "two": "2", "__defaults": ["two"]},
        "__defaults": ["size"],
    }


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("size", "7", 7),
        ("share", "7", 7),
        ("share", 0.5, 0.5),
        ("on", "true", True),
        ("name", 12, "12"),
        ("policy", {"Version": "1"}, '{"Version": "1"}'),
        ("labels", {"a": 1, "b": True, "__defaults": []}, {"a": "1", "b": "true"}),
        ("names", ["a", 1], ["a", "1"]),
        ("names", ["a", UNKNOWN], ["a", UNKNOWN]),
        ("size", UNKNOWN, UNKNOWN),
    ],
)
def test_values_are_coerced_as_the_aws_plugin_does(name: str, written: Any, meant: Any) -> None:
    checked, failures = check(PROPERTIES, {**VALID, name: written})
    assert failures == []
    assert checked[name] == meant


@pytest.mark.parametrize(
    ("name", "value", "path", "reason"),
    [
        ("name", None, "name", 'Missing required argument. The argument "name" is required, but no'),
        ("name", "longer", "name", "expected length to be in the range (0 - 5), got 6 characters: longer"),
        ("size", 11, "size", "expected to be in the range (1 - 10), got 11"),
        ("size", 1.5, "size", "expected a value of type integer, got float: 1.5"),
        ("size", True, "size", "expected a value of type integer, got bool: True"),
        ("on", "yes", "on", "expected a value of type boolean, got str: yes"),
        ("policy", "{", "policy", "contains an invalid JSON: "),
        ("policy", "[]", "policy", "contains an invalid JSON: an object was expected"),
        ("names", "a", "names", "expected a value of type strings, got str: a"),
        ("labels", {"a": ["b"]}, "labels", "expected a value of type map, got dict"),
        ("code", "a.zip", "code", "expected a value of type archive, got str: a.zip"),
        ("block", [], "block", "expected an object, got list: []"),
        ("block", {}, "block.one", 'Missing required argument. The argument "one" is required'),
        ("blocks", {}, "blocks", "expected a list of objects, got dict: {}"),
        (
            "blocks",
            [{"one": "1"}, {"two": "2"}],
            "blocks[1].two",
            "the sandbox does not implement the property",
        ),
        ("arn", "arn:aws:sns:eu-west-1:1:a", "arn", "the sandbox does not implement the property 'arn'"),
        (
            "nmae",
            "it",
            "nmae",
            "the sandbox does not implement the property 'nmae'; it implements block, blocks",
        ),
    ],
)
def test_each_mistake_is_told_with_its_path_and_what_is_allowed(
    name: str, value: Any, path: str, reason: str
) -> None:
    assert _failures(**{name: value})[path].startswith(reason)


def test_all_mistakes_are_told_together() -> None:
    assert set(_failures(name=None, size=11, nmae="it", block={})) == {"name", "size", "nmae", "block.one"}


# What AWS refuses, on the projects' own types: type, what is spoiled, property, message.
SPOILED: list[tuple[str, dict[str, Any], str, str]] = [
    ("Role", {"name": "r" * 65}, "name", "expected length to be in the range (1 - 64), got 65 characters"),
    ("Role", {"name": "a b"}, "name", "must contain only alphanumeric characters and the following: + = ,"),
    ("Role", {"maxSessionDuration": 60}, "maxSessionDuration", "range (3600 - 43200), got 60"),
    ("Role", {"permissionsBoundary": "policy"}, "permissionsBoundary", "(policy) is an invalid ARN"),
    ("Role", {"assumeRolePolicy": "not json"}, "assumeRolePolicy", "contains an invalid JSON"),
    ("Policy", {"name": "p" * 129}, "name", "expected length to be in the range (1 - 128), got 129"),
    ("Role", {"assumeRolePolicy": ""}, "assumeRolePolicy", "contains an invalid JSON"),
    ("Queue", {"policy": ""}, "policy", "contains an invalid JSON"),
    ("OpenIdConnectProvider", {"url": "http://example.com"}, "url", 'expected "url" to be an https URL'),
    ("Vpc", {"cidrBlock": "10.0.0.0/8"}, "cidrBlock", "between 16 and 28 significant bits"),
    ("Vpc", {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", '"10.0.0.1/16" is not a valid CIDR block'),
    ("VpcEndpoint", {"securityGroupIds": ["sg-1"]}, "securityGroupIds", "a Gateway endpoint takes no"),
    ("SecurityGroup", {"name": "sg-mine"}, "name", "cannot begin with sg-"),
    ("DefaultSecurityGroup", {"egress": [{"protocol": "-1", "fromPort": 0, "toPort": 1}]}, "egress", "leave"),
    ("SecurityGroupEgressRule", {"prefixListId": "pl-1"}, "cidrIpv4", "exactly one of cidrIpv4, cidrIpv6"),
    ("SecurityGroupEgressRule", {"toPort": 70000}, "toPort", "range (-1 - 65535), got 70000"),
    ("FlowLog", {"trafficType": "SOME"}, "trafficType", "expected to be one of ['ACCEPT', 'ALL', 'REJECT']"),
    ("LogGroup", {"retentionInDays": 31}, "retentionInDays", "expected to be one of [0, 1, 3, 5, 7, 14, 30"),
    ("LogGroup", {"name": "a b"}, "name", "isn't a valid log group name"),
    ("MetricAlarm", {"comparisonOperator": ">"}, "comparisonOperator", "expected to be one of"),
    ("MetricAlarm", {"metricName": None}, "metricName", "One of `metricName` or `metricQueries` must be set"),
    ("MetricAlarm", {"alarmActions": ["topic"]}, "alarmActions", "(topic) is an invalid ARN"),
    ("MetricAlarm", {"okActions": [f"arn:aws:sns:eu-west-1:111111111111:t{index}" for index in range(6)]},
     "okActions", "expected at most 5, got 6"),
    ("MetricAlarm", {"period": 45}, "period", "expected to be 10, 20, 30 or a multiple of 60, got 45"),
    ("MetricAlarm", {"period": 0}, "period", "a multiple of 60, got 0"),
    ("MetricAlarm", {"statistic": None, "extendedStatistic": "p101"}, "extendedStatistic", "percentile"),
    ("Dashboard", {"dashboardName": "a b"}, "dashboardName", "must contain only alphanumeric characters"),
    ("Key", {"deletionWindowInDays": 6}, "deletionWindowInDays", "range (7 - 30), got 6"),
    ("Key", {"customerMasterKeySpec": "AES_256"}, "customerMasterKeySpec", "expected to be one of"),
    ("Alias", {"name": "payments"}, "name", 'must begin with "alias/"'),
    ("Table", {"name": "ab"}, "name", "expected length to be in the range (3 - 255), got 2 characters: ab"),
    ("Table", {"hashKey": None}, "hashKey", "Missing required argument"),
    ("Table", {"rangeKey": None}, "attributes", "all attributes must be indexed. Unused attributes: ['sk']"),
    ("Table", {"rangeKey": "other"}, "attributes", "Unmatched indexes: ['other']"),
    ("Table", {"readCapacity": 1}, "readCapacity", "cannot be set when billingMode is PAY_PER_REQUEST"),
    ("Table", {"billingMode": "FREE"}, "billingMode", "one of ['PROVISIONED', 'PAY_PER_REQUEST']"),
    ("Queue", {"name": "q" * 81}, "name", "expected length to be in the range (1 - 80), got 81"),
    ("Queue", {"name": "a.b"}, "name", "only alphanumeric characters, hyphens and underscores are allowed"),
    ("Queue", {"fifoQueue": True}, "name", "a FIFO queue's name, and only that, ends with .fifo"),
    ("Queue", {"visibilityTimeoutSeconds": 43_201}, "visibilityTimeoutSeconds", "(0 - 43200), got 43201"),
    ("Queue", {"sqsManagedSseEnabled": True}, "sqsManagedSseEnabled", "conflicts with"),
    ("Topic", {"name": "a/b"}, "name", "must contain only alphanumeric characters, hyphens and underscores"),
    ("TopicSubscription", {"protocol": "pigeon"}, "protocol", "expected to be one of"),
    ("Function", {"runtime": "python2.7"}, "runtime", "is not a runtime that AWS accepts for new functions"),
    ("Function", {"handler": None}, "handler", "handler must be set when packageType is Zip"),
    ("Function", {"memorySize": 64}, "memorySize", "expected to be in the range (128 - 10240), got 64"),
    ("Function", {"timeout": 901}, "timeout", "expected to be in the range (1 - 900), got 901"),
    ("Function", {"imageUri": "x"}, "imageUri", "the sandbox does not implement the property 'imageUri'"),
    ("Function", {"architectures": ["arm"]}, "architectures", "expected to be one of ['arm64', 'x86_64']"),
    ("Function", {"architectures": ["arm64", "x86_64"]}, "architectures", "expected at most 1, got 2"),
    ("EventSourceMapping", {"functionResponseTypes": ["ReportAll"]}, "functionResponseTypes", "one of"),
    ("Function", {"tracingConfig": {"mode": "On"}}, "tracingConfig.mode", "expected to be one of"),
    ("EventSourceMapping", {"scalingConfig": {"maximumConcurrency": 1}}, "scalingConfig.maximumConcurrency",
     "expected to be in the range (2 - 1000), got 1"),
    ("EventSourceMapping", {"batchSize": 11, "maximumBatchingWindowInSeconds": 0}, "batchSize", "more than"),
    ("FunctionEventInvokeConfig", {"maximumRetryAttempts": 3}, "maximumRetryAttempts", "(0 - 2), got 3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_name", "spoiled", "path", "message"),
    [pytest.param(*case, id=f"{case[0]}-{case[2]}-{index}") for index, case in enumerate(SPOILED)],
)
def test_what_aws_refuses_is_refused_before_it_is_asked(
    type_name: str, spoiled: dict[str, Any], path: str, message: str, plugin: Plugin, tmp_path: Path
) -> None:
    example = next(each for each in EXAMPLES if each.urn_type.endswith(f":{type_name}"))
    inputs = {**example.valid(World(plugin, tmp_path)), **spoiled}
    with pytest.raises(RefusedError) as refused:
        plugin.check(example.urn_type, {name: value for name, value in inputs.items() if value is not None})
    assert message in refused.value.failures[path]
    assert list(refused.value.failures) == [path]


@pytest.mark.parametrize("statistic", ["p99", "p99.9", "p100", "tm90", "IQM", "TM(10%:90%)", "PR(:300)"])
def test_extended_statistics_of_aws_are_accepted(statistic: str, plugin: Plugin, tmp_path: Path) -> None:
    example = next(each for each in EXAMPLES if each.urn_type.endswith(":MetricAlarm"))
    inputs = {**example.valid(World(plugin, tmp_path)), "extendedStatistic": statistic}
    plugin.check(example.urn_type, {name: value for name, value in inputs.items() if name != "statistic"})


def test_a_queue_takes_messages_of_256_kib_by_default(plugin: Plugin) -> None:
    assert plugin.check("aws:sqs/queue:Queue", {"name": "q"})["maxMessageSize"] == 262_144


def test_a_name_is_made_up_when_the_program_gives_none_and_kept_from_then_on(plugin: Plugin) -> None:
    first = plugin.check("aws:sqs/queue:Queue", {}, "queue")
    assert first["name"].startswith("queue-")
    assert len(first["name"]) == len("queue-") + 7
    assert "name" in first["__defaults"]
    assert (
        plugin.check("aws:sqs/queue:Queue", {}, "queue", {**first, "name": "queue-1234567"})["name"]
        == "queue-1234567"
    )


def test_a_resource_of_another_region_is_refused(plugin: Plugin) -> None:
    with pytest.raises(RefusedError) as refused:
        plugin.check("aws:sqs/queue:Queue", {"name": "q", "region": "us-east-1"})
    assert refused.value.failures == {
        "region": "the sandbox deploys to the provider's region, eu-west-1, not to us-east-1"
    }
