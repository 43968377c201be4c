"""One valid example of every resource type, what to change on it, and what AWS would replace."""

import base64
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from sandbox.provider.wire import ARCHIVE_SIGNATURE, SIGNATURE_KEY
from tests.sandbox.provider.plugin import STACK_TAGS, Plugin

Inputs = dict[str, Any]


def policy(*actions: str, resource: str = "*", principal: Any = None) -> str:
    """An IAM document with one statement."""
    statement: Inputs = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    if principal:
        statement["Principal"] = principal
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    """A trust policy for an AWS service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _zip(text: str) -> bytes:
    """A zip with one module of that text, always of the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("handler.py"), text)
    return buffer.getvalue()


class World:
    """What the examples refer to, made with boto3 when first asked for."""

    def __init__(self, plugin: Plugin, folder: Path) -> None:
        self._plugin = plugin
        self.folder = folder
        self.account = plugin.account
        self.region = plugin.region

    def client(self, service: str) -> Any:
        """A client in the same account."""
        return self._plugin.client(service)

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """An ARN in the same account."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"

    @cached_property
    def vpc(self) -> str:
        """A VPC's id."""
        return str(self.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])

    @cached_property
    def other_vpc(self) -> str:
        """Another VPC's id."""
        return str(self.client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"])

    def subnet(self, number: int = 1) -> str:
        """A subnet's id."""
        answer = self.client("ec2").create_subnet(VpcId=self.vpc, CidrBlock=f"10.9.{number}.0/24")
        return str(answer["Subnet"]["SubnetId"])

    @cached_property
    def subnets(self) -> list[str]:
        """Two subnets' ids."""
        return [self.subnet(1), self.subnet(2)]

    def table(self) -> str:
        """A route table's id."""
        return str(self.client("ec2").create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"])

    @cached_property
    def tables(self) -> list[str]:
        """Two route tables' ids."""
        return [self.table(), self.table()]

    @cached_property
    def prefix_list(self) -> str:
        """The id of DynamoDB's prefix list."""
        filters = [{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{self.region}.dynamodb"]}]
        answer = self.client("ec2").describe_prefix_lists(Filters=filters)
        return str(answer["PrefixLists"][0]["PrefixListId"])

    def group(self, name: str) -> str:
        """A security group's id."""
        answer = self.client("ec2").create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return str(answer["GroupId"])

    @cached_property
    def groups(self) -> list[str]:
        """Two security groups' ids."""
        return [self.group("one"), self.group("two")]

    @cached_property
    def role(self) -> str:
        """A role's ARN."""
        answer = self.client("iam").create_role(
            RoleName="some-role", AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )
        return str(answer["Role"]["Arn"])

    @cached_property
    def role_with_policies(self) -> str:
        """The name of a role with an inline policy and an attached one."""
        name, iam = self.role.rsplit("/", 1)[-1], self.client("iam")
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy("sns:Publish"))
        iam.attach_role_policy(RoleName=name, PolicyArn=self.policies[0])
        return name

    def rule(self, port: int) -> str:
        """The id of an ingress rule of the first security group."""
        answer = self.client("ec2").authorize_security_group_ingress(
            GroupId=self.groups[0], IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="10.9.0.0/16"
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    @cached_property
    def egress_rule(self) -> str:
        """The id of the rule that EC2 gives the first security group."""
        filters = [{"Name": "group-id", "Values": [self.groups[0]]}]
        rules = self.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return str(next(each["SecurityGroupRuleId"] for each in rules if each["IsEgress"]))

    @cached_property
    def gateway(self) -> str:
        """An internet gateway's id."""
        return str(self.client("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"])

    @cached_property
    def ingress_rule(self) -> str:
        """The id of a rule of the first security group."""
        return self.rule(443)

    def managed_policy(self, name: str) -> str:
        """A managed policy's ARN."""
        answer = self.client("iam").create_policy(PolicyName=name, PolicyDocument=policy("sqs:SendMessage"))
        return str(answer["Policy"]["Arn"])

    @cached_property
    def policies(self) -> list[str]:
        """Two managed policies' ARNs."""
        return [self.managed_policy("one"), self.managed_policy("two")]

    def key(self) -> str:
        """A key's id."""
        tags = [{"TagKey": name, "TagValue": text} for name, text in STACK_TAGS.items()]
        return str(self.client("kms").create_key(Tags=tags)["KeyMetadata"]["KeyId"])

    @cached_property
    def keys(self) -> list[str]:
        """Two keys' ids."""
        return [self.key(), self.key()]

    def queue(self, name: str = "some-queue") -> str:
        """A queue's URL."""
        return str(self.client("sqs").create_queue(QueueName=name)["QueueUrl"])

    @cached_property
    def queues(self) -> list[str]:
        """Two queues' URLs."""
        return [self.queue("one"), self.queue("two")]

    @cached_property
    def topics(self) -> list[str]:
        """Two topics' ARNs."""
        return [self.client("sns").create_topic(Name=name)["TopicArn"] for name in ("one", "two")]

    def code(self, text: str) -> Inputs:
        """A zip with one module, as the engine sends a FileArchive."""
        path = self.folder / f"{text}.zip"
        path.write_bytes(_zip(text))
        return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "path": str(path), "hash": text}

    def digest(self, text: str) -> str:
        """The digest of that zip, as Lambda spells it."""
        content = Path(self.code(text)["path"]).read_bytes()
        return base64.b64encode(hashlib.sha256(content).digest()).decode()

    def function(self, name: str) -> str:
        """A function's ARN."""
        answer = self.client("lambda").create_function(
            FunctionName=name,
            Role=self.role,
            Runtime="python3.13",
            Handler="handler.handler",
            Code={"ZipFile": _zip("")},
        )
        return str(answer["FunctionArn"])

    @cached_property
    def functions(self) -> list[str]:
        """Two functions' ARNs."""
        return [self.function("one"), self.function("two")]


Drift = Callable[[Any, str, Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A resource type's example, told as changes to valid inputs."""

    urn_type: str
    valid: Callable[[World], Inputs]
    updates: Callable[[World], Inputs] = field(default=lambda _world: {})
    """Properties that AWS changes in place, with new values; None removes one."""
    replaces: Callable[[World], Inputs] = field(default=lambda _world: {})
    """Properties whose change needs a new resource, with new values."""
    drift: tuple[str, Drift, str] | None = None
    """A service, what somebody does there by hand (client, id, state), the property that shows it."""
    taggable: bool = True


def labelled(examples: tuple[Example, ...]) -> list[ParameterSet]:
    """The examples as pytest's parameters, called after their types."""
    seen: Counter[str] = Counter()
    marked = []
    for example in examples:
        name = example.urn_type.rsplit(":", 1)[-1]
        seen[name] += 1
        marked.append(pytest.param(example, id=f"{name}-{seen[name]}" if seen[name] > 1 else name))
    return marked


TAGGED = {"Name": "it-dev-acme"}


EXAMPLES: tuple[Example, ...] = (
    Example(
        urn_type="aws:iam/role:Role",
        valid=lambda world: {
            "name": "payments-function-role-dev-acme",
            "assumeRolePolicy": trust("lambda.amazonaws.com"),
            "description": "what the function may do",
            "permissionsBoundary": world.policies[0],
        },
        updates=lambda world: {
            "assumeRolePolicy": trust("sqs.amazonaws.com"),
            "description": "something else",
            "maxSessionDuration": 7200,
            "permissionsBoundary": world.policies[1],
            "inlinePolicies": [{"name": "inline", "policy": policy("sns:Publish")}],
            "managedPolicyArns": [world.policies[0]],
        },
        replaces=lambda _world: {"name": "another-role", "path": "/payments/"},
        drift=(
            "iam",
            lambda iam, _id, state: iam.delete_role_permissions_boundary(RoleName=state["name"]),
            "permissionsBoundary",
        ),
    ),
    Example(
        urn_type="aws:iam/policy:Policy",
        valid=lambda _world: {
            "name": "payments-function-policy-dev-acme",
            "policy": policy("dynamodb:PutItem"),
            "description": "the ledger",
        },
        updates=lambda _world: {"policy": policy("dynamodb:PutItem", "dynamodb:GetItem")},
        replaces=lambda _world: {
            "name": "another-policy",
            "path": "/payments/",
            "description": "something else",
        },
        drift=(
            "iam",
            lambda iam, arn, _state: iam.create_policy_version(
                PolicyArn=arn, PolicyDocument=policy("*"), SetAsDefault=True
            ),
            "policy",
        ),
    ),
    Example(
        urn_type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        valid=lambda world: {"role": world.role.rsplit("/", 1)[-1], "policyArn": world.policies[0]},
        replaces=lambda world: {"policyArn": world.policies[1], "role": "another-role"},
        taggable=False,
    ),
    Example(
        urn_type="aws:iam/rolePolicy:RolePolicy",
        valid=lambda world: {
            "name": "inline",
            "role": world.role.rsplit("/", 1)[-1],
            "policy": policy("sns:Publish"),
        },
        updates=lambda _world: {"policy": policy("sqs:SendMessage")},
        replaces=lambda _world: {"name": "another", "role": "another-role"},
        drift=(
            "iam",
            lambda iam, _id, state: iam.put_role_policy(
                RoleName=state["role"], PolicyName=state["name"], PolicyDocument=policy("*")
            ),
            "policy",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
        valid=lambda world: {"roleName": world.role_with_policies, "policyNames": ["inline"]},
        replaces=lambda _world: {"roleName": "another-role"},
        drift=(
            "iam",
            lambda iam, role, _state: iam.put_role_policy(
                RoleName=role, PolicyName="backdoor", PolicyDocument=policy("*")
            ),
            "policyNames",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        valid=lambda world: {"roleName": world.role_with_policies, "policyArns": [world.policies[0]]},
        updates=lambda world: {"policyArns": list(world.policies)},
        replaces=lambda _world: {"roleName": "another-role"},
        drift=(
            "iam",
            lambda iam, role, _state: iam.attach_role_policy(
                RoleName=role,
                PolicyArn=iam.create_policy(PolicyName="backdoor", PolicyDocument=policy("*"))["Policy"][
                    "Arn"
                ],
            ),
            "policyArns",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        valid=lambda world: {
            "securityGroupId": world.groups[0],
            "ingressRuleIds": [world.ingress_rule],
            "egressRuleIds": [world.egress_rule],
        },
        replaces=lambda world: {"securityGroupId": world.groups[1]},
        drift=(
            "ec2",
            lambda ec2, group, _state: ec2.authorize_security_group_ingress(
                GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
            ),
            "ingressRuleIds",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        valid=lambda _world: {
            "url": "https://token.actions.githubusercontent.com",
            "clientIdLists": ["sts.amazonaws.com"],
            "thumbprintLists": ["6938fd4d98bab03faadb97b34396831e3780aea1"],
        },
        updates=lambda _world: {
            "clientIdLists": ["sts.amazonaws.com", "another"],
            "thumbprintLists": ["1c58a3a8518e8759bf075b76b750d4f2df264fcd"],
        },
        replaces=lambda _world: {"url": "https://example.com"},
        drift=(
            "iam",
            lambda iam, arn, _state: iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID="intruder"
            ),
            "clientIdLists",
        ),
    ),
    Example(
        urn_type="aws:ec2/vpc:Vpc",
        valid=lambda _world: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": TAGGED},
        updates=lambda _world: {"enableDnsHostnames": False, "enableNetworkAddressUsageMetrics": True},
        replaces=lambda _world: {"cidrBlock": "10.1.0.0/16", "instanceTenancy": "dedicated"},
        drift=(
            "ec2",
            lambda ec2, vpc, _state: ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False}),
            "enableDnsSupport",
        ),
    ),
    Example(
        urn_type="aws:ec2/subnet:Subnet",
        valid=lambda world: {
            "vpcId": world.vpc,
            "cidrBlock": "10.9.7.0/24",
            "availabilityZone": f"{world.region}a",
            "tags": TAGGED,
        },
        updates=lambda _world: {"mapPublicIpOnLaunch": True},
        replaces=lambda world: {
            "cidrBlock": "10.9.8.0/24",
            "availabilityZone": f"{world.region}b",
            "vpcId": world.other_vpc,
        },
        drift=(
            "ec2",
            lambda ec2, subnet, _state: ec2.modify_subnet_attribute(
                SubnetId=subnet, MapPublicIpOnLaunch={"Value": True}
            ),
            "mapPublicIpOnLaunch",
        ),
    ),
    Example(
        urn_type="aws:ec2/routeTable:RouteTable",
        valid=lambda world: {"vpcId": world.vpc, "routes": [], "tags": TAGGED},
        updates=lambda world: {"routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": world.gateway}]},
        replaces=lambda world: {"vpcId": world.other_vpc},
        drift=(
            "ec2",
            lambda ec2, table, _state: ec2.create_route(
                RouteTableId=table,
                DestinationCidrBlock="0.0.0.0/0",
                GatewayId=ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
            ),
            "routes",
        ),
    ),
    Example(
        urn_type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        valid=lambda world: {"routeTableId": world.tables[0], "subnetId": world.subnets[0]},
        replaces=lambda world: {"subnetId": world.subnets[1]},
        taggable=False,
    ),
    Example(
        urn_type="aws:ec2/vpcEndpoint:VpcEndpoint",
        valid=lambda world: {
            "vpcId": world.vpc,
            "serviceName": f"com.amazonaws.{world.region}.dynamodb",
            "vpcEndpointType": "Gateway",
            "routeTableIds": [world.tables[0]],
            "policy": policy("dynamodb:PutItem", principal="*"),
            "tags": TAGGED,
        },
        updates=lambda world: {
            "policy": policy("dynamodb:GetItem", principal="*"),
            "routeTableIds": list(world.tables),
        },
        replaces=lambda world: {"serviceName": f"com.amazonaws.{world.region}.s3", "vpcId": world.other_vpc},
        drift=(
            "ec2",
            lambda ec2, endpoint, _state: ec2.modify_vpc_endpoint(
                VpcEndpointId=endpoint, PolicyDocument=policy("*", principal="*")
            ),
            "policy",
        ),
    ),
    Example(
        urn_type="aws:ec2/vpcEndpoint:VpcEndpoint",
        valid=lambda world: {
            "vpcId": world.vpc,
            "serviceName": f"com.amazonaws.{world.region}.sns",
            "vpcEndpointType": "Interface",
            "subnetIds": list(world.subnets),
            "securityGroupIds": [world.groups[0]],
            "privateDnsEnabled": True,
            "tags": TAGGED,
        },
        updates=lambda world: {"securityGroupIds": [world.groups[1]], "subnetIds": [world.subnets[0]]},
        drift=(
            "ec2",
            lambda ec2, endpoint, state: ec2.modify_vpc_endpoint(
                VpcEndpointId=endpoint, RemoveSubnetIds=[state["subnetIds"][0]]
            ),
            "subnetIds",
        ),
    ),
    Example(
        urn_type="aws:ec2/securityGroup:SecurityGroup",
        valid=lambda world: {
            "name": "function-security-group-dev-acme",
            "description": "what the function reaches",
            "vpcId": world.vpc,
            "revokeRulesOnDelete": True,
        },
        replaces=lambda world: {"name": "another", "description": "something else", "vpcId": world.other_vpc},
        drift=(
            "ec2",
            lambda ec2, group, _state: ec2.authorize_security_group_ingress(
                GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
            ),
            "ingress",
        ),
    ),
    Example(
        urn_type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        valid=lambda world: {"vpcId": world.vpc, "tags": TAGGED},
        replaces=lambda world: {"vpcId": world.other_vpc},
        drift=(
            "ec2",
            lambda ec2, group, _state: ec2.authorize_security_group_ingress(
                GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
            ),
            "ingress",
        ),
    ),
    Example(
        urn_type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        valid=lambda world: {
            "securityGroupId": world.groups[0],
            "referencedSecurityGroupId": world.groups[1],
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "description": "from the function",
            "tags": TAGGED,
        },
        replaces=lambda world: {"securityGroupId": world.groups[1]},
    ),
    Example(
        urn_type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        valid=lambda world: {
            "securityGroupId": world.groups[0],
            "cidrIpv4": "10.9.0.0/16",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "tags": TAGGED,
        },
        updates=lambda _world: {
            "fromPort": 444,
            "toPort": 445,
            "cidrIpv4": "10.9.1.0/24",
            "description": "new",
        },
        replaces=lambda world: {"securityGroupId": world.groups[1]},
    ),
    Example(
        urn_type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        valid=lambda world: {
            "securityGroupId": world.groups[0],
            "prefixListId": world.prefix_list,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "description": "to DynamoDB",
            "tags": TAGGED,
        },
        updates=lambda _world: {"description": "to the ledger"},
        replaces=lambda world: {"securityGroupId": world.groups[1]},
    ),
    Example(
        urn_type="aws:ec2/flowLog:FlowLog",
        valid=lambda world: {
            "vpcId": world.vpc,
            "trafficType": "ALL",
            "logDestination": world.arn("logs", "log-group:vpc-flow-log-group-dev-acme"),
            "iamRoleArn": world.role,
            "maxAggregationInterval": 60,
            "tags": TAGGED,
        },
        replaces=lambda world: {
            "trafficType": "REJECT",
            "maxAggregationInterval": 600,
            "logDestination": world.arn("logs", "log-group:another"),
        },
    ),
    Example(
        urn_type="aws:cloudwatch/logGroup:LogGroup",
        valid=lambda world: {
            "name": "payments-log-group-dev-acme",
            "retentionInDays": 30,
            "kmsKeyId": world.arn("kms", f"key/{world.keys[0]}"),
        },
        updates=lambda world: {"retentionInDays": 90, "kmsKeyId": world.arn("kms", f"key/{world.keys[1]}")},
        replaces=lambda _world: {"name": "another"},
        drift=(
            "logs",
            lambda logs, name, _state: logs.put_retention_policy(logGroupName=name, retentionInDays=1),
            "retentionInDays",
        ),
    ),
    Example(
        urn_type="aws:cloudwatch/metricAlarm:MetricAlarm",
        valid=lambda world: {
            "name": "payments-dead-letter-depth-alarm-dev-acme",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "evaluationPeriods": 1,
            "metricName": "ApproximateNumberOfMessagesVisible",
            "namespace": "AWS/SQS",
            "dimensions": {"QueueName": "payments-dead-letter-queue-dev-acme"},
            "period": 60,
            "statistic": "Maximum",
            "threshold": 10,
            "treatMissingData": "notBreaching",
            "alarmActions": [world.topics[0]],
            "okActions": [world.topics[0]],
        },
        updates=lambda world: {
            "threshold": 0.5,
            "period": 300,
            "alarmDescription": "messages wait in the dead-letter queue",
            "alarmActions": list(world.topics),
            "dimensions": {"QueueName": "another"},
            "actionsEnabled": False,
        },
        replaces=lambda _world: {"name": "another"},
        drift=(
            "cloudwatch",
            lambda cloudwatch, name, _state: cloudwatch.disable_alarm_actions(AlarmNames=[name]),
            "actionsEnabled",
        ),
    ),
    Example(
        urn_type="aws:cloudwatch/metricAlarm:MetricAlarm",
        valid=lambda _world: {
            "name": "payments-error-alarm-dev-acme",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "threshold": 3,
            "metricQueries": [
                {
                    "id": "rate",
                    "expression": "errors / invocations",
                    "label": "error rate",
                    "returnData": True,
                },
                {
                    "id": "errors",
                    "metric": {
                        "metricName": "Errors",
                        "namespace": "AWS/Lambda",
                        "period": 60,
                        "stat": "Sum",
                        "dimensions": {"FunctionName": "payments-function-dev-acme"},
                    },
                },
            ],
        },
        updates=lambda _world: {
            "metricQueries": [
                {"id": "rate", "expression": "errors * 2", "label": "twice", "returnData": True}
            ]
        },
        replaces=lambda _world: {"name": "another"},
    ),
    Example(
        urn_type="aws:cloudwatch/dashboard:Dashboard",
        valid=lambda _world: {
            "dashboardName": "payments-dashboard-dev-acme",
            "dashboardBody": json.dumps(
                {"widgets": [{"type": "text", "properties": {"markdown": "payments"}}]}
            ),
        },
        updates=lambda _world: {
            "dashboardBody": json.dumps(
                {"widgets": [{"type": "text", "properties": {"markdown": "refunds"}}]}
            )
        },
        replaces=lambda _world: {"dashboardName": "another"},
        drift=(
            "cloudwatch",
            lambda cloudwatch, name, _state: cloudwatch.put_dashboard(
                DashboardName=name, DashboardBody=json.dumps({"widgets": []})
            ),
            "dashboardBody",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:kms/key:Key",
        valid=lambda world: {
            "description": "payments at rest",
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "policy": policy("kms:*", principal={"AWS": world.arn("iam", "root", "")}),
            "tags": TAGGED,
        },
        updates=lambda world: {
            "description": "something else",
            "enableKeyRotation": False,
            "deletionWindowInDays": 8,
            "policy": policy("kms:*", "kms:Decrypt", principal={"AWS": world.arn("iam", "root", "")}),
        },
        replaces=lambda _world: {"customerMasterKeySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY"},
        drift=("kms", lambda kms, key, _state: kms.disable_key_rotation(KeyId=key), "enableKeyRotation"),
    ),
    Example(
        urn_type="aws:kms/alias:Alias",
        valid=lambda world: {"name": "alias/payments-key-dev-acme", "targetKeyId": world.keys[0]},
        updates=lambda world: {"targetKeyId": world.keys[1]},
        replaces=lambda _world: {"name": "alias/another"},
        taggable=False,
    ),
    Example(
        urn_type="aws:dynamodb/table:Table",
        valid=lambda world: {
            "name": "payments-table-dev-acme",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "pk",
            "rangeKey": "sk",
            "attributes": [{"name": "sk", "type": "S"}, {"name": "pk", "type": "S"}],
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": world.arn("kms", f"key/{world.keys[0]}")},
            "deletionProtectionEnabled": False,
        },
        updates=lambda _world: {
            "pointInTimeRecovery": {"enabled": False},
            "ttl": {"attributeName": "expiresAt", "enabled": True},
            "streamEnabled": True,
            "streamViewType": "NEW_IMAGE",
        },
        replaces=lambda _world: {"name": "another-table"},
        drift=(
            "dynamodb",
            lambda dynamodb, name, _state: dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
            ),
            "pointInTimeRecovery",
        ),
    ),
    Example(
        urn_type="aws:dynamodb/table:Table",
        valid=lambda _world: {
            "name": "payments-table-dev-acme",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "pk",
            "attributes": [{"name": "pk", "type": "S"}],
            "pointInTimeRecovery": {"enabled": True},
            "ttl": {"attributeName": "expiresAt", "enabled": False},
        },
        drift=(
            "dynamodb",
            lambda dynamodb, name, _state: dynamodb.update_time_to_live(
                TableName=name,
                TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": True},
            ),
            "ttl",
        ),
    ),
    Example(
        urn_type="aws:sqs/queue:Queue",
        valid=lambda world: {
            "name": "payments-queue-dev-acme",
            "visibilityTimeoutSeconds": 181,
            "messageRetentionSeconds": 345600,
            "kmsMasterKeyId": world.keys[0],
            "redrivePolicy": json.dumps(
                {
                    "maxReceiveCount": 3,
                    "deadLetterTargetArn": world.arn("sqs", world.queue("dead").rsplit("/", 1)[-1]),
                }
            ),
        },
        updates=lambda world: {
            "visibilityTimeoutSeconds": 200,
            "receiveWaitTimeSeconds": 20,
            "redrivePolicy": json.dumps(
                {"maxReceiveCount": 5, "deadLetterTargetArn": world.arn("sqs", "dead")}
            ),
        },
        replaces=lambda _world: {"name": "another-queue"},
        drift=(
            "sqs",
            lambda sqs, url, _state: sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"VisibilityTimeout": "1"}
            ),
            "visibilityTimeoutSeconds",
        ),
    ),
    Example(
        urn_type="aws:sqs/queuePolicy:QueuePolicy",
        valid=lambda world: {"queueUrl": world.queues[0], "policy": policy("sqs:SendMessage", principal="*")},
        updates=lambda _world: {"policy": policy("sqs:ReceiveMessage", principal="*")},
        replaces=lambda world: {"queueUrl": world.queues[1]},
        drift=(
            "sqs",
            lambda sqs, url, _state: sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": policy("sqs:*", principal="*")}
            ),
            "policy",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        valid=lambda world: {
            "queueUrl": world.queues[0],
            "redriveAllowPolicy": json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [world.arn("sqs", "two")]}
            ),
        },
        updates=lambda _world: {"redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})},
        replaces=lambda world: {"queueUrl": world.queues[1]},
        drift=(
            "sqs",
            lambda sqs, url, _state: sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"})}
            ),
            "redriveAllowPolicy",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:sns/topic:Topic",
        valid=lambda world: {"name": "payments-notification-topic-dev-acme", "kmsMasterKeyId": world.keys[0]},
        updates=lambda world: {"displayName": "Payments", "kmsMasterKeyId": world.keys[1]},
        replaces=lambda _world: {"name": "another-topic"},
        drift=(
            "sns",
            lambda sns, arn, _state: sns.set_topic_attributes(
                TopicArn=arn, AttributeName="DisplayName", AttributeValue="by hand"
            ),
            "displayName",
        ),
    ),
    Example(
        urn_type="aws:sns/topicPolicy:TopicPolicy",
        valid=lambda world: {
            "arn": world.topics[0],
            "policy": policy("sns:Publish", resource=world.topics[0], principal={"AWS": world.account}),
        },
        updates=lambda world: {"policy": policy("sns:Subscribe", resource=world.topics[0], principal="*")},
        replaces=lambda world: {"arn": world.topics[1]},
        drift=(
            "sns",
            lambda sns, arn, _state: sns.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=policy("sns:*", principal="*")
            ),
            "policy",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:sns/topicSubscription:TopicSubscription",
        valid=lambda world: {
            "topic": world.topics[0],
            "protocol": "email",
            "endpoint": "payments@example.com",
        },
        updates=lambda _world: {"filterPolicy": json.dumps({"outcome": ["refused"]})},
        replaces=lambda world: {
            "topic": world.topics[1],
            "endpoint": "somebody@example.com",
            "protocol": "email-json",
        },
        drift=(
            "sns",
            lambda sns, arn, _state: sns.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps({"a": ["b"]})
            ),
            "filterPolicy",
        ),
        taggable=False,
    ),
    Example(
        urn_type="aws:lambda/function:Function",
        valid=lambda world: {
            "name": "payments-function-dev-acme",
            "role": world.role,
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "handler": "payment_processor.handler.handler",
            "code": world.code("one"),
            "memorySize": 512,
            "timeout": 30,
            "environment": {"variables": {"LOG_LEVEL": "INFO"}},
            "deadLetterConfig": {"targetArn": world.arn("sqs", "dead")},
            "tracingConfig": {"mode": "Active"},
            "vpcConfig": {"subnetIds": list(world.subnets), "securityGroupIds": [world.groups[0]]},
            "loggingConfig": {"logFormat": "JSON", "logGroup": "payments-log-group-dev-acme"},
            "kmsKeyArn": world.arn("kms", f"key/{world.keys[0]}"),
            "reservedConcurrentExecutions": 1,
        },
        updates=lambda world: {
            "memorySize": 1024,
            "timeout": 60,
            "environment": {"variables": {"LOG_LEVEL": "DEBUG"}},
            "deadLetterConfig": {"targetArn": world.arn("sqs", "other")},
            "tracingConfig": {"mode": "PassThrough"},
            "code": world.code("two"),
            "reservedConcurrentExecutions": 10,
        },
        replaces=lambda _world: {"name": "another-function"},
        drift=(
            "lambda",
            lambda client, name, _state: client.update_function_configuration(
                FunctionName=name, MemorySize=3008
            ),
            "memorySize",
        ),
    ),
    Example(
        urn_type="aws:lambda/function:Function",
        valid=lambda world: {
            "name": "payments-function-dev-acme",
            "role": world.role,
            "runtime": "python3.13",
            "handler": "payment_processor.handler.handler",
            "code": world.code("one"),
            "codeSha256": world.digest("one"),
        },
        drift=(
            "lambda",
            lambda client, name, _state: client.update_function_code(FunctionName=name, ZipFile=_zip("evil")),
            "codeSha256",
        ),
    ),
    Example(
        urn_type="aws:lambda/eventSourceMapping:EventSourceMapping",
        valid=lambda world: {
            "functionName": world.functions[0],
            "eventSourceArn": world.arn("sqs", world.queue("one").rsplit("/", 1)[-1]),
            "batchSize": 10,
            "maximumBatchingWindowInSeconds": 1,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "scalingConfig": {"maximumConcurrency": 2},
            "tags": TAGGED,
        },
        updates=lambda _world: {"batchSize": 5, "scalingConfig": {"maximumConcurrency": 10}},
        replaces=lambda world: {"eventSourceArn": world.arn("sqs", "two")},
        drift=(
            "lambda",
            lambda client, uuid, _state: client.update_event_source_mapping(UUID=uuid, BatchSize=1),
            "batchSize",
        ),
    ),
    Example(
        urn_type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        valid=lambda world: {
            "functionName": world.functions[0].rsplit(":", 1)[-1],
            "maximumRetryAttempts": 1,
            "maximumEventAgeInSeconds": 3600,
            "destinationConfig": {"onFailure": {"destination": world.arn("sqs", "dead")}},
        },
        updates=lambda world: {
            "maximumRetryAttempts": 2,
            "maximumEventAgeInSeconds": 60,
            "destinationConfig": {"onFailure": {"destination": world.arn("sqs", "other")}},
        },
        replaces=lambda _world: {"functionName": "two"},
        drift=(
            "lambda",
            lambda client, name, _state: client.put_function_event_invoke_config(
                FunctionName=name, MaximumRetryAttempts=0
            ),
            "maximumRetryAttempts",
        ),
        taggable=False,
    ),
)
