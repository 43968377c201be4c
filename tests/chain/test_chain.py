"""The nine stacks on the real engine: what the brief asks for, told by what the three accounts hold."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from components.payment_processor.monitoring import UNNOTIFIED_SECONDS
from components.stack_files import read_project
from sandbox.box import Sandbox
from sandbox.inventory import leftovers
from tests.chain.world import EXPECTED, PROJECTS, SUFFIX, Expected, Held, World, listed, statements, tags

each_environment = pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.environment)

NAMED = {"role", "policy", "log group", "alias", "table", "queue", "topic", "function", "alarm", "dashboard"}
IN_VPC = {
    "vpc": "vpc",
    "subnet": "subnet",
    "route-table": "route table",
    "security-group": "security group",
    "vpc-endpoint": "endpoint",
    "vpc-flow-log": "flow log",
}
"""EC2's own word for a kind of resource, and ours."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Nine stacks, and what their accounts hold."""

    box: Sandbox
    worlds: Mapping[str, World]
    made: Mapping[str, frozenset[Held]]


@pytest.fixture(scope="module")
def chain(deployed: Sandbox) -> Chain:
    worlds = {environment: World(deployed, environment) for environment in deployed.ladder}
    made = {environment: world.made() for environment, world in worlds.items()}
    return Chain(box=deployed, worlds=worlds, made=made)


@pytest.fixture
def world(chain: Chain, expected: Expected) -> World:
    return chain.worlds[expected.environment]


# Accounts, regions, names, tags


@each_environment
def test_each_environment_is_in_an_account_and_a_region_of_its_own(world: World, expected: Expected) -> None:
    assert world.function["FunctionArn"] == (
        f"arn:aws:lambda:{expected.region}:{expected.account}:function:payments-function-{expected.environment}-acme"
    )
    elsewhere = {"us-east-1", "us-west-2", "eu-west-1"} - {expected.region}
    for region in elsewhere:
        functions = world.session.client("lambda", region_name=region, endpoint_url=world.box.url)
        assert not functions.list_functions()["Functions"]
    assert {world.outputs(project)["accountId"] for project in PROJECTS} == {expected.account}


def test_nothing_is_in_any_other_account_or_region(chain: Chain) -> None:
    homes = {f"{expected.account} {expected.region}" for expected in EXPECTED}
    of_iam = {f"{expected.account} us-east-1" for expected in EXPECTED}  # IAM has one place for all regions
    held = leftovers(chain.box.url)

    assert held.keys() == homes | of_iam
    assert {item.split()[0] for place in of_iam - homes for item in held[place]} == {"role", "policy"}


@each_environment
def test_every_name_is_resource_type_environment_suffix(chain: Chain, expected: Expected) -> None:
    made = [held for held in chain.made[expected.environment] if held.kind in NAMED]
    pattern = re.compile(rf"[a-z][a-z0-9]*(-[a-z0-9]+)*-{expected.environment}-{SUFFIX}")

    assert {held.kind for held in made} == NAMED
    assert [held for held in made if not pattern.fullmatch(held.name)] == []


@each_environment
def test_what_has_no_name_carries_it_as_its_name_tag(chain: Chain, world: World, expected: Expected) -> None:
    made, given = chain.made[expected.environment], {}
    for tag in world.client("ec2").describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]:
        given[tag["ResourceId"]] = tag["Value"]
    given |= {
        key: tag["TagValue"]
        for key in (held.name for held in made if held.kind == "key")
        for tag in world.client("kms").list_resource_tags(KeyId=key)["Tags"]
        if tag["TagKey"] == "Name"
    }
    for mapping in world.mappings:
        tags = world.client("lambda").list_tags(Resource=mapping["EventSourceMappingArn"])["Tags"]
        given[mapping["UUID"]] = tags["Name"]

    unnamed = {held for held in made if held.kind in {*IN_VPC.values(), "key", "event source mapping"}}
    unnamed -= {Held("route table", _main_route_table(world))}
    named = {
        held for held in unnamed if given.get(held.name, "").endswith(f"-{expected.environment}-{SUFFIX}")
    }

    assert unnamed - named == set()
    assert {given[held.name].removesuffix(f"-{expected.environment}-{SUFFIX}") for held in named} == {
        "vpc",
        "private-subnet-a",
        "private-subnet-b",
        "private-route-table",
        "default-security-group",
        "function-security-group",
        "endpoint-security-group",
        "dynamodb-endpoint",
        "sns-endpoint",
        "vpc-flow-log",
        "flow-log-key",
        "payments-key",
        "payments-event-source-mapping",
        "payments-verification-event-source-mapping",
    }


