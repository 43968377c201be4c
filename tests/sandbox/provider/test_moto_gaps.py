"""Each gap over boto3 alone: what moto is told, it must tell again."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.provider import moto_gaps
from tests.sandbox.provider.examples import World, policy
from tests.sandbox.provider.plugin import Plugin


@pytest.fixture
def world(plugin: Plugin, tmp_path: Path) -> World:
    return World(plugin, tmp_path)


def _configuration(world: World, name: str) -> dict[str, Any]:
    return dict(world.client("lambda").get_function_configuration(FunctionName=name))


def test_a_function_keeps_its_dead_letter_queue_and_log_group(world: World) -> None:
    world.function("it")
    client = world.client("lambda")
    client.update_function_configuration(
        FunctionName="it",
        DeadLetterConfig={"TargetArn": world.arn("sqs", "dead")},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "group"},
    )
    assert _configuration(world, "it")["DeadLetterConfig"] == {"TargetArn": world.arn("sqs", "dead")}
    assert _configuration(world, "it")["LoggingConfig"]["LogGroup"] == "group"
    client.update_function_configuration(FunctionName="it", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in _configuration(world, "it")


def test_a_functions_key_tracing_and_storage_can_be_changed(world: World) -> None:
    world.function("it")
    key = world.arn("kms", "key/1")
    world.client("lambda").update_function_configuration(
        FunctionName="it", KMSKeyArn=key, TracingConfig={"Mode": "Active"}, EphemeralStorage={"Size": 1024}
    )
    configuration = _configuration(world, "it")
    assert configuration["KMSKeyArn"] == key
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["EphemeralStorage"] == {"Size": 1024}


def test_a_function_moves_to_another_architecture_and_out_of_its_vpc(world: World) -> None:
    world.function("it")
    client = world.client("lambda")
    client.update_function_code(
        FunctionName="it", ZipFile=Path(world.code("x")["path"]).read_bytes(), Architectures=["arm64"]
    )
    assert _configuration(world, "it")["Architectures"] == ["arm64"]
    network = {"SubnetIds": list(world.subnets), "SecurityGroupIds": [world.groups[0]]}
    client.update_function_configuration(FunctionName="it", VpcConfig=network)
    assert _configuration(world, "it")["VpcConfig"]["VpcId"] == world.vpc
    client.update_function_configuration(
        FunctionName="it", VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}
    )
    assert not _configuration(world, "it").get("VpcConfig")


def test_a_function_can_be_switched_off_by_reserving_nothing(world: World) -> None:
    world.function("it")
    world.client("lambda").put_function_concurrency(FunctionName="it", ReservedConcurrentExecutions=0)
    found = world.client("lambda").get_function(FunctionName="it")
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 0}


def test_putting_invoke_settings_again_replaces_them(world: World) -> None:
    world.function("it")
    for attempts in (2, 1):
        world.client("lambda").put_function_event_invoke_config(
            FunctionName="it", MaximumRetryAttempts=attempts
        )
    found = world.client("lambda").get_function_event_invoke_config(FunctionName="it")
    assert found["MaximumRetryAttempts"] == 1


def test_setting_one_attribute_of_a_queue_leaves_its_policy_and_redrive_allow_policy(world: World) -> None:
    url, sqs = world.queue(), world.client("sqs")
    allowed = json.dumps({"redrivePermission": "denyAll"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy("sqs:SendMessage")})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allowed})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["Policy"] == policy("sqs:SendMessage")
    assert attributes["RedriveAllowPolicy"] == allowed
    assert attributes["VisibilityTimeout"] == "7"


@pytest.mark.parametrize(
    ("again", "reason"),
    [
        ({"Attributes": {"DisplayName": "b"}}, "different attributes"),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "tags"),
    ],
)
def test_a_topic_is_not_created_twice_with_different_settings(world: World, again: Any, reason: str) -> None:
    sns = world.client("sns")
    first = sns.create_topic(Name="it")["TopicArn"]
    assert sns.create_topic(Name="it")["TopicArn"] == first
    with pytest.raises(ClientError, match=reason):
        sns.create_topic(Name="it", **again)


def test_a_rule_towards_a_group_has_a_description_and_can_be_modified(world: World) -> None:
    ec2 = world.client("ec2")
    group, other = world.groups
    pair = {"GroupId": other, "Description": "from the function"}
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair]}
    answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rule = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    assert answer["SecurityGroupRules"][0]["Description"] == "from the function"
    third = world.group("three")
    changed = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "ReferencedGroupId": third,
        "Description": "new",
    }
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": changed}]
    )
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert found["ReferencedGroupInfo"]["GroupId"] == third
    assert found["Description"] == "new"


def test_a_gateway_endpoints_routes_follow_its_route_tables(world: World) -> None:
    ec2 = world.client("ec2")
    one, other = world.tables
    endpoint = ec2.create_vpc_endpoint(
        VpcId=world.vpc,
        ServiceName=f"com.amazonaws.{world.region}.dynamodb",
        VpcEndpointType="Gateway",
        RouteTableIds=[one],
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[other], RemoveRouteTableIds=[one])
    tables = ec2.describe_route_tables(RouteTableIds=[one, other])["RouteTables"]
    routed = {
        table["RouteTableId"]: [route.get("GatewayId") for route in table["Routes"]] for table in tables
    }
    assert endpoint in routed[other]
    assert endpoint not in routed[one]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def test_an_endpoint_can_be_deleted_twice(world: World) -> None:
    ec2 = world.client("ec2")
    endpoint = ec2.create_vpc_endpoint(
        VpcId=world.vpc,
        ServiceName="com.amazonaws.eu-west-1.dynamodb",
        VpcEndpointType="Gateway",
        RouteTableIds=[world.tables[0]],
    )["VpcEndpoint"]["VpcEndpointId"]
    for _ in range(2):
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def test_a_vpcs_own_network_acl_goes_with_it(world: World) -> None:
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own = {"Name": "vpc-id", "Values": [vpc]}
    assert ec2.describe_network_acls(Filters=[own])["NetworkAcls"]
    ec2.delete_vpc(VpcId=vpc)
    assert not ec2.describe_network_acls(Filters=[own])["NetworkAcls"]


def test_a_log_group_changes_its_key(world: World) -> None:
    logs = world.client("logs")
    logs.create_log_group(logGroupName="it")
    logs.associate_kms_key(logGroupName="it", kmsKeyId=world.arn("kms", "key/1"))
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == world.arn("kms", "key/1")
    logs.disassociate_kms_key(logGroupName="it")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


def test_an_openid_connect_provider_gains_and_loses_clients(world: World) -> None:
    iam = world.client("iam")
    created = iam.create_open_id_connect_provider(Url="https://example.com", ClientIDList=["a"])
    arn = created["OpenIDConnectProviderArn"]
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="b")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["a", "b"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="a")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["b"]


def test_filling_twice_fills_once() -> None:
    from moto.sqs.models import Queue

    before = Queue._set_attributes
    moto_gaps.fill()
    assert Queue._set_attributes is before


def test_time_to_live_is_switched_off_only_with_the_attribute_that_it_is_on_for(world: World) -> None:
    dynamodb = world.client("dynamodb")
    dynamodb.create_table(
        TableName="one",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )

    def switch(attribute: str, *, on: bool) -> None:
        specification = {"AttributeName": attribute, "Enabled": on}
        dynamodb.update_time_to_live(TableName="one", TimeToLiveSpecification=specification)

    switch("expires", on=True)
    with pytest.raises(ClientError, match="active on a different AttributeName"):
        switch("expiresAt", on=False)
    with pytest.raises(ClientError, match="already enabled"):
        switch("expires", on=True)
    switch("expires", on=False)
    assert (
        dynamodb.describe_time_to_live(TableName="one")["TimeToLiveDescription"]["TimeToLiveStatus"]
        == "DISABLED"
    )


def test_a_redrive_allow_policy_can_be_asked_for_by_name(world: World) -> None:
    sqs = world.client("sqs")
    url = sqs.create_queue(QueueName="letters")["QueueUrl"]
    names = ["RedriveAllowPolicy", "VisibilityTimeout"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] == {
        "VisibilityTimeout": "30"
    }
    allowed = json.dumps({"redrivePermission": "denyAll"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allowed})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert json.loads(found["RedriveAllowPolicy"]) == {"redrivePermission": "denyAll"}


def test_an_update_of_a_role_without_a_description_keeps_it(world: World) -> None:
    iam = world.client("iam")
    iam.create_role(RoleName="it", AssumeRolePolicyDocument=json.dumps(policy()), Description="kept")
    iam.update_role(RoleName="it", MaxSessionDuration=7200)
    assert iam.get_role(RoleName="it")["Role"]["Description"] == "kept"
    iam.update_role(RoleName="it", Description="")
    assert not iam.get_role(RoleName="it")["Role"].get("Description")


def test_private_dns_of_an_endpoint_can_be_switched(world: World) -> None:
    ec2 = world.client("ec2")
    endpoint = ec2.create_vpc_endpoint(
        VpcId=world.vpc,
        ServiceName=f"com.amazonaws.{world.region}.sns",
        VpcEndpointType="Interface",
        SubnetIds=list(world.subnets),
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    for changed, expected in (({"PrivateDnsEnabled": False}, False), ({"PolicyDocument": "{}"}, False)):
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, **changed)
        (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
        assert found["PrivateDnsEnabled"] is expected


def test_an_alarm_of_a_deleted_ones_name_begins_without_its_tags(world: World) -> None:
    cloudwatch = world.client("cloudwatch")
    alarm: dict[str, Any] = {
        "AlarmName": "it",
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1.0,
    }
    cloudwatch.put_metric_alarm(**alarm, Tags=[{"Key": "old", "Value": "1"}])
    cloudwatch.delete_alarms(AlarmNames=["it"])
    cloudwatch.put_metric_alarm(**alarm)
    (found,) = cloudwatch.describe_alarms(AlarmNames=["it"])["MetricAlarms"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == []


def test_the_tags_of_a_deleted_security_group_go_with_it(world: World) -> None:
    ec2 = world.client("ec2")
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": "gone"}]}]
    group = ec2.create_security_group(
        GroupName="gone", Description="gone", VpcId=world.vpc, TagSpecifications=tags
    )["GroupId"]
    ec2.delete_security_group(GroupId=group)
    assert ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [group]}])["Tags"] == []
