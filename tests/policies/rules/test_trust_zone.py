"""What the rules about the zone of trust say of which reference."""

import json
from dataclasses import replace

import pytest

from policies.configuration import PackConfiguration
from policies.evaluation import Violation, evaluate
from policies.resource import CheckedResource
from policies.rule import RuleContext
from policies.rules import RULES
from policies.stack import CheckedStack
from policies.zone import Zone
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    ALARM,
    BUCKET_OBJECT,
    ENDPOINT,
    FUNCTION,
    GRANT,
    INVOKE_CONFIG,
    LAYER,
    MAPPING,
    OIDC_PROVIDER,
    POLICY,
    QUEUE,
    ROLE,
    SUBSCRIPTION,
    arn,
    policy,
)
from tests.policies.engine import UNKNOWN, config_of

CASES = Cases()
OWN, OTHER = "111111111111", "999999999999"
DOCUMENT = "a JSON policy document"
GITHUB = "token.actions.githubusercontent.com"
PINNED = "repo:acme/payments:environment:dev"
DECLARING = {
    **config_of("dev"),
    "payments:githubSubject": PINNED,
    "payments:deployerPrincipals": json.dumps(["arn:aws:iam::222222222222:role/platform"]),
}


def foreign(service: str, resource: str) -> str:
    """An ARN of somebody else's."""
    return arn(service, resource).replace(OWN, OTHER)


def outside(path: str, value: str) -> str:
    return f"{path} is {value}, of account {OTHER}, which is outside the zone of trust."


ELSEWHERE = foreign("sns", "alarms")
(
    CASES.about("placement-foreign-reference", ALARM)
    .broken({"alarmActions": [ELSEWHERE]}, outside("alarmActions.0", ELSEWHERE))
    .broken({"okActions": [ELSEWHERE]}, outside("okActions.0", ELSEWHERE))
    .broken(
        {"alarmActions": [arn("sns", "alarms").replace("us-east-1", "eu-north-1")]},
        f"alarmActions.0 is arn:aws:sns:eu-north-1:{OWN}:alarms, in region eu-north-1, "
        "which the stack does not declare.",
    )
    .fine({"alarmActions": ["arn:aws:automate:us-east-1:ec2:recover"]})
    .fine({"alarmDescription": f"see {ELSEWHERE}"})
    .fine({"tags": {"Owner": OTHER, "Topic": ELSEWHERE}})
    .unknown({"alarmActions": [UNKNOWN]}, "alarmActions.0")
    .unknown(
        {"alarmActions": [UNKNOWN], "okActions": [ELSEWHERE]},
        "alarmActions.0",
        outside("okActions.0", ELSEWHERE),
    )
)
LAYER_ARN, REPOSITORY = (
    foreign("lambda", "layer:tools:7"),
    f"{OTHER}.dkr.ecr.us-east-1.amazonaws.com/payments:1",
)
(
    CASES.about("placement-foreign-reference", FUNCTION)
    .broken({"layers": [LAYER_ARN]}, outside("layers.0", LAYER_ARN))
    .broken({"imageUri": REPOSITORY}, outside("imageUri", REPOSITORY))
    .broken(
        {"imageUri": "public.ecr.aws/lambda/python:3.13"},
        "imageUri is public.ecr.aws/lambda/python:3.13, an image of a registry that nobody declared.",
    )
    .broken({"s3Bucket": "downloads"}, "s3Bucket is downloads, a bucket of code that nobody declared.")
    .broken(
        {"deadLetterConfig": {"targetArn": foreign("sqs", "dead")}},
        outside("deadLetterConfig.targetArn", foreign("sqs", "dead")),
    )
    .broken(
        {"environment": {"variables": {"QUEUE": f"https://sqs.us-east-1.amazonaws.com/{OTHER}/payments"}}},
        outside("environment.variables.QUEUE", f"https://sqs.us-east-1.amazonaws.com/{OTHER}/payments"),
    )
    .broken(
        {"fileSystemConfig": {"arn": "arn:aws:elasticfilesystem:*:*:access-point/a"}},
        "fileSystemConfig.arn is arn:aws:elasticfilesystem:*:*:access-point/a, of any account.",
    )
    .fine({"imageUri": REPOSITORY.replace(OTHER, OWN)})
    .fine({"s3Bucket": "code-dev-acme"})
    .fine({"layers": [arn("lambda", "layer:shared-layer-dev-acme:3")]})
    .fine({"environment": {"variables": {"LIMIT": OTHER, "ORDER": "order-999999999999"}}})
    .fine({"description": f"copied from {OTHER}"})
)
CASES.about("placement-foreign-reference", LAYER).broken(
    {"s3Bucket": "layers"}, "s3Bucket is layers, a bucket of code that nobody declared."
)
FAILED = foreign("sqs", "failed")
for kind, path in (
    (MAPPING, "destinationConfig.onFailure.destinationArn"),
    (INVOKE_CONFIG, "destinationConfig.onFailure.destination"),
    (INVOKE_CONFIG, "destinationConfig.onSuccess.destination"),
):
    CASES.about("placement-foreign-reference", kind).broken({path: FAILED}, outside(path, FAILED))
