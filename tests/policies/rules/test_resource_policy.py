"""What the rules about resource policies say of which document, on every type that carries one."""

import pytest

from policies.document_locations import RESOURCE
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    BUCKET,
    BUCKET_POLICY,
    BUCKET_V2,
    KEY,
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    arn,
    deny_plain,
    policy,
)
from tests.policies.engine import Made, config_of

CASES = Cases()
DOCUMENT = "a JSON policy document"
OWN, OTHER = "111111111111", "222222222222"
URL = arn("sqs", "payments-queue-dev-acme")
SOURCE = {"StringEquals": {"aws:SourceAccount": OWN}}


def _letting(
    principal: object, condition: object = MISSING, key: str = "policy", **more: object
) -> dict[str, str]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sqs:SendMessage",
        "Resource": URL,
        "Condition": condition,
        **more,
    }
    kept = {name: value for name, value in statement.items() if value is not MISSING}
    return {key: policy(deny_plain("sqs:*", URL), kept)}


PUBLIC = "statement 2 lets everyone in."
(
    CASES.about("resource-policy-public", QUEUE_POLICY)
    .broken(_letting("*"), PUBLIC)
    .broken(_letting({"AWS": "*"}), PUBLIC)
    .broken(_letting({"AWS": [OWN, "*"]}), PUBLIC)
    .broken(_letting("*", {"StringNotEquals": {"aws:PrincipalAccount": OTHER}}), PUBLIC)
    .broken(_letting("*", {"StringEqualsIfExists": {"aws:PrincipalAccount": OWN}}), PUBLIC)
    .broken(_letting("*", {"ForAllValues:StringEquals": {"aws:PrincipalAccount": OWN}}), PUBLIC)
    .broken(_letting("*", {"StringLike": {"aws:PrincipalAccount": "*"}}), PUBLIC)
    .broken(_letting("*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), PUBLIC)
    .broken(_letting("*", {"Bool": {"aws:SecureTransport": "true"}}), PUBLIC)
    .broken(_letting("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}), PUBLIC)
    .broken(_letting("*", {"StringLike": {"aws:PrincipalAccount": "1*"}}), PUBLIC)
    .broken(_letting("*", {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}), PUBLIC)
    .broken(_letting("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), PUBLIC)
    .broken(_letting("*", {"ArnLike": {"aws:PrincipalArn": ["*", f"arn:aws:iam::{OWN}:role/x"]}}), PUBLIC)
    .broken(_letting("*", {"StringLike": {"aws:SourceVpce": "vpce-*"}}), PUBLIC)
    .fine(_letting("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}))
    .fine(_letting("*", {"StringEquals": {"kms:CallerAccount": OWN}}))
    .fine(_letting("*", {"StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"}}))
    .fine(_letting("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    .fine(_letting("*", {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:topic"}}))
    .fine(_letting("*", {"STRINGEQUALS": {"AWS:PRINCIPALACCOUNT": OWN}}))
    .fine(_letting({"AWS": OWN}))
    .reads("policy", DOCUMENT)
)
for kind, key in sorted(RESOURCE.items()):
    CASES.about("resource-policy-public", Made(type=kind, name="open", props={})).broken(
        _letting("*", key=key), PUBLIC
    ).reads_nothing_without(key, DOCUMENT)
(
    CASES.about("resource-policy-not-principal", QUEUE_POLICY)
    .broken(
        _letting(MISSING, NotPrincipal={"AWS": OTHER}),
        "statement 2 lets in everyone but those in NotPrincipal.",
    )
    .fine(_letting(MISSING, NotPrincipal={"AWS": OTHER}, Effect="Deny"))
    .reads("policy", DOCUMENT)
)
(
    CASES.about("resource-policy-wildcard-action", QUEUE_POLICY)
    .broken(_letting({"AWS": OWN}, Action="*"), "statement 2 allows every action (*).")
    .broken(_letting({"AWS": OWN}, Action=["SQS:*"]), "statement 2 allows every action (sqs:*).")
    .broken(
        _letting({"AWS": OWN}, Action=MISSING, NotAction="sqs:Purge"),
        "statement 2 allows whatever NotAction doesn't name.",
    )
    .reads("policy", DOCUMENT)
)
(
    CASES.about("resource-policy-wildcard-action", KEY)
    .fine(_letting({"AWS": OWN}, Action="kms:*"))
    .fine(_letting({"AWS": f"arn:aws:iam::{OWN}:root"}, Action="kms:*"))
    .broken(_letting({"AWS": OTHER}, Action="kms:*"), "statement 2 allows every action (kms:*).")
    .broken(
        _letting({"AWS": f"arn:aws:iam::{OTHER}:root"}, Action="kms:*"),
        "statement 2 allows every action (kms:*).",
    )
    .broken(
        _letting({"AWS": f"arn:aws:iam::{OWN}:role/x"}, Action="kms:*"),
        "statement 2 allows every action (kms:*).",
    )
    .broken(_letting({"AWS": OWN}, Action="*"), "statement 2 allows every action (*).")
    .reads("policy", DOCUMENT)
)
NOBODY_KNOWS = "statement 2 lets in {}, of which nobody can say whose it is."
UNDECLARED = f"statement 2 lets in {OTHER}, whose account the stack doesn't declare."
(
    CASES.about("resource-policy-foreign-account", QUEUE_POLICY)
    .broken(_letting({"AWS": OTHER}), UNDECLARED)
    .broken(
        _letting({"AWS": [f"arn:aws:iam::{OTHER}:role/x"]}),
        f"statement 2 lets in arn:aws:iam::{OTHER}:role/x, whose account the stack doesn't declare.",
    )
    .fine(_letting({"AWS": OTHER}, Effect="Deny"))
    .fine(_letting("*", {"StringEquals": {"aws:PrincipalAccount": OWN}}))
    .fine(_letting({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": OWN}}))
    .fine(_letting("*", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}))
    .fine(_letting("*", {"StringNotEquals": {"aws:PrincipalAccount": OTHER}}))
    .fine(_letting({"AWS": OWN}, {"StringEquals": {"aws:SourceAccount": OTHER}}))
    .broken(_letting({"AWS": "AIDAQABCDEFGHIJKLMNOP"}), NOBODY_KNOWS.format("AIDAQABCDEFGHIJKLMNOP"))
    .broken(_letting({"CanonicalUser": "79a59df900b949e5"}), NOBODY_KNOWS.format("79a59df900b949e5"))
    .broken(
        _letting("*", {"StringLike": {"aws:PrincipalOrgPaths": "o-9/*"}}),
        "statement 2 lets in the organisation o-9/*, which is none of ours.",
    )
    .reads("policy", DOCUMENT)
)
for principal in ("*", {"Service": "sns.amazonaws.com"}):
    for key in ("aws:PrincipalAccount", "aws:SourceAccount", "kms:CallerAccount"):
        CASES.about("resource-policy-foreign-account", QUEUE_POLICY).broken(
            _letting(principal, {"StringEquals": {key: [OWN, OTHER]}}), UNDECLARED
        )
    for key in ("aws:PrincipalArn", "aws:SourceArn"):
        CASES.about("resource-policy-foreign-account", QUEUE_POLICY).broken(
            _letting(principal, {"ArnLike": {key: f"arn:aws:sns:us-east-1:{OTHER}:*"}}),
            f"statement 2 lets in arn:aws:sns:us-east-1:{OTHER}:*, whose account the stack doesn't declare.",
        )


def _declaring(accounts: str, *messages: str) -> None:
    made = Made(type=QUEUE_POLICY, name="declared", props=_letting({"AWS": OTHER}))
    config = {**config_of("dev"), "payments:subscriberAccountIds": accounts}
    CASES.all.append(
        Case(
            rule="resource-policy-foreign-account",
            name=f"subscribers {accounts}",
            resources=(made,),
            config=config,
            messages=messages,
        )
    )


_declaring(f'["{OTHER}"]')
_declaring("[]", UNDECLARED)
_declaring("none", "can't be checked: payments:subscriberAccountIds is not a JSON list in stack dev.")

FOR_ANYBODY = "statement 2 lets sns.amazonaws.com in on behalf of any account."
SNS = {"Service": "sns.amazonaws.com"}
(
    CASES.about("resource-policy-service-source", QUEUE_POLICY)
    .broken(_letting(SNS), FOR_ANYBODY)
    .broken(_letting(SNS, {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}), FOR_ANYBODY)
    .broken(_letting(SNS, {"StringEqualsIfExists": {"aws:SourceAccount": OWN}}), FOR_ANYBODY)
    .broken(_letting(SNS, {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}), FOR_ANYBODY)
    .broken(_letting(SNS, {"StringLike": {"aws:SourceAccount": "1*"}}), FOR_ANYBODY)
    .fine(_letting(SNS, SOURCE))
    .fine(_letting(SNS, {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:topic"}}))
    .reads("policy", DOCUMENT)
)
CASES.about("resource-policy-service-source", KEY).broken(
    _letting({"Service": "logs.us-east-1.amazonaws.com"}),
    "statement 2 lets logs.us-east-1.amazonaws.com in on behalf of any account.",
).fine(
    _letting(
        {"Service": "dynamodb.amazonaws.com"},
        {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}},
    )
).fine(
    _letting(
        {"Service": "logs.us-east-1.amazonaws.com"},
        {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arn("logs", "log-group:x")}},
    )
)


def _undenied(*actions: str) -> list[str]:
    return [
        f"no statement denies {action} to everyone where aws:SecureTransport is false." for action in actions
    ]


ALL = _undenied("sqs:sendmessage", "sqs:receivemessage", "sqs:deletemessage")


def _denying(action: object = "sqs:*", **changes: object) -> dict[str, str]:
    statement = {**deny_plain("", URL), "Action": action, **changes}
    return {"policy": policy({key: value for key, value in statement.items() if value is not MISSING})}


(
    CASES.about("resource-policy-tls", QUEUE_POLICY)
    .broken(
        {"policy": policy({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sqs:SendMessage"})}, *ALL
    )
    .broken(_denying("sqs:SendMessage"), *ALL[1:])
    .broken(_denying(Effect="Allow"), *ALL)
    .broken(_denying(Principal={"AWS": OTHER}), *ALL)
    .broken(_denying(Condition={"Bool": {"aws:SecureTransport": "true"}}), *ALL)
    .broken(_denying(Condition={"Null": {"aws:SecureTransport": "false"}}), *ALL)
    .broken(_denying(Condition={}), *ALL)
    .broken(_denying(Condition={"Bool": {"aws:ViaAWSService": "false"}}), *ALL)
    .broken(
        _denying(
            Condition={
                "Bool": {"aws:SecureTransport": "false"},
                "StringEquals": {"aws:PrincipalAccount": OWN},
            }
        ),
        *ALL,
    )
    .fine(_denying(Condition={"bool": {"AWS:securetransport": False}}))
    .fine(_denying(Condition={"BoolIfExists": {"aws:SecureTransport": ["false"]}}))
    .fine(_denying(["sqs:SendMessage", "sqs:Receive*", "SQS:DeleteMessage"]))
    .fine(_denying(Resource="*"))
    .fine(_denying(Resource=f"arn:aws:sqs:*:{OWN}:payments-*"))
    .broken(_denying(Resource=arn("sqs", "another-queue-dev-acme")), *ALL)
    .broken(_denying(Resource=f"arn:aws:sqs:eu-west-1:{OWN}:payments-queue-dev-acme"), *ALL)
    .broken(_denying(Resource=MISSING, NotResource=URL), *ALL)
    .fine(_denying(Resource=MISSING, NotResource=arn("sqs", "another-queue-dev-acme")))
    .broken(_denying(Resource=MISSING), *ALL)
    .reads("policy", DOCUMENT)
    .reads("queueUrl", "a string", *ALL)
)
CASES.about("resource-policy-tls", TOPIC_POLICY).broken(
    {"policy": policy({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sns:Publish"})},
    *_undenied("sns:publish"),
).reads("arn", "a string", *_undenied("sns:publish"))
for kind in (QUEUE, TOPIC):
    CASES.about("resource-policy-tls", kind).reads_nothing_without("policy", DOCUMENT)
CASES.about("resource-policy-tls", TOPIC).broken(
    {"policy": policy({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sns:Publish"})},
    *_undenied("sns:publish"),
)
INSIDE, BUCKET_ARN = "arn:aws:s3:::reports-bucket-dev-acme/*", "arn:aws:s3:::reports-bucket-dev-acme"
OBJECT_ACTIONS = _undenied("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket")


def _denying_s3(**changes: object) -> dict[str, str]:
    return {"policy": policy({**deny_plain("s3:*", ""), "Resource": [BUCKET_ARN, INSIDE], **changes})}


(
    CASES.about("resource-policy-tls", BUCKET_POLICY)
    .broken(_denying_s3(Resource=INSIDE), *OBJECT_ACTIONS)
    .broken(_denying_s3(Resource=BUCKET_ARN), *OBJECT_ACTIONS)
    .broken(_denying_s3(Action="s3:GetObject"), *OBJECT_ACTIONS[1:])
    .fine(_denying_s3(Resource="*"))
    .fine(_denying_s3(Resource=f"{BUCKET_ARN}*"))
    .reads("policy", DOCUMENT)
    .reads("bucket", "a string", *OBJECT_ACTIONS)
)
for kind in (BUCKET, BUCKET_V2):
    CASES.about("resource-policy-tls", kind).reads_nothing_without("policy", DOCUMENT).broken(
        _denying_s3(Resource=INSIDE), *OBJECT_ACTIONS
    ).fine(_denying_s3())


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
