"""Unusual forms that are right: no rule refuses them."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from policies import configuration as configurations
from policies.check import check_export
from policies.rule import StackRule
from policies.rules import RULES
from tests.policies import compliant
from tests.policies.compliant import arn, named, resource
from tests.policies.engine import ACCOUNTS, REGIONS, config_of
from tests.policies.states import export, state

TODAY = date(2026, 3, 2)
PACK = configurations.load(RULES, TODAY)
ABOUT_ONE = [rule for rule in RULES if not isinstance(rule, StackRule)]
SUBJECTS = [
    "repo:acme/payments:environment:dev",
    "repo:acme/payments:ref:refs/heads/main",
    "repo:acme@123/payments@456:environment:dev",
]
CONFIG = {**config_of("dev"), "payments:githubSubjects": json.dumps(SUBJECTS)}
OWN, REGION = ACCOUNTS["dev"], REGIONS["dev"]
TABLE_ARN = arn("dynamodb", f"table/{named('payments-table')}")
QUEUE_ARN = arn("sqs", named("payments-queue"))
TOPIC_ARN = arn("sns", named("payments-notification-topic"))
KEY_ARN = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")
BUCKET_ARN = f"arn:aws:s3:::{named('reports-bucket')}"
FUNCTION_ARN = arn("lambda", f"function:{named('payments-function')}")
ROLE_ARN = f"arn:aws:iam::{OWN}:role/{named('producer-role')}"
GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
ISSUER = "token.actions.githubusercontent.com"


def allow(action: Any, target: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


def messages(kind: str, props: Mapping[str, Any]) -> list[str]:
    """What the rules about one resource say of it."""
    document = export(state(resource(kind).but(props=props)))
    report = check_export(document, CONFIG, configuration=PACK, rules=ABOUT_ONE, today=TODAY)
    return [f"{item.violation.rule.id}: {item.violation.message}" for item in report.findings] + [
        f"{item.rule.id}: {item.path} is unknown" for item in report.not_evaluated
    ]


def changed(kind: str, **props: Any) -> dict[str, Any]:
    """The compliant resource of a type, some properties replaced or, by None, taken away."""
    return {name: value for name, value in {**resource(kind).props, **props}.items() if value is not None}


IDENTITY: Mapping[str, Any] = {
    "one statement that is no list": allow("dynamodb:GetItem", TABLE_ARN),
    "a list of one statement": [allow(["dynamodb:GetItem"], [TABLE_ARN])],
    "indexes of one table": allow("dynamodb:Query", [TABLE_ARN, f"{TABLE_ARN}/index/*"]),
    "one index": allow("dynamodb:Query", f"{TABLE_ARN}/index/by-customer"),
    "the stream of one table": allow("dynamodb:GetRecords", f"{TABLE_ARN}/stream/*"),
    "leading keys of the caller": allow(
        "dynamodb:GetItem",
        TABLE_ARN,
        Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/tenant}"]}},
    ),
    "only some attributes": allow(
        "dynamodb:GetItem",
        TABLE_ARN,
        Condition={
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "amount"]},
            "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
        },
    ),
    "a wildcard of read actions on one table": allow(["dynamodb:Describe*"], TABLE_ARN),
    "actions in another case": allow("DynamoDB:getitem", TABLE_ARN),
    "a deny of everything without TLS": [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": False}},
        }
    ],
    "a deny by NotAction": [
        allow("dynamodb:GetItem", TABLE_ARN),
        {"Effect": "Deny", "NotAction": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*"},
    ],
    "a deny by NotResource": [{"Effect": "Deny", "Action": "dynamodb:*", "NotResource": TABLE_ARN}],
    "a deny outside of one region": [
        {
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*", "support:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
        }
    ],
    "a deny outside of the network": [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-0a1b2c3d"}},
        }
    ],
    "a deny without MFA": [
        {
            "Effect": "Deny",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }
    ],
    "a deny of addresses": [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
        }
    ],
    "objects of one prefix": allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET_ARN}/exports/*"),
    "a list of one prefix": allow(
        "s3:ListBucket", BUCKET_ARN, Condition={"StringLike": {"s3:prefix": ["exports/*", "exports/"]}}
    ),
    "presigned URLs that expire soon": allow(
        "s3:GetObject",
        f"{BUCKET_ARN}/exports/*",
        Condition={
            "NumericLessThan": {"s3:signatureAge": 600000},
            "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        },
    ),
    "uploads with the own key": allow(
        "s3:PutObject",
        f"{BUCKET_ARN}/*",
        Condition={"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN}},
    ),
    "a home folder by a policy variable": allow("s3:GetObject", f"{BUCKET_ARN}/home/${{aws:username}}/*"),
    "decryption through one service": allow(
        "kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}}
    ),
    "decryption within a context": allow(
        ["kms:Decrypt", "kms:GenerateDataKey"],
        KEY_ARN,
        Condition={"StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": FUNCTION_ARN}},
    ),
    "an encryption only": allow(["kms:Encrypt", "kms:GenerateDataKey*"], KEY_ARN),
    "a key by its alias": allow(
        "kms:Decrypt",
        f"arn:aws:kms:{REGION}:{OWN}:key/*",
        Condition={"StringEquals": {"kms:ResourceAliases": f"alias/{named('payments-key')}"}},
    ),
    "log streams of one group": allow(
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [f"arn:aws:logs:{REGION}:{OWN}:log-group:{named('payments-log-group')}:log-stream:*"],
    ),
    "a log group with its trailing wildcard": allow(
        "logs:PutLogEvents", f"arn:aws:logs:{REGION}:{OWN}:log-group:{named('payments-log-group')}:*"
    ),
    "a secret with its six random characters": allow(
        "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{OWN}:secret:payments-token-??????"
    ),
    "a secret at one stage": allow(
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{REGION}:{OWN}:secret:payments-token-AbCdEf",
        Condition={"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}},
    ),
    "parameters below a path": allow(
        ["ssm:GetParameter", "ssm:GetParametersByPath"],
        f"arn:aws:ssm:{REGION}:{OWN}:parameter/payments/dev/*",
    ),
    "metrics of one namespace": allow(
        "cloudwatch:PutMetricData", "*", Condition={"StringEquals": {"cloudwatch:namespace": "Payments"}}
    ),
    "traces": allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    "who am I": allow("sts:GetCallerIdentity", "*"),
    "a random password and the lists of a console": allow(
        [
            "events:ListRules",
            "s3:ListAllMyBuckets",
            "secretsmanager:GetRandomPassword",
            "ssm:DescribeParameters",
            "states:ListStateMachines",
        ],
        "*",
    ),
    "an authorization token": allow("ecr:GetAuthorizationToken", "*"),
    "lists that take no resource": allow(["sqs:ListQueues", "sns:ListTopics", "lambda:ListFunctions"], "*"),
    "network interfaces of functions": allow(
        ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"], "*"
    ),
    "one version of a function": allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live"),
    "a function and all its versions": allow("lambda:InvokeFunction", [FUNCTION_ARN, f"{FUNCTION_ARN}:*"]),
    "a messages' pair of queues": allow(
        ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
        [QUEUE_ARN, arn("sqs", named("payments-dead-letter-queue"))],
    ),
    "a topic with a condition on the protocol": allow(
        "sns:Subscribe", TOPIC_ARN, Condition={"StringEquals": {"sns:Protocol": "sqs"}}
    ),
    "a time window": allow(
        "sqs:PurgeQueue",
        QUEUE_ARN,
        Condition={
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2026-01-02T00:00:00Z"},
        },
    ),
    "a young session": allow(
        "sqs:SendMessage", QUEUE_ARN, Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
    ),
    "a role for one service": allow(
        "iam:PassRole",
        f"arn:aws:iam::{OWN}:role/{named('payments-function-role')}",
        Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    ),
    "another role of the own account": allow(
        "sts:AssumeRole", f"arn:aws:iam::{OWN}:role/{named('reader-role')}"
    ),
    "a Sid of letters and digits": allow("sqs:SendMessage", QUEUE_ARN, Sid="Send2Queue"),
    "an empty list of conditions": allow("sqs:SendMessage", QUEUE_ARN, Condition={}),
    "several values under several keys": allow(
        "sqs:SendMessage",
        QUEUE_ARN,
        Condition={
            "StringEquals": {
                "aws:PrincipalTag/Team": ["payments", "ledger"],
                "aws:ResourceTag/Environment": "dev",
            },
            "Bool": {"aws:SecureTransport": "true"},
        },
    ),
}


def sqs(*statements: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A queue's policy, refusals of plain HTTP included."""
    return [compliant.deny_plain("sqs:*", QUEUE_ARN), *statements]


