"""One resource of each type that breaks no rule, in any environment; tests spoil one property of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.policies.engine import ACCOUNTS, PROJECT, REGIONS, SCALING, SUFFIX, Made

PROVIDER = "pulumi:providers:aws"
FUNCTION = "aws:lambda/function:Function"
CAPACITY_PROVIDER = "aws:lambda/capacityProvider:CapacityProvider"
LAYER = "aws:lambda/layerVersion:LayerVersion"
PERMISSION = "aws:lambda/permission:Permission"
LAYER_PERMISSION = "aws:lambda/layerVersionPermission:LayerVersionPermission"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
GLOBAL_TABLE = "aws:dynamodb/globalTable:GlobalTable"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
REDRIVE_ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INSTANCE = "aws:ec2/instance:Instance"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ENDPOINT_SERVICE = "aws:ec2/vpcEndpointService:VpcEndpointService"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
OIDC_PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
KEY = "aws:kms/key:Key"
KEY_ALIAS = "aws:kms/alias:Alias"
GRANT = "aws:kms/grant:Grant"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_V2 = "aws:s3/bucketV2:BucketV2"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
BUCKET_ACL = "aws:s3/bucketAcl:BucketAcl"
BUCKET_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"

FOUR_BLOCKS = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}

Props = dict[str, Any]


def named(kind: str, environment: str = "dev") -> str:
    """A physical name."""
    return f"{kind}-{environment}-{SUFFIX}"


def arn(service: str, resource: str, environment: str = "dev") -> str:
    """An ARN in an environment's account and region; IAM has no region."""
    region = "" if service == "iam" else REGIONS[environment]
    return f"arn:aws:{service}:{region}:{ACCOUNTS[environment]}:{resource}"


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document as programs write it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tags(environment: str) -> dict[str, str]:
    """The tags that every resource carries."""
    return {
        "Project": PROJECT,
        "Environment": environment,
        "EnvironmentSuffix": SUFFIX,
        "ManagedBy": "pulumi",
    }


def deny_plain(action: str, resource: str) -> dict[str, Any]:
    """The statement that refuses what doesn't come over TLS."""
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _provider(env: str) -> Props:
    return {
        "region": REGIONS[env],
        "allowedAccountIds": json.dumps([ACCOUNTS[env]]),
        "defaultTags": json.dumps({"tags": tags(env)}),
        "assumeRoles": json.dumps([{"roleArn": arn("iam", f"role/{named('deployer-role', env)}", env)}]),
    }


def _function(env: str) -> Props:
    return {
        "name": named("payments-function", env),
        "architectures": ["arm64"],
        "runtime": "python3.13",
        "handler": "payment_processor.handler.handler",
        "role": arn("iam", f"role/{named('payments-function-role', env)}", env),
        "memorySize": int(SCALING[env]["memoryMb"]),
        "timeout": 30,
        "reservedConcurrentExecutions": int(SCALING[env]["reservedConcurrency"]),
        "kmsKeyArn": arn("kms", "key/1", env),
        "environment": {"variables": {"TABLE_NAME": named("payments-table", env)}},
        "vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]},
        "deadLetterConfig": {"targetArn": arn("sqs", named("payments-dead-letter-queue", env), env)},
        "loggingConfig": {"logFormat": "JSON", "logGroup": named("payments-log-group", env)},
        "tracingConfig": {"mode": "Active"},
    }


def _table(env: str) -> Props:
    return {
        "name": named("payments-table", env),
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "pointInTimeRecovery": {"enabled": SCALING[env]["pointInTimeRecovery"] == "true"},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": arn("kms", "key/1", env)},
    }


def _queue(env: str) -> Props:
    return {
        "name": named("payments-queue", env),
        "kmsMasterKeyId": arn("kms", "key/1", env),
        "visibilityTimeoutSeconds": 181,
        "messageRetentionSeconds": 345600,
        "redrivePolicy": json.dumps(
            {
                "deadLetterTargetArn": arn("sqs", named("payments-dead-letter-queue", env), env),
                "maxReceiveCount": int(SCALING[env]["maxReceiveCount"]),
            }
        ),
    }


