import pytest

from components.private_network import PrivateNetwork
from tests.builders import BOUNDARY, private_network_args, with_provider
from tests.recorder import Recorder, record


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    args = private_network_args(flow_log_retention_days=30)
    return record(with_provider(lambda opts: PrivateNetwork("network", args, opts)))


def test_all_traffic_is_logged_at_the_finest_interval(recorder: Recorder) -> None:
    inputs = recorder.one("flowLog:FlowLog").inputs
    assert inputs["vpcId"] == "vpc-id"
    assert inputs["trafficType"] == "ALL"
    assert inputs["maxAggregationInterval"] == 60
    assert inputs["logDestinationType"] == "cloud-watch-logs"
    assert inputs["logDestination"] == "arn:of:flow-log-group"
    assert inputs["iamRoleArn"] == "arn:of:flow-log-role"


def test_the_log_group_is_encrypted_and_kept_as_long_as_configured(recorder: Recorder) -> None:
    inputs = recorder.one("logGroup:LogGroup").inputs
    assert inputs["name"] == "flow-log-group-dev-acme"
    assert inputs["retentionInDays"] == 30
    assert inputs["kmsKeyId"] == "arn:of:flow-log-key"


def test_the_service_may_use_the_key_for_this_log_group(recorder: Recorder) -> None:
    _, logs = recorder.one("kms/key:Key").document()["Statement"]
    (arn,) = logs["Condition"]["ArnEquals"].values()
    assert arn.endswith(":log-group:flow-log-group-dev-acme")


def test_the_role_is_the_services_for_this_account_inside_the_boundary(recorder: Recorder) -> None:
    role = recorder.one("iam/role:Role")
    (trust,) = role.document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111111111111"}
    assert role.inputs["permissionsBoundary"] == BOUNDARY


def test_the_role_writes_to_this_log_group_only(recorder: Recorder) -> None:
    statements = {each["Sid"]: each for each in recorder.one("iam/policy:Policy").document()["Statement"]}
    group = "arn:aws:logs:us-east-1:111111111111:log-group:flow-log-group-dev-acme"
    assert statements["WriteFlowLogs"]["Resource"] == [group, f"{group}:*"]
    others = [
        action for sid, each in statements.items() if sid != "WriteFlowLogs" for action in [each["Action"]]
    ]
    assert all(action == "logs:DescribeLogGroups" for action in others)


def test_the_role_can_write_before_there_is_anything_to_write(recorder: Recorder) -> None:
    attachment = recorder.one("RolePolicyAttachment")
    assert attachment.urn in recorder.one("flowLog:FlowLog").dependencies