QUEUE: Mapping[str, Any] = {
    "a refusal of plain HTTP by BoolIfExists": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "SQS:*",
            "Resource": QUEUE_ARN,
            "Condition": {"BoolIfExists": {"aws:SecureTransport": ["false"]}},
        }
    ],
    "principals as a list": sqs(
        allow("sqs:SendMessage", QUEUE_ARN, Principal={"AWS": [ROLE_ARN, f"arn:aws:iam::{OWN}:role/other"]})
    ),
    "a service for one source": sqs(
        allow(
            "sqs:SendMessage",
            QUEUE_ARN,
            Principal={"Service": "sns.amazonaws.com"},
            Condition={"ArnEquals": {"aws:SourceArn": TOPIC_ARN}},
        )
    ),
    "a service for the account": sqs(
        allow(
            "sqs:SendMessage",
            QUEUE_ARN,
            Principal={"Service": ["events.amazonaws.com"]},
            Condition={"StringEquals": {"aws:SourceAccount": [OWN]}},
        )
    ),
    "everyone of the own account": sqs(
        allow(
            "sqs:SendMessage",
            QUEUE_ARN,
            Principal="*",
            Condition={"StringEquals": {"aws:PrincipalAccount": OWN}},
        )
    ),
    "everyone, one role by its ARN": sqs(
        allow(
            "sqs:SendMessage",
            QUEUE_ARN,
            Principal={"AWS": "*"},
            Condition={"ArnLike": {"aws:PrincipalArn": ROLE_ARN}},
        )
    ),
    "a deny of all but one role": sqs(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ROLE_ARN]}},
        }
    ),
    "a deny by NotPrincipal": sqs(
        {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": [ROLE_ARN, f"arn:aws:iam::{OWN}:root"]},
            "Action": "sqs:PurgeQueue",
            "Resource": QUEUE_ARN,
        }
    ),
    "a deny outside of an endpoint": sqs(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": QUEUE_ARN,
            "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f67890"}},
        }
    ),
    "a deny of old TLS": sqs(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": QUEUE_ARN,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        }
    )[:1],
    "the account's root": sqs(
        allow("sqs:SendMessage", QUEUE_ARN, Principal={"AWS": f"arn:aws:iam::{OWN}:root"})
    ),
    "the account by its number": sqs(allow("sqs:SendMessage", QUEUE_ARN, Principal={"AWS": OWN})),
}