def _queue_policy(env: str) -> Props:
    queue = arn("sqs", named("payments-queue", env), env)
    return {
        "queueUrl": f"https://sqs/{named('payments-queue', env)}",
        "policy": policy(
            deny_plain("sqs:*", queue),
            {
                "Sid": "Producers",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNTS[env]}:role/{named('producer-role', env)}"},
                "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
                "Resource": queue,
            },
        ),
    }


def _topic_policy(env: str) -> Props:
    topic = arn("sns", named("payments-alarm-topic", env), env)
    return {
        "arn": topic,
        "policy": policy(
            deny_plain("sns:Publish", topic),
            {
                "Sid": "Alarms",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": ACCOUNTS[env]},
                    "ArnLike": {"aws:SourceArn": arn("cloudwatch", f"alarm:*-{env}-{SUFFIX}", env)},
                },
            },
        ),
    }


def _endpoint(env: str) -> Props:
    return {
        "vpcId": "vpc-1",
        "serviceName": f"com.amazonaws.{REGIONS[env]}.sns",
        "vpcEndpointType": "Interface",
        "subnetIds": ["subnet-1"],
        "privateDnsEnabled": True,
        "policy": policy(
            {
                "Sid": "OwnTopics",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": arn("sns", f"*-{env}-{SUFFIX}", env),
                "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNTS[env]}},
            }
        ),
        "tags": {"Name": named("sns-endpoint", env)},
    }


def _identity_policy(env: str) -> Props:
    return {
        "name": named("payments-policy", env),
        "policy": policy(
            {
                "Sid": "Ledger",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": arn("dynamodb", f"table/{named('payments-table', env)}", env),
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": arn("logs", f"log-group:{named('payments-log-group', env)}:*", env),
            },
            {"Sid": "Traces", "Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"},
        ),
    }


def _role(env: str) -> Props:
    return {
        "name": named("payments-function-role", env),
        "permissionsBoundary": arn(
            "iam", f"policy/payments/{env}/{named('workload-boundary-policy', env)}", env
        ),
        "assumeRolePolicy": policy(
            {
                "Sid": "Lambda",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNTS[env]}},
            }
        ),
    }


def _key(env: str) -> Props:
    return {
        "enableKeyRotation": True,
        "deletionWindowInDays": 7,
        "policy": policy(
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNTS[env]}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{REGIONS[env]}.amazonaws.com"},
                "Action": ["kms:Encrypt", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {
                        "kms:EncryptionContext:aws:logs:arn": arn("logs", "log-group:payments", env)
                    }
                },
            },
        ),
        "tags": {"Name": named("payments-key", env)},
    }


def _group(env: str) -> Props:
    https = {"protocol": "tcp", "fromPort": 443, "toPort": 443}
    return {
        "name": named("function-security-group", env),
        "description": "Functions: HTTPS to the VPC endpoints only",
        "vpcId": "vpc-1",
        "ingress": [{**https, "securityGroups": ["sg-2"], "description": "HTTPS from functions"}],
        "egress": [{**https, "cidrBlocks": ["10.0.0.0/16"], "description": "HTTPS to the endpoints"}],
        "tags": {"Name": named("function-security-group", env)},
    }


def _group_rule(**more: Any) -> Callable[[str], Props]:
    return lambda env: {
        "securityGroupId": "sg-1",
        "description": "HTTPS to the SNS endpoint",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "tags": {"Name": named("function-to-sns-rule", env)},
        **more,
    }


def _alarm(env: str) -> Props:
    return {
        "name": named("payments-dead-letter-depth-alarm", env),
        "alarmActions": [arn("sns", named("payments-alarm-topic", env), env)],
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "namespace": "AWS/SQS",
        "metricName": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": named("payments-dead-letter-queue", env)},
        "threshold": int(SCALING[env]["deadLetterAlarmThreshold"]),
    }


