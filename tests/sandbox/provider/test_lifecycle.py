"""Errors, partial failures and what the engine is told of them."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from botocore.exceptions import ClientError
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.provider.resources import logs, sns
from sandbox.provider.wire import UNKNOWN, from_struct
from tests.sandbox.provider.examples import World
from tests.sandbox.provider.plugin import STACK_TAGS, Plugin, serve

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
TOPIC = "aws:sns/topic:Topic"
QUEUE = "aws:sqs/queue:Queue"


def _details(error: Any) -> str:
    return str(error.value.details())


def _initialization_failure(error: Any) -> Any:
    metadata = dict(error.value.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    failure = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failure)
    return failure


def _throttled(*_: Any) -> None:
    raise ClientError(
        {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "PutRetentionPolicy"
    )


def test_a_resource_that_could_not_be_completed_is_recorded_and_repaired_by_the_next_update(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"name": "payments-log-group-dev-acme", "retentionInDays": 30}
    with monkeypatch.context() as broken:
        broken.setattr(logs.LogGroup, "complete", _throttled)
        with pytest.raises(grpc.RpcError) as raised:
            plugin.create(LOG_GROUP, inputs)
    failure = _initialization_failure(raised)
    assert failure.id == "payments-log-group-dev-acme"
    assert list(failure.reasons) == [
        "creating CloudWatch Logs Log Group (payments-log-group-dev-acme): operation error "
        "PutRetentionPolicy, https response error StatusCode: ?, api error ThrottlingException: Rate exceeded"
    ]
    held = plugin.held(LOG_GROUP, failure.id, from_struct(failure.inputs), from_struct(failure.properties))
    assert held.state["retentionInDays"] == 0
    assert plugin.diff(held, inputs).paths == {"retentionInDays": "UPDATE"}
    assert plugin.update(held, inputs).state["retentionInDays"] == 30


def test_a_resource_that_could_not_even_be_read_again_is_recorded_without_being_replaced(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"name": "payments-log-group-dev-acme", "retentionInDays": 30}
    with monkeypatch.context() as broken:
        broken.setattr(logs.LogGroup, "complete", _throttled)
        broken.setattr(logs.LogGroup, "read", _throttled)
        with pytest.raises(grpc.RpcError) as raised:
            plugin.create(LOG_GROUP, inputs)
    failure = _initialization_failure(raised)
    held = plugin.held(LOG_GROUP, failure.id, from_struct(failure.inputs), from_struct(failure.properties))
    assert plugin.diff(held, inputs).replaces == []
    assert plugin.update(held, inputs).state["retentionInDays"] == 30


def test_an_update_converges_from_what_aws_has_not_from_what_the_state_says(plugin: Plugin) -> None:
    held = plugin.create(TOPIC, {"name": "topic", "displayName": "one"})
    plugin.client("sns").set_topic_attributes(
        TopicArn=held.id, AttributeName="DisplayName", AttributeValue="by hand"
    )
    plugin.client("sns").untag_resource(ResourceArn=held.id, TagKeys=["Project"])
    updated = plugin.update(held, {"name": "topic", "displayName": "one"})
    assert updated.state["displayName"] == "one"
    assert updated.state["tagsAll"] == STACK_TAGS


def test_a_failed_update_leaves_the_state_and_is_repeated(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = plugin.create(TOPIC, {"name": "topic", "displayName": "one"})
    with monkeypatch.context() as broken:
        broken.setattr(sns.Topic, "retag", _throttled)
        with pytest.raises(grpc.RpcError) as raised:
            plugin.update(held, {"name": "topic", "displayName": "two", "tags": {"a": "b"}})
    assert _details(raised).startswith("updating SNS Topic (topic): operation error")
    assert plugin.update(held, {"name": "topic", "displayName": "two", "tags": {"a": "b"}}).state["tags"] == {
        "a": "b"
    }


def test_an_update_of_what_is_gone_says_what_to_do(plugin: Plugin) -> None:
    held = plugin.create(TOPIC, {"name": "topic"})
    plugin.client("sns").delete_topic(TopicArn=held.id)
    with pytest.raises(grpc.RpcError) as raised:
        plugin.update(held, {"name": "topic", "displayName": "one"})
    assert _details(raised) == (
        f"SNS Topic ({held.id}) does not exist any more: run `pulumi refresh`, then update"
    )


def test_a_refused_call_is_told_in_awss_words(plugin: Plugin, tmp_path: Path) -> None:
    world = World(plugin, tmp_path)
    vpc = plugin.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    world.client("ec2").create_subnet(VpcId=vpc.id, CidrBlock="10.0.1.0/24")
    with pytest.raises(grpc.RpcError) as raised:
        plugin.delete(vpc)
    assert _details(raised) == (
        f"deleting EC2 VPC ({vpc.id}): operation error DeleteVpc, https response error StatusCode: 400, "
        f"api error DependencyViolation: The vpc '{vpc.id}' has dependencies and cannot be deleted."
    )


def test_a_request_that_botocore_refuses_is_told_without_a_traceback(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(
            "aws:sns/topicSubscription:TopicSubscription",
            {"topic": "arn:aws:sns:eu-west-1:111111111111:x", "protocol": "email", "endpoint": "a@b"},
        )
    assert _details(raised).startswith("creating SNS Topic Subscription (it): operation error Subscribe")
    assert "Traceback" not in _details(raised)


def test_ignored_changes_are_neither_shown_nor_made(plugin: Plugin) -> None:
    held = plugin.create(QUEUE, {"name": "queue", "tags": {"a": "1"}})
    wanted = {"name": "queue", "visibilityTimeoutSeconds": 60, "tags": {"a": "2"}}
    assert plugin.diff(held, wanted, ("visibilityTimeoutSeconds", "tags")).paths == {}
    assert plugin.diff(held, wanted, ("tags.a",)).paths == {"visibilityTimeoutSeconds": "UPDATE"}


def test_a_named_resource_is_deleted_before_its_replacement_is_created(plugin: Plugin) -> None:
    queue = plugin.create(QUEUE, {"name": "queue"})
    assert plugin.diff(queue, {"name": "queue.fifo", "fifoQueue": True}).replaces == ["name", "fifoQueue"]
    assert not plugin.diff(queue, {"name": "queue.fifo", "fifoQueue": True}).delete_first
    table = {"name": "table", "billingMode": "PAY_PER_REQUEST", "hashKey": "pk"}
    held = plugin.create("aws:dynamodb/table:Table", {**table, "attributes": [{"name": "pk", "type": "S"}]})
    keyed = {**table, "hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}
    assert set(plugin.diff(held, keyed).replaces) == {"hashKey", "attributes"}
    assert plugin.diff(held, keyed).delete_first
    made_up = plugin.create(QUEUE, {})
    assert not plugin.diff(made_up, {"name": "queue.fifo", "fifoQueue": True}).delete_first


def test_a_changed_stack_tag_is_an_update_in_place_of_all_tags(plugin: Plugin) -> None:
    held = plugin.create(QUEUE, {"name": "queue", "tags": {"Name": "queue"}})
    with serve(plugin.account) as other:
        other.configure(defaultTags={"tags": {**STACK_TAGS, "Environment": "test"}})
        diff = other.diff(held, {"name": "queue", "tags": {"Name": "queue"}})
        assert diff.paths == {"tagsAll.Environment": "UPDATE"}
        assert diff.replaces == []
        updated = other.update(held, {"name": "queue", "tags": {"Name": "queue"}})
        assert updated.state["tags"] == {"Name": "queue"}
        assert updated.state["tagsAll"]["Environment"] == "test"


def test_a_preview_of_new_code_leaves_its_digest_unknown(plugin: Plugin, tmp_path: Path) -> None:
    world = World(plugin, tmp_path)
    function = {
        "name": "function",
        "role": world.role,
        "runtime": "python3.13",
        "handler": "handler.handler",
        "code": world.code("one"),
    }
    held = plugin.create("aws:lambda/function:Function", function)
    promised = plugin.preview_update(held, {**function, "code": world.code("two")})
    assert "codeSha256" not in {name for name, value in promised.items() if value == held.state.get(name)}
    assert promised["arn"] == held.state["arn"]


def test_a_group_whose_open_egress_could_not_be_closed_is_not_left_behind(
    plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.ec2.models.security_groups import SecurityGroupBackend

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise PermissionError

    world = World(plugin, tmp_path)
    group = {"name": "function-security-group-dev-acme", "vpcId": world.vpc}
    with monkeypatch.context() as broken:
        broken.setattr(SecurityGroupBackend, "revoke_security_group_egress", refuse)
        with pytest.raises(grpc.RpcError):
            plugin.create("aws:ec2/securityGroup:SecurityGroup", group)
    found = world.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [group["name"]]}]
    )
    assert found["SecurityGroups"] == []
    assert plugin.create("aws:ec2/securityGroup:SecurityGroup", group).state["egress"] == []


def test_inputs_that_are_not_known_yet_are_not_judged_together(plugin: Plugin) -> None:
    table = {"name": "table", "billingMode": "PAY_PER_REQUEST", "hashKey": "pk", "attributes": UNKNOWN}
    assert plugin.preview("aws:dynamodb/table:Table", table)["attributes"] is UNKNOWN
