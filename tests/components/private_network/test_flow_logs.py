import pytest

from components.private_network import PrivateNetwork
from tests.builders import FLOW_LOG_ROLE, private_network_args, with_provider
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
    assert inputs["iamRoleArn"] == FLOW_LOG_ROLE


def test_the_log_group_is_encrypted_and_kept_as_long_as_configured(recorder: Recorder) -> None:
    inputs = recorder.one("logGroup:LogGroup").inputs
    assert inputs["name"] == "flow-log-group-dev-acme"
    assert inputs["retentionInDays"] == 30
    assert inputs["kmsKeyId"] == "arn:of:flow-log-key"


def test_the_service_may_use_the_key_for_this_log_group(recorder: Recorder) -> None:
    _, logs = recorder.one("kms/key:Key").document()["Statement"]
    (arn,) = logs["Condition"]["ArnEquals"].values()
    assert arn.endswith(":log-group:flow-log-group-dev-acme")