TRUST: Mapping[str, Any] = {
    "a service without on-behalf": {
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
    "a service for one source": {
        "Principal": {"Service": ["lambda.amazonaws.com"]},
        "Action": ["sts:AssumeRole"],
        "Condition": {"ArnEquals": {"aws:SourceArn": FUNCTION_ARN}},
    },
    "a service for functions of a name": {
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:{REGION}:{OWN}:function:payments-*"}},
    },
    "a role of the own account": {
        "Principal": {"AWS": ROLE_ARN},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    },
    "roles as a list": {
        "Principal": {"AWS": [ROLE_ARN, f"arn:aws:iam::{OWN}:role/ops"]},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"sts:ExternalId": "payments-deployer"},
            "Bool": {"aws:SecureTransport": "true"},
        },
    },
    "the account with MFA": {
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}},
    },
    "the account for one role": {
        "Principal": {"AWS": OWN},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": [ROLE_ARN]}},
    },
    "the account for single sign-on": {
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {
                "aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Payments_*"  # noqa: E501  an ARN
            }
        },
    },
    "a workflow in an environment": {
        "Principal": {"Federated": GITHUB},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": "repo:acme/payments:environment:dev",
            }
        },
    },
    "a workflow of two places": {
        "Principal": {"Federated": [GITHUB]},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {f"{ISSUER}:aud": ["sts.amazonaws.com"]},
            "StringLike": {
                f"{ISSUER}:sub": [
                    "repo:acme/payments:environment:dev",
                    "repo:acme/payments:ref:refs/heads/main",
                ]
            },
        },
    },
    "a workflow with ids in its subject": {
        "Principal": {"Federated": GITHUB},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": "repo:acme@123/payments@456:environment:dev",
            }
        },
    },
}


