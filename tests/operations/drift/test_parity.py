"""Prod against staging, and against dev, as the nine stacks of the sandbox were deployed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from operations.drift.report import ABSENT, Classification, Kind, Severity, Status
from operations.engine.failure import StackName
from tests.operations.drift.runs import changed, drift, of_class, parity, places, resource, resources

PROD = StackName(project="payments", environment="prod")
STAGING = StackName(project="payments", environment="staging")
ALARMS = {
    ("payments-dead-letter-depth-alarm", "threshold"): "payments:deadLetterAlarmThreshold",
    ("payments-verification-depth-alarm", "threshold"): "payments:deadLetterAlarmThreshold",
    ("payments-function-errors-alarm", "threshold"): "payments:errorAlarmThreshold",
    ("payments-function-throttles-alarm", "threshold"): "payments:throttleAlarmThreshold",
    ("payments-oldest-message-alarm", "threshold"): "payments:oldestMessageAlarmSeconds",
}
DASHBOARD = {
    ("payments-dashboard", f"dashboardBody.widgets[{widget}].properties.annotations.horizontal[0].value"): key
    for widget, key in (
        (1, "payments:deadLetterAlarmThreshold"),
        (2, "payments:oldestMessageAlarmSeconds"),
        (3, "payments:errorAlarmThreshold"),
        (4, "payments:throttleAlarmThreshold"),
        (6, "payments:deadLetterAlarmThreshold"),
    )
}
CONTROLLED = {
    ("payments-function", "memorySize"): "payments:memoryMb",
    ("payments-function", "reservedConcurrentExecutions"): "payments:reservedConcurrency",
    ("payments-event-source-mapping", "scalingConfig.maximumConcurrency"): "payments:reservedConcurrency",
    ("payments-queue", "redrivePolicy.maxReceiveCount"): "payments:maxReceiveCount",
    ("payments-verification-queue", "redrivePolicy.maxReceiveCount"): "payments:maxReceiveCount",
    ("payments-log-group", "retentionInDays"): "payments:logRetentionDays",
    ("flow-log-group", "retentionInDays"): "network:flowLogRetentionDays",
    **ALARMS,
    **DASHBOARD,
}
"""What the brief lets vary, and the setting that drives each."""
BACKUP = {("payments-table", "pointInTimeRecovery.enabled"): "payments:pointInTimeRecovery"}


@pytest.mark.parametrize(
    ("baseline", "target", "controlled"),
    [
        ("staging", "prod", CONTROLLED),
        ("prod", "staging", CONTROLLED),
        ("dev", "staging", CONTROLLED | BACKUP),
        ("dev", "prod", CONTROLLED | BACKUP),
    ],
)
def test_environments_differ_in_the_controlled_variations_and_in_nothing_else(
    exports: Mapping[StackName, Any], baseline: str, target: str, controlled: Mapping[tuple[str, str], str]
) -> None:
    report = parity(exports, baseline=baseline, target=target)
    explained = of_class(report, Classification.CONTROLLED)
    assert {(found.resource, found.path): found.explained_by for found in explained} == controlled
    assert len(explained) + len(of_class(report, Classification.IDENTITY)) == len(report.findings)
    assert report.status(report.checks[0]) is Status.IN_SYNC


def test_a_controlled_variation_names_both_values_and_why(exports: Mapping[StackName, Any]) -> None:
    (memory,) = [found for found in parity(exports).findings if found.path == "memorySize"]
    assert (memory.baseline, memory.target) == (1024, 2048)
    assert memory.reason == "CPU comes with memory: prod buys latency, dev does not need it."


def test_a_scaling_value_that_is_not_the_declared_one_is_drift(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    function = resource(documents[PROD], "payments-function")
    function["inputs"]["memorySize"] = function["outputs"]["memorySize"] = 4096
    (found,) = drift(parity(documents))
    assert (found.resource, found.path, found.baseline, found.target) == (
        "payments-function",
        "memorySize",
        1024,
        4096,
    )
    assert found.reason == "prod holds 4096, its program declares 2048 (driven by payments:memoryMb)."
    assert found.fix == "python scripts/deploy.py up --env prod --project payments"


def test_the_declared_value_of_the_other_environment_is_drift_too(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, STAGING)
    resource(documents[STAGING], "payments-log-group")["inputs"]["retentionInDays"] = 14
    resource(documents[STAGING], "payments-log-group")["outputs"]["retentionInDays"] = 14
    (found,) = drift(parity(documents))
    assert (found.path, found.baseline, found.target, found.environment) == (
        "retentionInDays",
        14,
        365,
        "prod",
    )
    assert "staging holds 14" in (found.reason or "")
    assert "--env staging" in found.fix


def test_what_both_lower_to_the_same_value_is_no_difference_of_theirs(
    exports: Mapping[StackName, Any],
) -> None:
    documents = changed(changed(exports, PROD), STAGING)
    for name in (PROD, STAGING):
        for side in ("inputs", "outputs"):
            resource(documents[name], "payments-function")[side]["timeout"] = 60
    assert drift(parity(documents)) == []


def test_what_the_account_was_last_seen_to_have_counts(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    resource(documents[PROD], "payments-queue")["outputs"]["visibilityTimeoutSeconds"] = 5
    (found,) = drift(parity(documents))
    assert (found.path, found.baseline, found.target) == ("visibilityTimeoutSeconds", 181, 5)


@pytest.mark.parametrize(("environment", "kind"), [("prod", Kind.MISSING), ("staging", Kind.EXTRA)])
def test_a_resource_of_one_environment_only_is_drift(
    exports: Mapping[StackName, Any], environment: str, kind: Kind
) -> None:
    name = StackName(project="payments", environment=environment)
    documents = changed(exports, name)
    gone = resource(documents[name], "payments-function-errors-alarm")
    documents[name]["deployment"]["resources"].remove(gone)
    (found,) = drift(parity(documents))
    assert (found.resource, found.path, found.kind) == ("payments-function-errors-alarm", "", kind)
    assert ABSENT in (found.baseline, found.target)
    assert found.severity is Severity.HIGH


def test_a_renamed_resource_is_missing_and_extra_and_said_to_be_renamed(
    exports: Mapping[StackName, Any],
) -> None:
    documents = changed(exports, PROD)
    renamed = resource(documents[PROD], "payments-dashboard")
    renamed["urn"] = renamed["urn"].replace("::payments-dashboard", "::overview")
    found = drift(parity(documents))
    assert {(each.resource, each.kind) for each in found} == {
        ("payments-dashboard", Kind.MISSING),
        ("overview", Kind.EXTRA),
    }
    assert all("renamed" in (each.reason or "") for each in found)


def test_another_artifact_is_a_finding_of_the_stack(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    (stack,) = resources(documents[PROD], "pulumi:pulumi:Stack")[:1]
    stack["outputs"]["artifactDigest"] = "ff" * 32
    (found,) = drift(parity(documents))
    assert (found.resource, found.path, found.target) == ("(stack)", "outputs.artifactDigest", "ff" * 32)


def test_another_provider_version_is_a_finding_of_the_stack(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    (provider,) = resources(documents[PROD], "pulumi:providers:aws")
    provider["inputs"]["version"] = "7.0.0"
    (found,) = drift(parity(documents))
    assert (found.resource, found.path, found.target) == ("(stack)", "providers.aws.version", "7.0.0")


@pytest.mark.parametrize("lineage", [[], ["arn:aws:dynamodb:us-east-1:111111111111:table/other"]])
def test_a_lineage_that_does_not_go_on_from_the_baseline_is_drift(
    exports: Mapping[StackName, Any], lineage: list[str]
) -> None:
    documents = changed(exports, PROD)
    resources(documents[PROD], "pulumi:pulumi:Stack")[0]["outputs"]["upstreamTableArns"] = lineage
    assert all(path.startswith("outputs.upstreamTableArns") for _, path in places(drift(parity(documents))))
    assert drift(parity(documents))


def test_an_identifier_of_the_baseline_in_the_target_is_drift(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    theirs = resource(documents[STAGING], "payments-function")["inputs"]["role"]
    resource(documents[PROD], "payments-function")["inputs"]["role"] = theirs
    resource(documents[PROD], "payments-function")["outputs"]["role"] = theirs
    (found,) = drift(parity(documents))
    assert (found.path, found.severity) == ("role", Severity.CRITICAL)
    assert "222222222222" in str(found.target)


def test_another_resource_of_the_same_kind_is_drift(exports: Mapping[StackName, Any]) -> None:
    """Identifiers that AWS made up are told apart by what they name."""
    documents = changed(exports, PROD)
    function = resource(documents[PROD], "payments-function")
    subnets = function["inputs"]["vpcConfig"]["subnetIds"]
    for side in ("inputs", "outputs"):
        function[side]["vpcConfig"]["subnetIds"] = [subnets[0], subnets[0]]
    found = drift(parity(documents))
    assert found
    assert all(each.path.startswith("vpcConfig.subnetIds") for each in found)


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_a_resources_only_tag_of_its_own_is_told_once(
    exports: Mapping[StackName, Any], environment: str
) -> None:
    name = StackName(project="network", environment=environment)
    documents = changed(exports, name)
    group = resource(documents[name], "flow-log-group")
    for side in (group["inputs"], group["outputs"]):
        side["tags"] = {"Rogue": "yes"}
        side["tagsAll"] = {**side["tagsAll"], "Rogue": "yes"}
    assert places(drift(parity(documents, projects=("network",)))) == {("flow-log-group", "tags")}


def test_the_order_of_sets_and_of_tags_means_nothing(exports: Mapping[StackName, Any]) -> None:
    documents = {name: json.loads(json.dumps(exports[name])) for name in exports}
    for name, document in documents.items():
        if name.environment == "prod":
            for each in resources(document):
                for side in ("inputs", "outputs"):
                    each[side] = turned_round(each[side])
    assert drift(parity(documents)) == []


def turned_round(value: Any, key: str = "") -> Any:
    """Members of mappings and of lists the other way round, JSON in text included; a dashboard as it is."""
    if isinstance(value, dict):
        return {name: turned_round(value[name], name) for name in reversed(value)}
    if isinstance(value, list):
        return [turned_round(item) for item in reversed(value)]
    if isinstance(value, str) and value[:1] == "{" and key != "dashboardBody":
        return json.dumps(turned_round(json.loads(value)))
    return value


def test_a_break_glass_in_force_is_noted_and_is_no_drift(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    resources(documents[PROD], "pulumi:pulumi:Stack")[0]["outputs"]["breakGlass"] = {
        "reason": "INC-7",
        "expires": "noon",
    }
    report = parity(documents)
    assert dict(report.notes) == {"break-glass in force: payments/prod": "INC-7 (until noon)"}
    assert drift(report) == []


def test_controlled_variations_stay_when_there_is_drift_besides(exports: Mapping[StackName, Any]) -> None:
    documents = changed(exports, PROD)
    resource(documents[PROD], "payments-function")["inputs"]["timeout"] = 3
    resource(documents[PROD], "payments-function")["outputs"]["timeout"] = 3
    report = parity(documents)
    assert places(of_class(report, Classification.CONTROLLED)) == CONTROLLED.keys()
    assert places(drift(report)) == {("payments-function", "timeout")}
