"""Misconfigurations as an attacker would make them, each wrong in one way: some rule blocks each of them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from policies.check import check_export
from tests.policies import compliant as c
from tests.policies.compliant import arn, deny_plain, named, resource
from tests.policies.states import export, state
from tests.policies.test_legitimate_forms import (
    ABOUT_ONE,
    BUCKET_ARN,
    CONFIG,
    GITHUB,
    ISSUER,
    KEY_ARN,
    OWN,
    PACK,
    QUEUE_ARN,
    REGION,
    ROLE_ARN,
    TABLE_ARN,
    TODAY,
    TOPIC_ARN,
    allow,
    changed,
    endpoint,
)

OTHER = "999999999999"
BOUNDARY = f"arn:aws:iam::{OWN}:policy/payments/dev/{named('workload-boundary-policy')}"


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def blocking(kind: str, props: Mapping[str, Any]) -> list[str]:
    """The rules that refuse a resource."""
    made = export(state(resource(kind).but(props=props)))
    report = check_export(made, CONFIG, configuration=PACK, rules=ABOUT_ONE, today=TODAY)
    return [item.violation.rule.id for item in report.blocking]


IDENTITY: Mapping[str, Mapping[str, Any]] = {
    "an action of one wildcard inside": allow("dynamodb:*Item", "*"),
    "question marks for every table": allow(
        "dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{OWN}:table/????*"
    ),
    "a wildcard account": allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:*:payments-queue-dev-acme"),
    "an account of twelve question marks": allow(
        "sqs:SendMessage", f"arn:aws:sqs:{REGION}:????????????:payments-queue-dev-acme"
    ),
    "another account": allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{OTHER}:payments-queue-dev-acme"),
    "a wildcard service": allow("dynamodb:GetItem", "arn:aws:*:*:*:*"),
    "objects of every bucket": allow("s3:GetObject", "arn:aws:s3:::*/*"),
    "buckets of an environment in any organisation": allow("s3:PutObject", "arn:aws:s3:::*-*/*"),
    "a narrowing that holds without its key": allow(
        "kms:Decrypt",
        "*",
        Condition={"StringEqualsIfExists": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}},
    ),
    "a narrowing to any alias": allow(
        "kms:Decrypt",
        f"arn:aws:kms:{REGION}:{OWN}:key/*",
        Condition={"StringLike": {"kms:ResourceAliases": "alias/*"}},
    ),
    "a narrowing by ForAllValues": allow(
        "kms:Decrypt",
        f"arn:aws:kms:{REGION}:{OWN}:key/*",
        Condition={"ForAllValues:StringEquals": {"kms:ResourceAliases": "alias/payments-key-dev-acme"}},
    ),
    "a narrowing by Null": allow(
        "kms:Decrypt", "*", Condition={"Null": {"kms:EncryptionContextKeys": "true"}}
    ),
    "a narrowing by a negation": allow(
        "dynamodb:GetItem", "*", Condition={"StringNotEquals": {"aws:ResourceTag/Team": "other"}}
    ),
    "a grant on one key": allow("kms:CreateGrant", KEY_ARN),
    "a grant for AWS resources, if the key is there": allow(
        "kms:CreateGrant", KEY_ARN, Condition={"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}
    ),
    "a key's policy": allow("kms:PutKeyPolicy", f"arn:aws:kms:{REGION}:{OWN}:key/*"),
    "NotAction in an allow": {"Effect": "Allow", "NotAction": "iam:*", "Resource": TABLE_ARN},
    "NotResource in an allow": {"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": BUCKET_ARN},
    "every action of a service in capitals": allow("DYNAMODB:*", TABLE_ARN),
    "every action by a question mark": allow("?*", TABLE_ARN),
    "a role to any service": allow("iam:PassRole", f"arn:aws:iam::{OWN}:role/*"),
    "a role by a wildcard action": allow(
        "iam:Pass*", f"arn:aws:iam::{OWN}:role/{named('payments-function-role')}"
    ),
    "a version of a policy": allow("iam:CreatePolicyVersion", BOUNDARY),
    "the default version of any policy": allow("iam:SetDefaultPolicyVersion", f"arn:aws:iam::{OWN}:policy/*"),
    "a role's trust": allow("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{OWN}:role/*"),
    "an attachment without the boundary": allow(
        "iam:AttachRolePolicy", f"arn:aws:iam::{OWN}:role/payments/dev/*"
    ),
    "an inline policy without the boundary": allow(
        "iam:PutRolePolicy", f"arn:aws:iam::{OWN}:role/payments/dev/*"
    ),
    "no boundary any more": allow(
        "iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{OWN}:role/payments/dev/*"
    ),
    "a login": allow("iam:CreateLoginProfile", f"arn:aws:iam::{OWN}:user/ops"),
    "an access key": allow("iam:CreateAccessKey", f"arn:aws:iam::{OWN}:user/ops"),
    "an identity provider": allow("iam:CreateOpenIDConnectProvider", f"arn:aws:iam::{OWN}:oidc-provider/*"),
    "a role elsewhere": allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/admin"),
    "any role": allow("sts:AssumeRole", "*"),
    "a function's code and any role": allow(["lambda:CreateFunction", "iam:PassRole"], "*"),
    "a layer's permission for everyone": allow("lambda:AddLayerVersionPermission", "*"),
    "a log subscription": allow("logs:PutSubscriptionFilter", "*"),
    "a snapshot for others": allow("ec2:ModifySnapshotAttribute", "*"),
    "an action that does not exist": allow("dynamodb:GetItems", TABLE_ARN),
    "a condition key that does not exist": allow(
        "dynamodb:GetItem", TABLE_ARN, Condition={"StringEquals": {"dynamodb:Leading": "x"}}
    ),
    "an operator that does not exist": allow(
        "dynamodb:GetItem", TABLE_ARN, Condition={"StringMatches": {"aws:PrincipalTag/Team": "x"}}
    ),
    "secrets of any name": allow(
        "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{OWN}:secret:*-??????"
    ),
    "parameters of any path": allow("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{OWN}:parameter*"),
    "functions of any name": allow("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{OWN}:function*"),
}


def sqs(**statement: Any) -> tuple[Mapping[str, Any], ...]:
    return deny_plain("sqs:*", QUEUE_ARN), {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": QUEUE_ARN,
        **statement,
    }


QUEUE: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "everyone": sqs(Principal="*"),
    "everyone in a list": sqs(Principal={"AWS": [ROLE_ARN, "*"]}),
    "everyone over TLS": sqs(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    "everyone from any address": sqs(Principal="*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    "everyone from two halves of all addresses": sqs(
        Principal="*", Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}
    ),
    "everyone with an account that is there": sqs(
        Principal="*", Condition={"Null": {"aws:PrincipalAccount": "false"}}
    ),
    "everyone of any organisation": sqs(
        Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}
    ),
    "everyone but one account": sqs(
        Principal="*", Condition={"StringNotEquals": {"aws:PrincipalAccount": OTHER}}
    ),
    "everyone whose role has a name": sqs(
        Principal="*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/payments-*"}}
    ),
    "everyone of the account, if it is there": sqs(
        Principal="*", Condition={"StringEqualsIfExists": {"aws:PrincipalAccount": OWN}}
    ),
    "everyone with a user agent": sqs(
        Principal="*", Condition={"StringEquals": {"aws:UserAgent": "payments"}}
    ),
    "everyone with a referer": sqs(
        Principal="*", Condition={"StringLike": {"aws:Referer": "https://acme.example/*"}}
    ),
    "another account": sqs(Principal={"AWS": OTHER}),
    "a role elsewhere": sqs(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/x"}),
    "a principal by its unique id": sqs(Principal={"AWS": "AROAEXAMPLEEXAMPLE123"}),
    "all but one": sqs(NotPrincipal={"AWS": ROLE_ARN}),
    "every action": sqs(Principal={"AWS": ROLE_ARN}, Action="sqs:*"),
    "a service for anybody": sqs(Principal={"Service": "sns.amazonaws.com"}),
    "a service for another account": sqs(
        Principal={"Service": "sns.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": OTHER}}
    ),
    "a service for a topic anywhere": sqs(
        Principal={"Service": "sns.amazonaws.com"},
        Condition={
            "ArnLike": {"aws:SourceArn": f"arn:aws:sns:{REGION}:*:payments-notification-topic-dev-acme"}
        },
    ),
    "no refusal of plain HTTP": sqs(Principal={"AWS": ROLE_ARN})[1:],
    "a refusal of plain HTTP for one action": (deny_plain("sqs:SendMessage", QUEUE_ARN),),
    "a refusal of plain HTTP for one role": (
        {**deny_plain("sqs:*", QUEUE_ARN), "Principal": {"AWS": ROLE_ARN}},
    ),
    "a refusal of what comes over TLS": (
        {**deny_plain("sqs:*", QUEUE_ARN), "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ),
    "a refusal of plain HTTP from one address": (
        {
            **deny_plain("sqs:*", QUEUE_ARN),
            "Condition": {
                "Bool": {"aws:SecureTransport": "false"},
                "IpAddress": {"aws:SourceIp": "192.0.2.1"},
            },
        },
    ),
}


def github(**tests: Mapping[str, Any]) -> dict[str, Any]:
    return {"Principal": {"Federated": GITHUB}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": tests}


AUDIENCE = {f"{ISSUER}:aud": "sts.amazonaws.com"}
TRUST: Mapping[str, Mapping[str, Any]] = {
    "everyone": {"Principal": "*", "Action": "sts:AssumeRole"},
    "everyone with MFA": {
        "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    },
    "all but one": {"NotPrincipal": {"AWS": ROLE_ARN}, "Action": "sts:AssumeRole"},
    "another account": {"Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"},
    "another account with an external id": {
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "payments"}},
    },
    "the whole account": {"Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"},
    "the whole account, MFA if it is there": {
        "Principal": {"AWS": OWN},
        "Action": "sts:AssumeRole",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    },
    "the whole account without MFA": {
        "Principal": {"AWS": OWN},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    },
    "any role of the account": {
        "Principal": {"AWS": OWN},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}},
    },
    "a service for anybody": {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    "a service for another account": {
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}},
    },
    "a service for any account": {
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:schedule/*"}},
    },
    "any repository": github(StringLike={f"{ISSUER}:sub": "repo:*:environment:dev"}, StringEquals=AUDIENCE),
    "any place of a repository": github(
        StringLike={f"{ISSUER}:sub": "repo:acme/payments:*"}, StringEquals=AUDIENCE
    ),
    "no subject": github(StringEquals=AUDIENCE),
    "no audience": github(StringEquals={f"{ISSUER}:sub": "repo:acme/payments:environment:dev"}),
    "another audience": github(
        StringEquals={
            f"{ISSUER}:sub": "repo:acme/payments:environment:dev",
            f"{ISSUER}:aud": "https://example.com",
        }
    ),
    "a subject if it is there": github(
        StringEqualsIfExists={f"{ISSUER}:sub": "repo:acme/payments:environment:dev"}, StringEquals=AUDIENCE
    ),
    "an undeclared repository": github(
        StringEquals={f"{ISSUER}:sub": "repo:eve/payments:environment:dev", **AUDIENCE}
    ),
    "a pull request": github(StringEquals={f"{ISSUER}:sub": "repo:acme/payments:pull_request", **AUDIENCE}),
    "another issuer": {
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/gitlab.example.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"gitlab.example.com:sub": "a:b:c", "gitlab.example.com:aud": "sts.amazonaws.com"}
        },
    },
    "the workflow's repository in place of its subject": github(
        StringEquals={f"{ISSUER}:repository": "acme/payments", **AUDIENCE}
    ),
}


def function(**props: Any) -> tuple[str, dict[str, Any]]:
    return c.FUNCTION, changed(c.FUNCTION, **props)


def variables(**values: str) -> tuple[str, dict[str, Any]]:
    return function(environment={"variables": values})


def topic_policy(*statements: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return c.TOPIC_POLICY, changed(c.TOPIC_POLICY, policy=document(*statements))


PUBLISH = {"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC_ARN}
KEY_ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def key(*statements: Mapping[str, Any], **props: Any) -> tuple[str, dict[str, Any]]:
    return c.KEY, changed(
        c.KEY, **({"policy": document(KEY_ROOT, *statements)} if statements else {}), **props
    )


OTHERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a function without a network": function(vpcConfig=None),
    "a function with an old runtime": function(runtime="python3.8"),
    "a function with more memory than declared": function(memorySize=3008),
    "a function without a limit": function(reservedConcurrentExecutions=-1),
    "a function without a dead-letter queue": function(deadLetterConfig=None),
    "a function whose failures go elsewhere": function(
        deadLetterConfig={"targetArn": f"arn:aws:sqs:{REGION}:{OTHER}:x-queue"}
    ),
    "a layer from elsewhere": function(layers=[f"arn:aws:lambda:{REGION}:{OTHER}:layer:helper:1"]),
    "code from another bucket": function(s3Bucket="somebody-else", s3Key="code.zip"),
    "a role of another account": function(role=f"arn:aws:iam::{OTHER}:role/x"),
    "variables without a key": function(kmsKeyArn=None),
    "a GitHub token": variables(SETTING="ghp_" + "aB3" * 12),
    "a Stripe key": variables(X="sk_" + "live_" + "aB3dE6gH9jK2mN5p"),
    "a bearer token": variables(HEADER="Bearer abcdef0123456789abcdef"),
    "a webhook": variables(URL="https://hooks.slack.com/services/T0000/B0000/abcdef"),
    "a connection string": variables(DSN_VALUE="Server=db;Password=hunter22;"),
    "a password in a URL": variables(BROKER="amqps://user:hunter22@broker.example.com"),
    "a password by name": variables(DB_PASSWORD="hunter22"),
    "a private key": variables(PEM="-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
    "a table without a key": (c.TABLE, changed(c.TABLE, serverSideEncryption={"enabled": False})),
    "a table with AWS's own key": (c.TABLE, changed(c.TABLE, serverSideEncryption={"enabled": True})),
    "a table with capacity": (
        c.TABLE,
        changed(c.TABLE, billingMode="PROVISIONED", readCapacity=5, writeCapacity=5),
    ),
    "a table with a replica abroad": (c.TABLE, changed(c.TABLE, replicas=[{"regionName": "ap-south-1"}])),
    "a table with another account's key": (
        c.TABLE,
        changed(
            c.TABLE,
            serverSideEncryption={"enabled": True, "kmsKeyArn": f"arn:aws:kms:{REGION}:{OTHER}:key/1"},
        ),
    ),
    "a queue without a key": (c.QUEUE, changed(c.QUEUE, kmsMasterKeyId=None)),
    "a queue with AWS's key": (c.QUEUE, changed(c.QUEUE, kmsMasterKeyId="alias/aws/sqs")),
    "a queue of too many attempts": (
        c.QUEUE,
        changed(
            c.QUEUE,
            redrivePolicy=json.dumps({"deadLetterTargetArn": arn("sqs", "x"), "maxReceiveCount": 1000}),
        ),
    ),
    "dead letters from everyone": (
        c.REDRIVE_ALLOW,
        changed(c.REDRIVE_ALLOW, redriveAllowPolicy=json.dumps({"redrivePermission": "allowAll"})),
    ),
    "a topic without a key": (c.TOPIC, changed(c.TOPIC, kmsMasterKeyId=None)),
    "mail to another domain": (c.SUBSCRIPTION, changed(c.SUBSCRIPTION, endpoint="eve@evil.example")),
    "mail to two addresses": (
        c.SUBSCRIPTION,
        changed(c.SUBSCRIPTION, endpoint="eve@evil.example,payments@example.com"),
    ),
    "mail to a subdomain of a stranger": (
        c.SUBSCRIPTION,
        changed(c.SUBSCRIPTION, endpoint="payments@example.com.evil.example"),
    ),
    "a subscription over plain HTTP": (
        c.SUBSCRIPTION,
        changed(c.SUBSCRIPTION, protocol="http", endpoint="http://example.com/hook"),
    ),
    "a subscription of a stranger's queue": (
        c.SUBSCRIPTION,
        changed(c.SUBSCRIPTION, protocol="sqs", endpoint=f"arn:aws:sqs:{REGION}:{OTHER}:x"),
    ),
    "a topic for everyone": topic_policy(deny_plain("sns:Publish", TOPIC_ARN), {**PUBLISH, "Principal": "*"}),
    "a topic for alarms of anybody": topic_policy(
        deny_plain("sns:Publish", TOPIC_ARN),
        {**PUBLISH, "Principal": {"Service": "cloudwatch.amazonaws.com"}},
    ),
    "a key for everyone": key(
        {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    ),
    "a key for another account": key(
        {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:Decrypt", "Resource": "*"}
    ),
    "a key with grants for a role": key(
        {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "kms:CreateGrant", "Resource": "*"}
    ),
    "a key that does not rotate": key(enableKeyRotation=False),
    "a key of several regions": key(multiRegion=True),
    "a key without the lockout check": key(bypassPolicyLockoutSafetyCheck=True),
    "a grant to a stranger": (
        c.GRANT,
        {"keyId": KEY_ARN, "granteePrincipal": f"arn:aws:iam::{OTHER}:role/x", "operations": ["Decrypt"]},
    ),
    "a function's permission for everyone": (
        c.PERMISSION,
        changed(c.PERMISSION, principal="*", sourceArn=None),
    ),
    "a function's permission for any source": (c.PERMISSION, changed(c.PERMISSION, sourceArn=None)),
    "a function's permission for a stranger's rule": (
        c.PERMISSION,
        changed(c.PERMISSION, sourceArn=f"arn:aws:events:{REGION}:{OTHER}:rule/x"),
    ),
    "a function's permission for every action": (c.PERMISSION, changed(c.PERMISSION, action="lambda:*")),
    "a function's URL for everyone": (c.FUNCTION_URL, changed(c.FUNCTION_URL, authorizationType="NONE")),
    "an endpoint without a policy": (
        c.ENDPOINT,
        {k: v for k, v in changed(c.ENDPOINT).items() if k != "policy"},
    ),
    "an endpoint for every action": endpoint("sns", "Interface", allow("*", TOPIC_ARN, Principal="*")),
    "an endpoint for everyone's topics": endpoint(
        "sns", "Interface", allow("sns:Publish", "*", Principal="*")
    ),
    "an endpoint for a stranger's topic": endpoint(
        "sns", "Interface", allow("sns:Publish", f"arn:aws:sns:{REGION}:{OTHER}:x", Principal="*")
    ),
    "an endpoint of a third party": (
        c.ENDPOINT,
        changed(c.ENDPOINT, serviceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"),
    ),
    "an endpoint of an undeclared service": endpoint(
        "ec2",
        "Interface",
        allow("ec2:DescribeVpcs", "arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1", Principal="*"),
    ),
    "an alarm that never rings": (
        c.ALARM,
        changed(c.ALARM, statistic="Minimum", period=86_400, evaluationPeriods=1),
    ),
    "an alarm of 1,440 periods": (c.ALARM, changed(c.ALARM, period=60, evaluationPeriods=1_440)),
    "an alarm that is silent": (c.ALARM, changed(c.ALARM, actionsEnabled=False)),
    "an alarm that tells a stranger": (
        c.ALARM,
        changed(c.ALARM, alarmActions=[f"arn:aws:sns:{REGION}:{OTHER}:x"]),
    ),
    "a subnet of public addresses": (c.SUBNET, changed(c.SUBNET, mapPublicIpOnLaunch=True)),
    "a route to the internet": (
        c.ROUTE,
        changed(c.ROUTE, destinationCidrBlock="0.0.0.0/0", gatewayId="igw-1"),
    ),
    "a route to half of the internet": (
        c.ROUTE,
        changed(c.ROUTE, destinationCidrBlock="0.0.0.0/1", gatewayId="igw-1"),
    ),
    "a route to a VPN": (c.ROUTE_TABLE, changed(c.ROUTE_TABLE, propagatingVgws=["vgw-1"])),
    "a route to a peer": (
        c.ROUTE,
        changed(c.ROUTE, destinationCidrBlock="10.9.0.0/16", gatewayId=None, vpcPeeringConnectionId="pcx-1"),
    ),
    "a group open to the world": (
        c.GROUP,
        changed(
            c.GROUP,
            ingress=[
                {
                    "protocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "cidrBlocks": ["0.0.0.0/0"],
                    "description": "x",
                }
            ],
        ),
    ),
    "a group open to the world over IPv6": (
        c.GROUP,
        changed(
            c.GROUP,
            ingress=[
                {
                    "protocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "ipv6CidrBlocks": ["::/0"],
                    "description": "x",
                }
            ],
        ),
    ),
    "a group that may go anywhere": (
        c.GROUP,
        changed(
            c.GROUP,
            egress=[
                {
                    "protocol": "-1",
                    "fromPort": 0,
                    "toPort": 0,
                    "cidrBlocks": ["0.0.0.0/0"],
                    "description": "x",
                }
            ],
        ),
    ),
    "a role without a boundary": (c.ROLE, changed(c.ROLE, permissionsBoundary=None)),
    "a role with another boundary": (
        c.ROLE,
        changed(c.ROLE, permissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    "a role that administers": (
        c.ROLE,
        changed(c.ROLE, managedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    "an attachment of administration": (
        c.ATTACHMENT,
        {"role": "x", "policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
    ),
    "an attachment of a stranger's policy": (
        c.ATTACHMENT,
        {"role": "x", "policyArn": f"arn:aws:iam::{OTHER}:policy/x"},
    ),
    "a log group of one day": (c.LOG_GROUP, changed(c.LOG_GROUP, retentionInDays=1)),
    "a log group without a key": (c.LOG_GROUP, changed(c.LOG_GROUP, kmsKeyId=None)),
    "a mapping to a stranger's queue": (
        c.MAPPING,
        changed(c.MAPPING, eventSourceArn=f"arn:aws:sqs:{REGION}:{OTHER}:x"),
    ),
    "a provider of another account": (c.PROVIDER, changed(c.PROVIDER, allowedAccountIds=json.dumps([OTHER]))),
    "a provider with keys": (c.PROVIDER, changed(c.PROVIDER, accessKey="AKIA" + "A" * 16, secretKey="x")),
    "a provider elsewhere": (c.PROVIDER, changed(c.PROVIDER, region="ap-south-1")),
    "a provider without TLS checks": (c.PROVIDER, changed(c.PROVIDER, insecure="true")),
    "a provider with another endpoint": (
        c.PROVIDER,
        changed(c.PROVIDER, endpoints=json.dumps([{"sqs": "https://evil.example"}])),
    ),
}
CASES: Mapping[str, tuple[str, dict[str, Any]]] = {
    **{
        f"identity: {name}": (c.POLICY, changed(c.POLICY, policy=document(given)))
        for name, given in IDENTITY.items()
    },
    **{
        f"queue: {name}": (c.QUEUE_POLICY, changed(c.QUEUE_POLICY, policy=document(*given)))
        for name, given in QUEUE.items()
    },
    **{
        f"trust: {name}": (c.ROLE, changed(c.ROLE, assumeRolePolicy=document({"Effect": "Allow", **given})))
        for name, given in TRUST.items()
    },
    **OTHERS,
}


@pytest.mark.parametrize("name", CASES)
def test_a_misconfiguration_is_blocked(name: str) -> None:
    kind, props = CASES[name]
    assert blocking(kind, props), name


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in CASES.values()}))
def test_without_the_misconfiguration_the_resource_passes(kind: str) -> None:
    assert blocking(kind, resource(kind).props) == []