def endpoint(service: str, kind: str, *statements: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An endpoint's type and properties."""
    props = changed(
        compliant.ENDPOINT,
        serviceName=f"com.amazonaws.{REGION}.{service}",
        vpcEndpointType=kind,
        policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        tags={"Name": named(f"{service}-endpoint")},
    )
    if kind == "Gateway":
        for name in ("subnetIds", "privateDnsEnabled"):
            props.pop(name)
        props["routeTableIds"] = ["rtb-1"]
    return compliant.ENDPOINT, props


OWN_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": OWN}}
OTHERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "a gateway endpoint of DynamoDB": endpoint(
        "dynamodb", "Gateway", allow("dynamodb:PutItem", TABLE_ARN, Principal="*", Condition=OWN_ACCOUNT)
    ),
    "a gateway endpoint of S3": endpoint(
        "s3",
        "Gateway",
        allow(
            "s3:GetObject",
            f"{BUCKET_ARN}/*",
            Principal={"AWS": "*"},
            Condition={"StringEquals": {"aws:PrincipalAccount": OWN, "aws:ResourceAccount": [OWN]}},
        ),
    ),
    "an endpoint for one role": endpoint(
        "sqs", "Interface", allow("sqs:SendMessage", QUEUE_ARN, Principal={"AWS": ROLE_ARN})
    ),
    "an endpoint for resources of the account": endpoint(
        "sns",
        "Interface",
        allow(
            "sns:Publish",
            TOPIC_ARN,
            Principal="*",
            Condition={"StringEquals": {"aws:PrincipalAccount": OWN, "aws:ResourceAccount": OWN}},
        ),
    ),
    "variables that look like secrets by name": (
        compliant.FUNCTION,
        changed(
            compliant.FUNCTION,
            environment={
                "variables": {
                    "TOKEN_TTL_SECONDS": "300",
                    "API_KEY_HEADER": "x-api-key",
                    "GIT_SHA": "9c0fd8562a48b7b1c1d3d4e5f60718293a4b5c6d",
                    "SECRET_ARN": f"arn:aws:secretsmanager:{REGION}:{OWN}:secret:payments-token-AbCdEf",
                    "PASSWORD_PARAMETER": "/payments/dev/password",
                    "TABLE_NAME": named("payments-table"),
                    "PUBLIC_KEY_URL": "https://example.com/keys.json",
                }
            },
        ),
    ),
    "tags beside those of the project": (
        compliant.QUEUE,
        changed(compliant.QUEUE, tags={"CostCentre": "4711", "map-migrated": "d-server-0001"}),
    ),
    "a longer retention of messages": (
        compliant.QUEUE,
        changed(compliant.QUEUE, messageRetentionSeconds=1_209_600.0, visibilityTimeoutSeconds=900.0),
    ),
    "a table with time to live and a stream": (
        compliant.TABLE,
        changed(
            compliant.TABLE,
            ttl={"enabled": True, "attributeName": "expires"},
            streamEnabled=True,
            streamViewType="NEW_AND_OLD_IMAGES",
        ),
    ),
    "numbers as the engine writes them": (
        compliant.ALARM,
        changed(compliant.ALARM, period=60.0, evaluationPeriods=1.0, datapointsToAlarm=1.0),
    ),
    "a key for one service": (
        compliant.KEY,
        changed(
            compliant.KEY,
            policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": [f"arn:aws:iam::{OWN}:root"]},
                            "Action": ["kms:*"],
                            "Resource": ["*"],
                        },
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sns.amazonaws.com"},
                            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                            "Resource": "*",
                            "Condition": {"StringEquals": {"aws:SourceAccount": OWN}},
                        },
                    ],
                }
            ),
        ),
    ),
    "a permission for one rule": (
        compliant.PERMISSION,
        changed(
            compliant.PERMISSION,
            principal="sns.amazonaws.com",
            sourceArn=TOPIC_ARN,
            sourceAccount=OWN,
            statementId="FromTopic",
        ),
    ),
}
FORMS: Mapping[str, tuple[str, dict[str, Any]]] = {
    **{
        f"identity: {name}": (
            compliant.POLICY,
            changed(compliant.POLICY, policy=json.dumps({"Version": "2012-10-17", "Statement": given})),
        )
        for name, given in IDENTITY.items()
    },
    **{
        f"queue: {name}": (
            compliant.QUEUE_POLICY,
            changed(compliant.QUEUE_POLICY, policy=json.dumps({"Version": "2012-10-17", "Statement": given})),
        )
        for name, given in QUEUE.items()
    },
    **{
        f"trust: {name}": (
            compliant.ROLE,
            changed(
                compliant.ROLE,
                assumeRolePolicy=json.dumps(
                    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", **given}}
                ),
            ),
        )
        for name, given in TRUST.items()
    },
    **OTHERS,
}


@pytest.mark.parametrize("name", FORMS)
def test_an_unusual_form_that_is_right_passes(name: str) -> None:
    kind, props = FORMS[name]
    assert messages(kind, props) == []