CASES.about("placement-foreign-reference", QUEUE).broken(
    {"redrivePolicy": json.dumps({"deadLetterTargetArn": FAILED})},
    outside("redrivePolicy.deadLetterTargetArn", FAILED),
).fine({"policy": policy({"Effect": "Deny", "Principal": {"AWS": OTHER}, "Action": "*", "Resource": "*"})})
CASES.about("placement-foreign-reference", BUCKET_OBJECT).broken(
    {"expectedBucketOwner": OTHER}, outside("expectedBucketOwner", OTHER)
)
CASES.about("placement-foreign-reference", GRANT).fine({"granteePrincipal": foreign("iam", "role/a")})
CASES.about("placement-foreign-reference", SUBSCRIPTION).fine({"endpoint": foreign("sqs", "theirs")})


def allowing(action: str, on: object, **more: object) -> dict[str, str]:
    return {"policy": policy({"Effect": "Allow", "Action": action, "Resource": on, **more})}


ANY = "of any account: name the account, or add a condition on aws:ResourceAccount."
(
    CASES.about("iam-policy-foreign-resource", POLICY)
    .broken(
        allowing("sts:AssumeRole", foreign("iam", "role/theirs")),
        f"statement 1 allows sts:assumerole on {foreign('iam', 'role/theirs')}, of account {OTHER}, which is "
        "outside the zone of trust.",
    )
    .broken(
        allowing("sqs:SendMessage", "arn:aws:sqs:*:*:payments-queue"),
        f"statement 1 allows sqs:sendmessage on arn:aws:sqs:*:*:payments-queue, {ANY}",
    )
    .broken(
        allowing("sqs:SendMessage", "arn:aws:sqs:us-east-1:1*:payments-queue"),
        f"statement 1 allows sqs:sendmessage on arn:aws:sqs:us-east-1:1*:payments-queue, {ANY}",
    )
    .fine(allowing("sqs:SendMessage", "*"))  # judged by its actions: iam-policy-wildcard-resource
    .fine(allowing("s3:GetObject", "arn:aws:s3:::reports-dev-acme/*"))
    .fine(allowing("iam:AttachRolePolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"))
    .fine(
        allowing(
            "sqs:SendMessage",
            "arn:aws:sqs:*:*:payments-queue",
            Condition={"StringEquals": {"aws:ResourceAccount": OWN}},
        )
    )
    .broken(
        allowing(
            "sqs:SendMessage",
            "arn:aws:sqs:*:*:payments-queue",
            Condition={"StringEqualsIfExists": {"aws:ResourceAccount": OWN}},
        ),
        f"statement 1 allows sqs:sendmessage on arn:aws:sqs:*:*:payments-queue, {ANY}",
    )
    .fine(
        {
            "policy": policy(
                {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": foreign("iam", "role/a")}
            )
        }
    )
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-foreign-resource", ROLE).broken(
    {"inlinePolicies": [{"name": "inline", **allowing("sts:AssumeRole", foreign("iam", "role/theirs"))}]},
    f"inline policy inline: statement 1 allows sts:assumerole on {foreign('iam', 'role/theirs')}, of account "
    f"{OTHER}, which is outside the zone of trust.",
).reads_nothing_without("inlinePolicies", "a list of objects")


def trusting(principal: object, condition: object = MISSING) -> dict[str, str]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return {
        "assumeRolePolicy": policy({key: value for key, value in statement.items() if value is not MISSING})
    }


def federated(issuer: str, subject: str, account: str = OWN) -> dict[str, str]:
    return trusting(
        {"Federated": f"arn:aws:iam::{account}:oidc-provider/{issuer}"},
        {"StringEquals": {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}},
    )


UNDECLARED = "whose account the stack doesn't declare."
(
    CASES.about("iam-trust-declared", ROLE, config=DECLARING)
    .broken(trusting({"AWS": OTHER}), f"statement 1 trusts {OTHER}, {UNDECLARED}")
    .broken(
        trusting({"AWS": foreign("iam", "role/a")}, {"StringEquals": {"sts:ExternalId": "secret"}}),
        f"statement 1 trusts {foreign('iam', 'role/a')}, {UNDECLARED}",
    )
    .broken(
        trusting({"AWS": "AROAEXAMPLEEXAMPLE123"}),
        "statement 1 trusts AROAEXAMPLEEXAMPLE123, of which nobody can say whose it is.",
    )
    .broken(
        trusting({"AWS": OWN}, {"StringEquals": {"aws:PrincipalOrgID": "o-foreign123"}}),
        "statement 1 trusts the organisation o-foreign123, which is not declared.",
    )
    .broken(
        federated("gitlab.com", "project_path:acme/payments:ref_type:branch:ref:main"),
        "statement 1 trusts the issuer gitlab.com, which is not declared.",
    )
    .broken(
        federated(GITHUB, "repo:mallory/payments:environment:dev"),
        "statement 1 trusts the subject repo:mallory/payments:environment:dev, which the stack does not "
        "declare.",
    )
    .broken(
        federated(GITHUB, PINNED, OTHER),
        f"statement 1 trusts arn:aws:iam::{OTHER}:oidc-provider/{GITHUB}, an identity provider of account "
        f"{OTHER}.",
    )
    .broken(
        trusting({"Federated": "cognito-identity.amazonaws.com"}),
        "statement 1 trusts the issuer cognito-identity.amazonaws.com, which is not declared.",
    )
    .fine(federated(GITHUB, PINNED))
    .fine(trusting({"AWS": "arn:aws:iam::222222222222:role/platform"}))
    .fine(trusting({"AWS": f"arn:aws:iam::{OWN}:role/ci"}))
    .fine(trusting({"Service": "lambda.amazonaws.com"}))
    .fine(trusting({"Federated": f"arn:aws:iam::{OWN}:saml-provider/sso"}))
    .reads("assumeRolePolicy", DOCUMENT)
)
(
    CASES.about("iam-trust-declared", OIDC_PROVIDER)
    .broken({"url": "https://gitlab.com"}, "url is gitlab.com, an issuer that is not declared.")
    .broken(
        {"url": f"https://{GITHUB}.evil.example"},
        f"url is {GITHUB}.evil.example, an issuer that is not declared.",
    )
    .broken(
        {"clientIdLists": ["sts.amazonaws.com", "other"]},
        "clientIdLists is ['sts.amazonaws.com', 'other']; it must be ['sts.amazonaws.com'].",
    )
    .reads("url", "a string", "url is not set, an issuer that is not declared.")
    .reads("clientIdLists", "a list", "clientIdLists is not set; it must be ['sts.amazonaws.com'].")
)
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
(
    CASES.about("endpoint-service-declared", ENDPOINT)
    .broken({"serviceName": SERVICE}, f"serviceName is {SERVICE}, a service that is not declared.")
    .broken(
        {"serviceName": "com.amazonaws.us-east-1.execute-api"},
        "serviceName is com.amazonaws.us-east-1.execute-api, a service that is not declared.",
    )
    .broken(
        {"serviceName": "com.amazonaws.eu-west-1.sns"},
        "serviceName is com.amazonaws.eu-west-1.sns, a service that is not declared.",
    )
    .broken(
        {"serviceName": MISSING, "resourceConfigurationArn": arn("vpc-lattice", "resourceconfiguration/a")},
        "it leads to a resource or a service network of VPC Lattice.",
    )
    .fine({"serviceName": "com.amazonaws.us-east-1.kms"})
    .reads("serviceName", "a string", "serviceName is not set.")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


@pytest.mark.parametrize(
    ("zone", "props"),
    [
        (Zone(accounts=(OTHER,)), {"layers": [LAYER_ARN]}),
        (Zone(code_sources=(LAYER_ARN.rpartition(":")[0],)), {"layers": [LAYER_ARN]}),
        (Zone(code_sources=("downloads",)), {"s3Bucket": "downloads"}),
        (Zone(regions=("eu-north-1",)), {"kmsKeyArn": f"arn:aws:kms:eu-north-1:{OWN}:key/1"}),
    ],
)
def test_the_declared_zone_admits_what_it_names(zone: Zone, props: dict[str, object]) -> None:
    rule = next(rule for rule in RULES if rule.id == "placement-foreign-reference")
    stack = CheckedStack(project="payments", environment="dev", config=config_of("dev"))
    subject = CheckedResource(type=FUNCTION, name="f", urn="urn:pulumi:dev::payments::t::f", props=props)
    context = RuleContext(stack=stack, settings=PackConfiguration().settings_of(rule), zone=zone)
    assert list(evaluate(rule, subject, context)) == []
    [found] = evaluate(rule, subject, replace(context, zone=Zone()))
    assert isinstance(found, Violation)