def _main_route_table(world: World) -> str:
    """AWS makes it with every VPC, without a name; nothing is associated with it."""
    return next(
        str(table["RouteTableId"])
        for table in world.in_vpc("describe_route_tables", "RouteTables")
        if any(association.get("Main") for association in table["Associations"])
    )


@each_environment
def test_resources_of_every_service_say_whose_they_are(world: World, expected: Expected) -> None:
    iam, name = world.client("iam"), world.name
    queue_url = world.queue("payments-queue")["Url"]
    found = {
        "table": world.client("dynamodb").list_tags_of_resource(ResourceArn=world.table["TableArn"])["Tags"],
        "topic": world.client("sns").list_tags_for_resource(
            ResourceArn=world.outputs("payments")["topicArn"]
        )["Tags"],
        "alarm": world.client("cloudwatch").list_tags_for_resource(
            ResourceARN=world.alarms["payments-dead-letter-depth-alarm"]["AlarmArn"]
        )["Tags"],
        "function role": iam.list_role_tags(RoleName=name("payments-function-role"))["Tags"],
        "vpc": world.client("ec2").describe_vpcs(VpcIds=[world.vpc_id])["Vpcs"][0]["Tags"],
    }
    as_mapping = {kind: {tag["Key"]: tag["Value"] for tag in pairs} for kind, pairs in found.items()}
    as_mapping["function"] = world.client("lambda").list_tags(Resource=world.function["FunctionArn"])["Tags"]
    as_mapping["queue"] = world.client("sqs").list_queue_tags(QueueUrl=queue_url)["Tags"]
    as_mapping["log group"] = world.client("logs").list_tags_for_resource(
        resourceArn=world.arn("logs", f"log-group:{name('payments-log-group')}")
    )["tags"]

    wanted = {"Environment": expected.environment, "EnvironmentSuffix": SUFFIX, "ManagedBy": "pulumi"}
    for kind, pairs in as_mapping.items():
        project = {"vpc": "network", "function role": "bootstrap-iam"}.get(kind, "payments")
        assert pairs.items() >= {**wanted, "Project": project}.items(), kind


# Scaling: the controlled variations


@each_environment
def test_the_function_scales_as_its_environment(world: World, expected: Expected) -> None:
    assert world.function["MemorySize"] == expected.memory_mb
    assert world.function["Concurrency"]["ReservedConcurrentExecutions"] == expected.concurrency
    assert world.mapping["ScalingConfig"]["MaximumConcurrency"] == max(2, expected.concurrency)


@each_environment
def test_the_ledger_is_billed_by_request_and_backed_up_above_dev(world: World, expected: Expected) -> None:
    backups = world.client("dynamodb").describe_continuous_backups(TableName=world.name("payments-table"))
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    assert recovery["PointInTimeRecoveryStatus"] == expected.point_in_time_recovery
    assert world.table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert world.table["ProvisionedThroughput"]["WriteCapacityUnits"] == 0
    assert not world.table["DeletionProtectionEnabled"]