def _bucket(env: str) -> Props:
    return {"bucket": named("reports-bucket", env), "forceDestroy": True}


BUILDERS: Mapping[str, Callable[[str], Props]] = {
    PROVIDER: _provider,
    FUNCTION: _function,
    CAPACITY_PROVIDER: lambda env: {
        "name": named("payments-capacity-provider", env),
        "instanceRequirements": {"architectures": ["arm64"]},
    },
    LAYER: lambda env: {
        "layerName": named("shared-layer", env),
        "compatibleArchitectures": ["arm64"],
        "compatibleRuntimes": ["python3.13"],
    },
    PERMISSION: lambda env: {
        "action": "lambda:InvokeFunction",
        "function": named("payments-function", env),
        "principal": "events.amazonaws.com",
        "sourceArn": arn("events", f"rule/{named('nightly-rule', env)}", env),
    },
    LAYER_PERMISSION: lambda env: {
        "action": "lambda:GetLayerVersion",
        "layerName": named("shared-layer", env),
        "principal": ACCOUNTS[env],
    },
    FUNCTION_URL: lambda env: {
        "functionName": named("payments-function", env),
        "authorizationType": "AWS_IAM",
    },
    MAPPING: lambda env: {
        "eventSourceArn": arn("sqs", named("payments-queue", env), env),
        "functionName": named("payments-function", env),
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "maximumBatchingWindowInSeconds": 1,
        "scalingConfig": {"maximumConcurrency": max(2, int(SCALING[env]["reservedConcurrency"]))},
        "tags": {"Name": named("payments-event-source-mapping", env)},
    },
    INVOKE_CONFIG: lambda env: {
        "functionName": named("payments-function", env),
        "maximumRetryAttempts": 2,
    },
    TABLE: _table,
    REPLICA: lambda env: {
        "globalTableArn": arn("dynamodb", "table/x", env),
        "kmsKeyArn": arn("kms", "key/1", env),
        "pointInTimeRecovery": SCALING[env]["pointInTimeRecovery"] == "true",
    },
    GLOBAL_TABLE: lambda env: {
        "name": named("payments-table", env),
        "replicas": [{"regionName": REGIONS[env]}],
    },
    QUEUE: _queue,
    QUEUE_POLICY: _queue_policy,
    REDRIVE: lambda env: {
        "queueUrl": f"https://sqs/{named('payments-queue', env)}",
        "redrivePolicy": _queue(env)["redrivePolicy"],
    },
    REDRIVE_ALLOW: lambda env: {
        "queueUrl": f"https://sqs/{named('payments-dead-letter-queue', env)}",
        "redriveAllowPolicy": json.dumps(
            {
                "redrivePermission": "byQueue",
                "sourceQueueArns": [arn("sqs", named("payments-queue", env), env)],
            }
        ),
    },
    TOPIC: lambda env: {
        "name": named("payments-notification-topic", env),
        "kmsMasterKeyId": arn("kms", "key/1", env),
    },
    TOPIC_POLICY: _topic_policy,
    SUBSCRIPTION: lambda env: {
        "topic": arn("sns", named("payments-notification-topic", env), env),
        "protocol": "email",
        "endpoint": "payments@example.com",
    },
    VPC: lambda env: {"cidrBlock": "10.0.0.0/16", "tags": {"Name": named("vpc", env)}},
    SUBNET: lambda env: {
        "vpcId": "vpc-1",
        "cidrBlock": "10.0.0.0/20",
        "mapPublicIpOnLaunch": False,
        "tags": {"Name": named("private-subnet-a", env)},
    },
    ROUTE: lambda _env: {
        "routeTableId": "rtb-1",
        "destinationCidrBlock": "10.0.0.0/16",
        "gatewayId": "local",
    },
    ROUTE_TABLE: lambda env: {
        "vpcId": "vpc-1",
        "routes": [{"cidrBlock": "10.0.0.0/16", "gatewayId": "local"}],
        "tags": {"Name": named("private-route-table", env)},
    },
    ASSOCIATION: lambda _env: {"subnetId": "subnet-1", "routeTableId": "rtb-1"},
    INSTANCE: lambda env: {
        "instanceType": "t4g.nano",
        "associatePublicIpAddress": False,
        "tags": {"Name": named("bastion-instance", env)},
    },
    ENDPOINT: _endpoint,
    ENDPOINT_SERVICE: lambda env: {
        "acceptanceRequired": True,
        "tags": {"Name": named("ledger-endpoint-service", env)},
    },
    FLOW_LOG: lambda env: {
        "vpcId": "vpc-1",
        "trafficType": "ALL",
        "tags": {"Name": named("vpc-flow-log", env)},
    },
    GROUP: _group,
    DEFAULT_GROUP: lambda env: {
        "vpcId": "vpc-1",
        "ingress": [],
        "egress": [],
        "tags": {"Name": named("default-security-group", env)},
    },
    GROUP_RULE: lambda _env: {
        "type": "ingress",
        "securityGroupId": "sg-1",
        "sourceSecurityGroupId": "sg-2",
        "protocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "description": "HTTPS from functions",
    },
    INGRESS: _group_rule(cidrIpv4="10.0.0.0/16"),
    EGRESS: _group_rule(cidrIpv4="10.0.0.0/16"),
    ROLE: _role,
    POLICY: _identity_policy,
    ROLE_POLICY: _identity_policy,
    ATTACHMENT: lambda env: {
        "role": named("payments-function-role", env),
        "policyArn": arn("iam", f"policy/{named('payments-policy', env)}", env),
    },
    OIDC_PROVIDER: lambda env: {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
        "tags": {"Name": named("github-oidc-provider", env)},
    },
    KEY: _key,
    KEY_ALIAS: lambda env: {"name": f"alias/{named('payments-key', env)}", "targetKeyId": "1"},
    GRANT: lambda env: {
        "keyId": arn("kms", "key/1", env),
        "granteePrincipal": arn("iam", "role/x", env),
        "operations": ["Decrypt"],
    },
    LOG_GROUP: lambda env: {
        "name": named("payments-log-group", env),
        "retentionInDays": int(SCALING[env]["logRetentionDays"]),
        "kmsKeyId": arn("kms", "key/1", env),
    },
    ALARM: _alarm,
    BUCKET: _bucket,
    BUCKET_V2: _bucket,
    BUCKET_POLICY: lambda env: {
        "bucket": named("reports-bucket", env),
        "policy": policy(
            {
                **deny_plain("s3:*", ""),
                "Resource": [
                    f"arn:aws:s3:::{named('reports-bucket', env)}",
                    f"arn:aws:s3:::{named('reports-bucket', env)}/*",
                ],
            }
        ),
    },
    BUCKET_PUBLIC_ACCESS: lambda env: {"bucket": named("reports-bucket", env), **FOUR_BLOCKS},
    BUCKET_ENCRYPTION: lambda env: {
        "bucket": named("reports-bucket", env),
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": arn("kms", "key/1", env),
                },
                "bucketKeyEnabled": True,
            }
        ],
    },
    BUCKET_VERSIONING: lambda env: {
        "bucket": named("reports-bucket", env),
        "versioningConfiguration": {"status": "Enabled"},
    },
    BUCKET_ACL: lambda env: {"bucket": named("reports-bucket", env), "acl": "private"},
    BUCKET_OBJECT: lambda env: {"bucket": named("reports-bucket", env), "key": "report.json"},
    ACCESS_POINT: lambda env: {
        "name": named("reports-access-point", env),
        "bucket": named("reports-bucket", env),
    },
}


def resource(kind: str, environment: str = "dev", name: str = "subject") -> Made:
    """A compliant resource of a type, made through the environment's provider."""
    return Made(
        type=kind,
        name=name,
        props=BUILDERS[kind](environment),
        environment=environment,
        provider_props=_provider(environment),
    )
