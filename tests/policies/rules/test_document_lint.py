"""What the lint of policy documents says of which document."""

import json

import pytest

from policies.reach import TEMPLATES
from policies.rules.document_lint import unknown_action, unknown_key, unknown_kind
from tests.policies.cases import Case, Cases
from tests.policies.compliant import ENDPOINT, KEY, POLICY, QUEUE_POLICY, ROLE, TOPIC_POLICY, arn, policy

CASES = Cases()
DOCUMENT = "a JSON policy document"
QUEUE = arn("sqs", "payments-queue-dev-acme")


def _allowing(**more: object) -> dict[str, str]:
    return {"policy": policy({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE, **more})}


(
    CASES.about("policy-document-names", POLICY)
    .broken(_allowing(Action="sqs:SendMesage"), "statement 1: sqs:sendmesage is no action of AWS.")
    .broken(_allowing(Action="sqs:Sned*"), "statement 1: sqs:sned* is no action of AWS.")
    .broken(_allowing(Action="sqss:SendMessage"), "statement 1: sqss:sendmessage names no service of AWS.")
    .broken(_allowing(Action="SendMessage"), "statement 1: sendmessage names no service of AWS.")
    .broken(
        _allowing(Condition={"StringEquals": {"aws:SourceAcount": "111111111111"}}),
        "statement 1: aws:sourceacount is no condition key of AWS.",
    )
    .broken(
        _allowing(Condition={"StringEquals": {"kms:ViaServices": "sqs"}}),
        "statement 1: kms:viaservices is no condition key of AWS.",
    )
    .broken(
        _allowing(Condition={"StringEqual": {"aws:SourceAccount": "111111111111"}}),
        "statement 1: stringequal is no condition operator of AWS.",
    )
    .broken(
        _allowing(Action="dynamodb:GetItem", Resource=arn("dynamodb", "tables/payments")),
        f"statement 1: {arn('dynamodb', 'tables/payments')} is of no kind of resource that dynamodb has.",
    )
    .broken(_allowing(Resource="payments-queue"), "statement 1: payments-queue is no ARN.")
    .fine(_allowing(Action=["sqs:Send*", "athena:StartQueryExecution", "*"]))
    .fine(_allowing(Condition={"StringEquals": {"aws:ResourceTag/Team": "a"}}))
    .fine(_allowing(Condition={"ForAllValues:StringEqualsIfExists": {"aws:TagKeys": "a"}}))
    .fine(_allowing(Condition={"StringEquals": {"kms:EncryptionContext:aws:logs:arn": "a"}}))
    .fine(_allowing(Resource=["*", "arn:aws:dynamodb:*:*:table/payments*", "arn:aws:sqs:*"]))
    .reads("policy", DOCUMENT)
)
CASES.about("policy-document-names", ROLE).reads("assumeRolePolicy", DOCUMENT).reads_nothing_without(
    "inlinePolicies", "a list of objects"
)
(
    CASES.about("policy-document-form", POLICY)
    .broken(
        {"policy": json.dumps({"Statement": []})},
        "policy: Version is not set; it must be 2012-10-17, or policy variables are mere text.",
    )
    .broken(
        {"policy": json.dumps({"Version": "2008-10-17", "Statement": []})},
        "policy: Version is 2008-10-17; it must be 2012-10-17, or policy variables are mere text.",
    )
    .broken(
        {"policy": policy(*({"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"} for _ in "12"))},
        "policy: the Sid A stands twice.",
    )
    .broken(
        _allowing(Resource=[f"{QUEUE}-{number:04}" for number in range(200)]),
        "policy has 13297 characters without blanks; AWS takes 6144.",
    )
    .reads("policy", DOCUMENT)
)
CASES.about("policy-document-form", ROLE).reads("assumeRolePolicy", DOCUMENT)
for kind in (ENDPOINT, KEY, QUEUE_POLICY, TOPIC_POLICY):
    for rule in ("policy-document-names", "policy-document-form"):
        CASES.about(rule, kind).reads("policy", DOCUMENT)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


@pytest.mark.parametrize(
    "action",
    [
        "sqs:sendmessage",
        "iam:passrole",
        "s3:getobject*",
        "kms:generatedatakey*",
        "sts:tagsession",
        "lambda:*",
    ],
)
def test_actions_of_aws_are_known(action: str) -> None:
    assert unknown_action(action) == ""


@pytest.mark.parametrize(
    "key",
    [
        "aws:principaltag/team",
        "iam:passedtoservice",
        "kms:grantisforawsresource",
        "lambda:sourcefunctionarn",
        "sts:externalid",
        "token.actions.githubusercontent.com:sub",
        "saml:aud",
        "dynamodb:leadingkeys",
    ],
)
def test_condition_keys_of_aws_are_known(key: str) -> None:
    assert unknown_key(key) == ""


@pytest.mark.parametrize("service", sorted(set(TEMPLATES) - {"apigateway", "execute-api", "sts"}))
def test_the_probes_of_reach_are_of_kinds_that_aws_has(service: str) -> None:
    for template in TEMPLATES[service]:
        assert unknown_kind(f"arn:aws:{service}:us-east-1:111111111111:{template.replace('{n}', 'a')}") == ""