@each_environment
def test_a_payment_is_parked_after_its_environments_number_of_receives(
    world: World, expected: Expected
) -> None:
    queue, parked = world.queue("payments-queue"), world.queue("payments-dead-letter-queue")

    assert json.loads(queue["RedrivePolicy"]) == {
        "deadLetterTargetArn": parked["QueueArn"],
        "maxReceiveCount": expected.receives,
    }
    assert json.loads(parked["RedriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [queue["QueueArn"]],
    }
    assert int(queue["VisibilityTimeout"]) >= 6 * world.function["Timeout"]
    assert int(parked["MessageRetentionPeriod"]) > int(queue["MessageRetentionPeriod"])


@each_environment
def test_alarms_go_off_at_their_environments_thresholds_and_reach_the_operators(
    world: World, expected: Expected
) -> None:
    thresholds = {name: alarm["Threshold"] for name, alarm in world.alarms.items()}

    assert thresholds == {
        "payments-dead-letter-depth-alarm": expected.dead_letter_threshold,
        "payments-oldest-message-alarm": expected.age_seconds,
        "payments-function-errors-alarm": expected.error_threshold,
        "payments-function-throttles-alarm": expected.throttle_threshold,
        "payments-function-duration-alarm": 24_000,
        "payments-verification-depth-alarm": expected.dead_letter_threshold,
        "payments-unnotified-alarm": UNNOTIFIED_SECONDS,
    }
    for alarm in world.alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [world.outputs("payments")["alarmTopicArn"]]
        measured = {pair["Name"]: pair["Value"] for pair in alarm["Dimensions"]}
        own_metric = {"payments", expected.environment}  # of the function's own metrics
        assert set(measured.values()) <= own_metric | {
            world.name(kind)
            for kind in (
                "payments-queue",
                "payments-dead-letter-queue",
                "payments-verification-dead-letter-queue",
                "payments-function",
            )
        }


@each_environment
def test_logs_are_kept_as_long_as_their_environment_needs(world: World, expected: Expected) -> None:
    assert world.log_group("payments-log-group")["retentionInDays"] == expected.log_days
    assert world.log_group("flow-log-group")["retentionInDays"] == expected.flow_log_days


# The function, its queue and its dead-letter queue


@each_environment
def test_the_function_is_arm64_and_logs_and_traces(world: World, expected: Expected) -> None:
    function = world.function

    assert (function["Architectures"], function["Runtime"]) == (["arm64"], "python3.13")
    assert function["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": world.name("payments-log-group")}
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["Handler"] == "payment_processor.handler.handler"


@each_environment
def test_the_queue_feeds_the_function_and_failures_have_a_dead_letter_queue(
    world: World, expected: Expected
) -> None:
    parked = world.queue("payments-dead-letter-queue")["QueueArn"]
    retries = world.client("lambda").get_function_event_invoke_config(
        FunctionName=world.name("payments-function")
    )

    assert world.function["DeadLetterConfig"] == {"TargetArn": parked}
    assert retries["MaximumRetryAttempts"] == 2
    assert world.mapping["EventSourceArn"] == world.queue("payments-queue")["QueueArn"]
    assert world.mapping["FunctionArn"] == world.function["FunctionArn"]
    assert world.mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert world.mapping["State"] == "Enabled"


def test_the_same_code_runs_everywhere(chain: Chain) -> None:
    (digest,) = {world.outputs("payments")["artifactDigest"] for world in chain.worlds.values()}

    for world in chain.worlds.values():
        assert base64.b64decode(world.function["CodeSha256"]).hex() == digest


# Notifications


@each_environment
def test_notifications_and_alarms_go_to_the_environments_addresses(world: World, expected: Expected) -> None:
    environment = expected.environment

    assert world.subscriptions("payments-notification-topic") == [
        ("email", f"payments+{environment}@example.com")
    ]
    assert world.subscriptions("payments-alarm-topic") == [
        ("email", f"payments-oncall+{environment}@example.com")
    ]


@each_environment
def test_topic_policies_let_no_other_account_in_unless_configured(world: World, expected: Expected) -> None:
    notifications = statements(world.topic("payments-notification-topic")["Policy"])
    alarms = statements(world.topic("payments-alarm-topic")["Policy"])

    assert [statement["Sid"] for statement in notifications] == ["DenyInsecureTransport"]
    (allowed,) = [statement for statement in alarms if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": expected.account}


# Encryption and transport


@each_environment
def test_everything_that_holds_payments_is_encrypted_with_the_environments_key(
    world: World, expected: Expected
) -> None:
    key = world.key_arn("payments-key")

    assert world.table["SSEDescription"]["KMSMasterKeyArn"] == key
    assert world.function["KMSKeyArn"] == key
    assert world.log_group("payments-log-group")["kmsKeyId"] == key
    assert {
        world.queue(name)["KmsMasterKeyId"] for name in ("payments-queue", "payments-dead-letter-queue")
    } == {key}
    assert {
        world.topic(name)["KmsMasterKeyId"]
        for name in ("payments-notification-topic", "payments-alarm-topic")
    } == {key}
    assert world.log_group("flow-log-group")["kmsKeyId"] == world.key_arn("flow-log-key")
    for arn in (key, world.key_arn("flow-log-key")):
        assert world.client("kms").get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]


@each_environment
def test_queues_and_topics_refuse_what_comes_without_tls(world: World, expected: Expected) -> None:
    policies = [
        *(world.queue(name)["Policy"] for name in ("payments-queue", "payments-dead-letter-queue")),
        *(world.topic(name)["Policy"] for name in ("payments-notification-topic", "payments-alarm-topic")),
    ]
    for policy in policies:
        refusal = next(statement for statement in statements(policy) if statement["Effect"] == "Deny")
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert refusal["Principal"] in ("*", {"AWS": "*"})


# The private network


@each_environment
def test_the_network_has_private_subnets_only_and_no_way_to_the_internet(
    world: World, expected: Expected
) -> None:
    subnets = world.in_vpc("describe_subnets", "Subnets")
    routes = [
        route for table in world.in_vpc("describe_route_tables", "RouteTables") for route in table["Routes"]
    ]

    assert world.client("ec2").describe_vpcs(VpcIds=[world.vpc_id])["Vpcs"][0]["CidrBlock"] == expected.cidr
    assert {subnet["SubnetId"] for subnet in subnets} == set(world.outputs("network")["privateSubnetIds"])
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    assert world.in_vpc("describe_internet_gateways", "InternetGateways", "attachment.vpc-id") == []
    assert world.client("ec2").describe_nat_gateways()["NatGateways"] == []
    assert world.client("ec2").describe_addresses()["Addresses"] == []
    assert not any(
        "Association" in item for item in world.in_vpc("describe_network_interfaces", "NetworkInterfaces")
    )
    allowed = {"local", world.outputs("network")["dynamodbEndpointId"]}
    assert {route.get("GatewayId") for route in routes} <= allowed
    assert not any(
        route.get("NatGatewayId") or route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in routes
    )


@each_environment
def test_the_function_is_in_the_private_subnets(world: World, expected: Expected) -> None:
    network = world.outputs("network")

    assert set(world.function["VpcConfig"]["SubnetIds"]) == set(network["privateSubnetIds"])
    assert world.function["VpcConfig"]["SecurityGroupIds"] == [network["functionSecurityGroupId"]]
    assert world.function["VpcConfig"]["VpcId"] == world.vpc_id


@each_environment
def test_dynamodb_and_sns_are_reached_through_endpoints_of_the_vpc(world: World, expected: Expected) -> None:
    dynamodb, sns = world.endpoint("dynamodb-endpoint"), world.endpoint("sns-endpoint")
    tables = {
        association["SubnetId"]: table["RouteTableId"]
        for table in world.in_vpc("describe_route_tables", "RouteTables")
        for association in table["Associations"]
        if "SubnetId" in association
    }
    subnets = set(world.outputs("network")["privateSubnetIds"])

    assert (dynamodb["VpcEndpointType"], sns["VpcEndpointType"]) == ("Gateway", "Interface")
    assert dynamodb["ServiceName"] == f"com.amazonaws.{expected.region}.dynamodb"
    assert sns["ServiceName"] == f"com.amazonaws.{expected.region}.sns"
    assert set(tables) == subnets
    assert set(tables.values()) == set(dynamodb["RouteTableIds"])
    assert set(sns["SubnetIds"]) == subnets
    assert sns["PrivateDnsEnabled"]


@each_environment
def test_endpoint_policies_let_through_this_accounts_own_tables_and_topics_only(
    world: World, expected: Expected
) -> None:
    own = {
        "dynamodb-endpoint": world.arn("dynamodb", f"table/*-{expected.environment}-{SUFFIX}"),
        "sns-endpoint": world.arn("sns", f"*-{expected.environment}-{SUFFIX}"),
    }
    for name, resource in own.items():
        (allowed,) = statements(world.endpoint(name)["PolicyDocument"])
        assert listed(allowed["Resource"]) == [resource]
        assert allowed["Condition"] == {"StringEquals": {"aws:PrincipalAccount": expected.account}}
        assert not any("*" in action for action in listed(allowed["Action"]))


@each_environment
def test_security_groups_lead_from_function_to_endpoints_over_https_and_nowhere_else(
    world: World, expected: Expected
) -> None:
    rules = {
        (tags(group)["Name"].removesuffix(f"-{expected.environment}-{SUFFIX}"), direction): [
            (
                rule["IpProtocol"],
                rule.get("FromPort"),
                sorted(pair["GroupId"] for pair in rule["UserIdGroupPairs"]),
                [item["PrefixListId"] for item in rule["PrefixListIds"]],
                [item["CidrIp"] for item in rule["IpRanges"]],
            )
            for rule in group[permissions]
        ]
        for group in world.in_vpc("describe_security_groups", "SecurityGroups")
        for direction, permissions in (("in", "IpPermissions"), ("out", "IpPermissionsEgress"))
    }
    functions = world.outputs("network")["functionSecurityGroupId"]
    (endpoint,) = [group["GroupId"] for group in world.endpoint("sns-endpoint")["Groups"]]
    reached = rules.pop(("function-security-group", "out"))

    assert rules == {
        ("function-security-group", "in"): [],
        ("endpoint-security-group", "in"): [("tcp", 443, [functions], [], [])],
        ("endpoint-security-group", "out"): [],
        ("default-security-group", "in"): [],
        ("default-security-group", "out"): [],
    }
    assert {(protocol, port) for protocol, port, *_ in reached} == {("tcp", 443)}
    assert [group for _, _, groups, _, _ in reached for group in groups] == [endpoint]
    assert len([item for _, _, _, prefixes, _ in reached for item in prefixes]) == 1
    assert not any(ranges for *_, ranges in reached)


@each_environment
def test_all_traffic_is_logged(world: World, expected: Expected) -> None:
    (log,) = world.client("ec2").describe_flow_logs()["FlowLogs"]

    assert (log["ResourceId"], log["TrafficType"]) == (world.vpc_id, "ALL")
    assert log["LogDestination"] == world.arn("logs", f"log-group:{world.name('flow-log-group')}")


# Access


@each_environment
@pytest.mark.parametrize("role", ["deployer", "destroyer", "operator"])
def test_each_role_of_people_is_assumed_by_named_principals_with_an_external_id_of_its_own(
    chain: Chain, world: World, expected: Expected, role: str
) -> None:
    given = read_project(chain.box.root / "projects" / "bootstrap-iam")[expected.environment]
    trust, _ = statements(world.role(f"{role}-role")["AssumeRolePolicyDocument"])
    trusted = given[f"bootstrap-iam:{role}Principals"]
    if role == "deployer":
        trusted = [*trusted, *given["bootstrap-iam:destroyerPrincipals"]]

    assert trust["Principal"] == {"AWS": trusted[0] if len(trusted) == 1 else trusted}
    external_id = "externalId" if role == "deployer" else f"{role}ExternalId"
    assert trust["Condition"]["StringEquals"] == {"sts:ExternalId": given[f"bootstrap-iam:{external_id}"]}
    assert world.outputs("bootstrap-iam")[f"{role}RoleArn"] == world.role(f"{role}-role")["Arn"]


@each_environment
def test_every_role_that_services_assume_is_inside_the_boundary(
    chain: Chain, world: World, expected: Expected
) -> None:
    made = {held.name for held in chain.made[expected.environment] if held.kind == "role"}
    boundary = world.outputs("bootstrap-iam")["permissionsBoundaryArn"]
    bounded = {
        name
        for name in made
        if world.client("iam")
        .get_role(RoleName=name)["Role"]
        .get("PermissionsBoundary", {})
        .get("PermissionsBoundaryArn")
        == boundary
    }

    access = {
        world.name(f"{name}-role") for name in ("deployer", "destroyer", "operator", "reader", "verifier")
    }
    assert bounded == made - access
    assert {world.name("flow-log-role"), world.name("payments-function-role")} <= bounded


@each_environment
def test_projects_above_bootstrap_deploy_as_the_deployer_locked_to_their_account(
    chain: Chain, expected: Expected
) -> None:
    for project, role in (
        ("bootstrap-iam", "OrganizationAccountAccessRole"),
        ("network", f"destroyer-role-{expected.environment}-{SUFFIX}"),  # of the first deployment
        ("payments", f"destroyer-role-{expected.environment}-{SUFFIX}"),
    ):
        resources = chain.box.export(project, expected.environment)["deployment"]["resources"]
        (provider,) = [item for item in resources if item["type"] == "pulumi:providers:aws"]

        assert json.loads(provider["inputs"]["allowedAccountIds"]) == [expected.account]
        assert json.loads(provider["inputs"]["assumeRoles"])[0]["roleArn"].endswith(f":role/{role}")
        assert not any(item.get("protect") or item.get("retainOnDelete") for item in resources)


# Outputs along the chain


@each_environment
def test_outputs_name_what_is_there(world: World, expected: Expected) -> None:
    payments = world.outputs("payments")

    assert payments["tableArn"] == world.table["TableArn"]
    assert payments["tableName"] == world.name("payments-table")
    assert payments["queueUrl"] == world.queue("payments-queue")["Url"]
    assert payments["queueArn"] == world.queue("payments-queue")["QueueArn"]
    assert payments["deadLetterQueueUrl"] == world.queue("payments-dead-letter-queue")["Url"]
    assert payments["deadLetterQueueArn"] == world.queue("payments-dead-letter-queue")["QueueArn"]
    assert payments["topicArn"] == world.topic("payments-notification-topic")["TopicArn"]
    assert payments["functionArn"] == world.function["FunctionArn"]
    assert payments["functionName"] == world.name("payments-function")


@each_environment
def test_table_arns_are_handed_up_the_ladder(chain: Chain, world: World, expected: Expected) -> None:
    assert world.outputs("payments")["upstreamTableArns"] == [
        chain.worlds[below].table["TableArn"] for below in expected.below
    ]
