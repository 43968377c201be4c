"""What the rules about IAM policies say of which document."""

import json
from pathlib import Path
from typing import Any

import pytest

from policies.reach import GENERATED_KINDS as GENERATED
from policies.rules.identity_policy import UNSCOPABLE_FILE
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import POLICY, ROLE, ROLE_POLICY, arn, policy, resource

CASES = Cases()
TABLE = arn("dynamodb", "table/payments-table-dev-acme")
BOUNDARY = arn("iam", "policy/payments/dev/workload-boundary-policy-dev-acme")
BOUND = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}
ROLES = arn("iam", "role/*-dev-acme")
DOCUMENT = "a JSON policy document"


def _allowing(action: object = "dynamodb:GetItem", on: object = TABLE, **more: object) -> dict[str, str]:
    statement = {"Effect": "Allow", "Action": action, "Resource": on, **more}
    return {"policy": policy({key: value for key, value in statement.items() if value is not MISSING})}


def _inline(document: dict[str, str]) -> dict[str, Any]:
    return {"inlinePolicies": [{"name": "inline", **document}]}


for kind in (POLICY, ROLE_POLICY):
    (
        CASES.about("iam-policy-wildcard-action", kind)
        .reads("policy", DOCUMENT)
        .broken(_allowing("*"), "statement 1 allows every action.")
        .broken(_allowing("*:*"), "statement 1 allows every action.")
        .broken(_allowing(["dynamodb:GetItem", "**"]), "statement 1 allows every action.")
        .fine(_allowing("*", Effect="Deny"))
        .broken({"policy": "{}"}, "policy must be a policy document with statements, but it is an object.")
        .broken(_allowing(Effect="Permit"), "policy: Effect must be Allow or Deny, but it is a string.")
        .broken(_allowing(Effect=MISSING), "policy: Effect must be Allow or Deny, but it is a NoneType.")
    )
(
    CASES.about("iam-policy-wildcard-action", ROLE)
    .broken(_inline(_allowing("*")), "inline policy inline: statement 1 allows every action.")
    .reads_nothing_without("inlinePolicies", "a list of objects")
)
for action in ("s3:*", "S3:*", "iam:**", "sqs:?*"):
    CASES.about("iam-policy-service-wildcard", POLICY).broken(
        _allowing(action), f"statement 1 allows every action of a service ({action.lower()})."
    )
CASES.about("iam-policy-service-wildcard", POLICY).fine(_allowing("s3:Get*")).fine(_allowing("*")).reads(
    "policy", DOCUMENT
)
CASES.about("iam-policy-service-wildcard", ROLE).broken(
    _inline(_allowing("s3:*")), "inline policy inline: statement 1 allows every action of a service (s3:*)."
)
(
    CASES.about("iam-policy-not-action", POLICY)
    .broken(
        _allowing(MISSING, NotAction="iam:*"),
        "statement 1 allows whatever NotAction doesn't name, which grows with AWS.",
    )
    .broken(
        _allowing(on=MISSING, NotResource=TABLE),
        "statement 1 allows every resource but those in NotResource, which grows with the account.",
    )
    .fine(_allowing(MISSING, NotAction="iam:*", Effect="Deny"))
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-not-action", ROLE).broken(
    _inline(_allowing(MISSING, NotAction="iam:*")),
    "inline policy inline: statement 1 allows whatever NotAction doesn't name, which grows with AWS.",
)
PUT = "statement 1 allows dynamodb:putitem on"
(
    CASES.about("iam-policy-wildcard-resource", POLICY)
    .broken(_allowing("dynamodb:PutItem", "*"), f"{PUT} *.")
    .broken(_allowing("dynamodb:PutItem", "arn:aws:dynamodb:*"), f"{PUT} arn:aws:dynamodb:*.")
    .broken(_allowing("dynamodb:PutItem", arn("dynamodb", "table/*")), f"{PUT} {arn('dynamodb', 'table/*')}.")
    .broken(_allowing("dynamodb:PutItem", arn("dynamodb", "*")), f"{PUT} {arn('dynamodb', '*')}.")
    .broken(
        _allowing("sqs:SendMessage", arn("sqs", "*")),
        f"statement 1 allows sqs:sendmessage on {arn('sqs', '*')}.",
    )
    .broken(
        _allowing("s3:PutObject", "arn:aws:s3:::*/*"), "statement 1 allows s3:putobject on arn:aws:s3:::*/*."
    )
    .broken(
        _allowing("dynamodb:PutItem", "*", Condition={"StringNotEquals": {"aws:ResourceTag/Team": "a"}}),
        f"{PUT} *. Its condition stringnotequals on aws:resourcetag/team does not count: "
        "a request without the key satisfies it.",
    )
    .broken(
        _allowing("dynamodb:PutItem", "*", Condition={"Bool": {"aws:SecureTransport": "true"}}), f"{PUT} *."
    )
    .broken(
        _allowing("dynamodb:PutItem", "*", Condition={"StringLike": {"aws:ResourceTag/Team": "*"}}),
        f"{PUT} *. Its condition stringlike on aws:resourcetag/team does not count: a-qz_7.X-a satisfies it.",
    )
    .broken(_allowing("ec2:De*", "*"), "statement 1 allows ec2:de* on *.")
    .broken(_allowing("ec2:RunInstances", "*"), "statement 1 allows ec2:runinstances on *.")
    .fine(_allowing("dynamodb:PutItem", "*", Condition={"StringEquals": {"aws:ResourceTag/Team": "a"}}))
    .fine(_allowing("dynamodb:PutItem", arn("dynamodb", "table/*-dev-acme")))
    .fine(_allowing("s3:PutObject", "arn:aws:s3:::reports-dev-acme/*"))
    .fine(_allowing("sns:Unsubscribe", arn("sns", "*-dev-acme:*")))
    .fine(_allowing("logs:PutLogEvents", arn("logs", "log-group:payments:*")))
    .broken(
        _allowing("logs:PutLogEvents", arn("logs", "log-group:*:*")),
        f"statement 1 allows logs:putlogevents on {arn('logs', 'log-group:*:*')}.",
    )
    .fine(_allowing("ec2:DeleteVpc", arn("ec2", "vpc/*")))
    .broken(
        _allowing("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:*-??????")),
        f"statement 1 allows secretsmanager:getsecretvalue on {arn('secretsmanager', 'secret:*-??????')}.",
    )
    .broken(
        _allowing("dynamodb:Query", arn("dynamodb", "table/*/index/*")),
        f"statement 1 allows dynamodb:query on {arn('dynamodb', 'table/*/index/*')}.",
    )
    .fine(_allowing(["xray:PutTraceSegments", "ec2:CreateNetworkInterface", "ec2:DescribeVpcAttribute"], "*"))
    .fine(_allowing("ec2:Describe*", "*"))
    .fine(_allowing("lambda:ListFunction*", "*"))
    .broken(_allowing("dynamodb:ListTagsOf*", "*"), "statement 1 allows dynamodb:listtagsof* on *.")
    .reads("policy", DOCUMENT)
)
for action in [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
    "cloudwatch:DescribeAlarms",
    "route53:AssociateVPCWithHostedZone",
]:
    CASES.about("iam-policy-wildcard-resource", POLICY).fine(_allowing(action, "*"))
for key in [
    "aws:RequestTag/Team",
    "aws:ResourceTag/Team",
    "cloudwatch:namespace",
    "ec2:ResourceTag/Team",
    "ec2:Vpc",
    "iam:AWSServiceName",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "lambda:FunctionArn",
]:
    CASES.about("iam-policy-wildcard-resource", POLICY).fine(
        _allowing("dynamodb:PutItem", "*", Condition={"StringEquals": {key: "ours"}})
    )
CASES.about("iam-policy-wildcard-resource", ROLE).broken(
    _inline(_allowing("dynamodb:PutItem", "*")),
    "inline policy inline: statement 1 allows dynamodb:putitem on *.",
)
TO_LAMBDA = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
ANY_SERVICE = "statement 1 lets roles be passed to any service, without a condition on iam:PassedToService."
(
    CASES.about("iam-policy-pass-role", POLICY)
    .fine(_allowing("iam:PassRole", ROLES, Condition=TO_LAMBDA))
    .broken(_allowing("iam:PassRole", ROLES), ANY_SERVICE)
    .broken(
        _allowing(
            "iam:PassRole", ROLES, Condition={"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}
        ),
        ANY_SERVICE,
    )
    .broken(_allowing("iam:PassRole", "*", Condition=TO_LAMBDA), "statement 1 lets every role be passed (*).")
    .broken(
        _allowing("iam:PassRole", arn("iam", "role/*"), Condition=TO_LAMBDA),
        f"statement 1 lets every role be passed ({arn('iam', 'role/*')}).",
    )
    .broken(_allowing("iam:Pass*", "*"), "statement 1 lets every role be passed (*).", ANY_SERVICE)
    .broken(
        _allowing(MISSING, "*", NotAction="s3:*"), "statement 1 lets every role be passed (*).", ANY_SERVICE
    )
    .broken(
        _allowing("iam:PassRole", MISSING, NotResource=ROLES, Condition=TO_LAMBDA),
        "statement 1 lets every role be passed (*).",
    )
    .fine(_allowing("iam:PassRole", "*", Effect="Deny"))
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-pass-role", ROLE).broken(
    _inline(_allowing("iam:PassRole", ROLES)), f"inline policy inline: {ANY_SERVICE}"
)
UNBOUND = f"with no condition on iam:PermissionsBoundary {BOUNDARY}."
(
    CASES.about("iam-policy-escalation", POLICY)
    .broken(
        _allowing("iam:CreateAccessKey", arn("iam", "user/x")),
        "statement 1 allows iam:createaccesskey, a way to more rights than were given.",
    )
    .broken(
        _allowing("iam:DeleteRolePermissionsBoundary", ROLES),
        "statement 1 allows iam:deleterolepermissionsboundary, a way to more rights than were given.",
    )
    .broken(_allowing("iam:CreateRole", ROLES), f"statement 1 allows iam:createrole {UNBOUND}")
    .broken(
        _allowing("iam:PutRolePolicy", ROLES, Condition={"StringLike": {"iam:PermissionsBoundary": "arn:*"}}),
        f"statement 1 allows iam:putrolepolicy {UNBOUND}",
    )
    .broken(
        _allowing(
            "iam:AttachRolePolicy",
            ROLES,
            Condition={"StringNotEquals": {"iam:PermissionsBoundary": BOUNDARY}},
        ),
        f"statement 1 allows iam:attachrolepolicy {UNBOUND}",
    )
    .fine(_allowing(["iam:CreateRole", "iam:AttachRolePolicy"], ROLES, Condition=BOUND))
    .broken(
        _allowing("iam:UpdateAssumeRolePolicy", "*"),
        "statement 1 allows iam:updateassumerolepolicy on policies or roles of any name.",
    )
    .broken(
        _allowing("iam:CreatePolicyVersion", arn("iam", "policy/*")),
        "statement 1 allows iam:createpolicyversion on policies or roles of any name.",
    )
    .fine(_allowing("iam:UpdateAssumeRolePolicy", ROLES))
    .fine(_allowing("iam:CreateAccessKey", "*", Effect="Deny"))
    .reads("policy", DOCUMENT)
)
RIGHTS = [
    "iam:addclientidtoopenidconnectprovider",
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createopenidconnectprovider",
    "iam:createsamlprovider",
    "iam:createservicespecificcredential",
    "iam:deleterolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:putgrouppolicy",
    "iam:putuserpermissionsboundary",
    "iam:putuserpolicy",
    "iam:resetservicespecificcredential",
    "iam:updateaccesskey",
    "iam:updateloginprofile",
    "iam:updateopenidconnectproviderthumbprint",
    "iam:updatesamlprovider",
    "iam:uploadsigningcertificate",
    "iam:uploadsshpublickey",
]
for action in RIGHTS:
    CASES.about("iam-policy-escalation", POLICY).broken(
        _allowing(action, "arn:aws:iam::111111111111:user/x"),
        f"statement 1 allows {action}, a way to more rights than were given.",
    )
for action in (
    "iam:attachrolepolicy",
    "iam:createrole",
    "iam:deleterolepolicy",
    "iam:putrolepermissionsboundary",
    "iam:putrolepolicy",
):
    CASES.about("iam-policy-escalation", POLICY).broken(
        _allowing(action, ROLES), f"statement 1 allows {action} {UNBOUND}"
    )
for action in ("iam:createpolicyversion", "iam:setdefaultpolicyversion", "iam:updateassumerolepolicy"):
    CASES.about("iam-policy-escalation", POLICY).broken(
        _allowing(action, "*"), f"statement 1 allows {action} on policies or roles of any name."
    )
for other in (
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::222222222222:policy/payments/dev/workload-boundary-policy-dev-acme",
    arn("iam", "policy/a-boundary-of-mine-dev-acme"),
):
    CASES.about("iam-policy-escalation", POLICY).broken(
        _allowing("iam:CreateRole", ROLES, Condition={"StringEquals": {"iam:PermissionsBoundary": other}}),
        f"statement 1 allows iam:createrole {UNBOUND}",
    ).broken(
        _allowing(
            "iam:CreateRole",
            ROLES,
            Condition={"StringEquals": {"iam:PermissionsBoundary": [BOUNDARY, other]}},
        ),
        f"statement 1 allows iam:createrole {UNBOUND}",
    )
CASES.about("iam-policy-escalation", ROLE).broken(
    _inline(_allowing("iam:CreateRole", ROLES)),
    f"inline policy inline: statement 1 allows iam:createrole {UNBOUND}",
)
OWN_POLICIES = arn("iam", "policy/*-dev-acme")
ITSELF = f"on the permissions boundary itself ({BOUNDARY})."
CHANGES = {"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": OWN_POLICIES}
DENIED = {"Effect": "Deny", "Action": "iam:*", "Resource": BOUNDARY}
(
    CASES.about("iam-policy-boundary", POLICY)
    .broken({"policy": policy(CHANGES)}, f"statement 1 allows iam:createpolicyversion {ITSELF}")
    .broken(_allowing("iam:DeletePolicyVersion", "*"), f"statement 1 allows iam:deletepolicyversion {ITSELF}")
    .broken(
        _allowing("iam:SetDefaultPolicyVersion", MISSING, NotResource=TABLE),
        f"statement 1 allows iam:setdefaultpolicyversion {ITSELF}",
    )
    .broken(
        {
            "policy": policy(
                CHANGES, {**DENIED, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
            )
        },
        f"statement 1 allows iam:createpolicyversion {ITSELF}",
    )
    .broken(
        {"policy": policy(CHANGES, {**DENIED, "Resource": TABLE})},
        f"statement 1 allows iam:createpolicyversion {ITSELF}",
    )
    .broken(
        {"policy": policy(CHANGES, {**DENIED, "Action": "iam:DeletePolicy"})},
        f"statement 1 allows iam:createpolicyversion {ITSELF}",
    )
    .fine({"policy": policy(CHANGES, DENIED)})
    .fine(_allowing("iam:CreatePolicyVersion", arn("iam", "policy/payments-*")))
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-boundary", ROLE).broken(
    _inline(_allowing("iam:CreatePolicyVersion", "*")),
    f"statement 1 allows iam:createpolicyversion {ITSELF}",
)
(
    CASES.about("iam-policy-exfiltration", POLICY)
    .broken(_allowing("s3:GetObject", "*"), "statement 1 allows s3:getobject on data of any name.")
    .broken(
        _allowing("secretsmanager:Get*", "*"),
        "statement 1 allows secretsmanager:getsecretvalue on data of any name.",
    )
    .broken(
        _allowing("ssm:GetParameter*", arn("ssm", "parameter/*")),
        "statement 1 allows ssm:getparameter, ssm:getparameters, ssm:getparametersbypath on data of any "
        "name.",
    )
    .fine(_allowing("s3:GetObject", "arn:aws:s3:::reports-dev-acme/*"))
    .fine(
        _allowing(
            "kms:Decrypt", "*", Condition={"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
        )
    )
    .reads("policy", DOCUMENT)
)
for action in [
    "dynamodb:exporttabletopointintime",
    "kms:decrypt",
    "s3:getobject",
    "secretsmanager:batchgetsecretvalue",
    "secretsmanager:getsecretvalue",
    "ssm:getparameter",
    "ssm:getparameters",
    "ssm:getparametersbypath",
]:
    CASES.about("iam-policy-exfiltration", POLICY).broken(
        _allowing(action, "*"), f"statement 1 allows {action} on data of any name."
    )
CASES.about("iam-policy-exfiltration", ROLE).broken(
    _inline(_allowing("s3:GetObject", "*")),
    "inline policy inline: statement 1 allows s3:getobject on data of any name.",
)
KEYS = arn("kms", "key/*")
(
    CASES.about("iam-policy-decrypt", POLICY)
    .broken(_allowing("kms:Decrypt", "*"), "statement 1 allows kms:decrypt with every key.")
    .broken(_allowing("kms:Decrypt", KEYS), "statement 1 allows kms:decrypt with every key.")
    .broken(_allowing("kms:ReEncrypt*", KEYS), "statement 1 allows kms:reencryptfrom with every key.")
    .broken(
        _allowing("kms:Decrypt", KEYS, Condition={"StringEqualsIfExists": {"kms:ViaService": "sqs"}}),
        "statement 1 allows kms:decrypt with every key. Its condition stringequalsifexists on kms:viaservice "
        "does not count: a request without the key satisfies it.",
    )
    .broken(_allowing("kms:Decrypt", arn("kms", "key*")), "statement 1 allows kms:decrypt with every key.")
    .broken(_allowing("kms:PutKeyPolicy", KEYS), "statement 1 allows kms:putkeypolicy with every key.")
    .broken(_allowing("kms:CreateGrant", KEYS), "statement 1 allows kms:creategrant with every key.")
    .broken(_allowing("kms:ReplicateKey", "*"), "statement 1 allows kms:replicatekey with every key.")
    .broken(
        _allowing("kms:Decrypt", KEYS, Condition={"StringLike": {"kms:RequestAlias": "alias/*"}}),
        "statement 1 allows kms:decrypt with every key. Its condition stringlike on kms:requestalias does "
        "not count: alias/a-qz_7.X-a satisfies it.",
    )
    .fine(_allowing("kms:Decrypt", arn("kms", "key/1")))
    .fine(_allowing("kms:Decrypt", KEYS, Condition={"StringEquals": {"aws:ResourceTag/Environment": "dev"}}))
    .fine(
        _allowing(
            "kms:Decrypt",
            KEYS,
            Condition={"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*-dev-acme"}},
        )
    )
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-decrypt", ROLE).broken(
    _inline(_allowing("kms:Decrypt", "*")),
    "inline policy inline: statement 1 allows kms:decrypt with every key.",
)

FOR_SERVICES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
GRANTING = (
    "statement 1 allows kms:creategrant to grant the key to anybody: no condition Bool on "
    "kms:GrantIsForAWSResource."
)
(
    CASES.about("iam-policy-grant", POLICY)
    .broken(_allowing("kms:CreateGrant", arn("kms", "key/1")), GRANTING)
    .broken(_allowing("kms:Create*", arn("kms", "key/1")), GRANTING)
    .broken(
        _allowing(
            "kms:CreateGrant",
            arn("kms", "key/1"),
            Condition={"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}},
        ),
        f"{GRANTING} Its condition boolifexists on kms:grantisforawsresource does not count: a request "
        "without the key satisfies it.",
    )
    .fine(_allowing("kms:CreateGrant", arn("kms", "key/1"), Condition=FOR_SERVICES))
    .fine(_allowing("kms:CreateKey", "*"))
    .reads("policy", DOCUMENT)
)
CASES.about("iam-policy-grant", ROLE).broken(
    _inline(_allowing("kms:CreateGrant", arn("kms", "key/1"))), f"inline policy inline: {GRANTING}"
)

for rule in (
    "iam-policy-grant",
    "iam-policy-service-wildcard",
    "iam-policy-not-action",
    "iam-policy-wildcard-resource",
    "iam-policy-pass-role",
    "iam-policy-escalation",
    "iam-policy-boundary",
    "iam-policy-exfiltration",
    "iam-policy-decrypt",
):
    CASES.about(rule, ROLE).reads_nothing_without("inlinePolicies", "a list of objects")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()


def test_the_actions_that_no_pattern_could_confine_are_those_of_the_service_authorization_reference() -> None:
    import importlib.util

    found = importlib.util.find_spec("parliament")
    assert found is not None
    assert found.submodule_search_locations is not None
    reference = Path(next(iter(found.submodule_search_locations))) / "iam_definition.json"
    services = {service["prefix"]: service for service in json.loads(reference.read_text(encoding="utf-8"))}
    listed = json.loads(UNSCOPABLE_FILE.read_text(encoding="utf-8"))

    def kinds(action: dict[str, Any]) -> set[str]:
        return {
            named["resource_type"].rstrip("*") for named in action["resource_types"] if named["resource_type"]
        }

    for service, actions in listed["withoutResources"].items():
        wanted = [action["privilege"] for action in services[service]["privileges"] if not kinds(action)]
        assert actions == sorted(wanted)
        reading = sorted(
            action["privilege"]
            for action in services[service]["privileges"]
            if kinds(action) and kinds(action) <= GENERATED and action["access_level"] in {"Read", "List"}
        )
        assert listed["readingByGeneratedId"].get(service, []) == reading


def test_a_document_as_an_object_is_judged_like_its_text() -> None:
    broken = json.loads(_allowing("*")["policy"])
    made = resource(POLICY).but(props={**resource(POLICY).props, "policy": broken})
    Case(
        rule="iam-policy-wildcard-action",
        name="an object",
        resources=(made,),
        messages=("statement 1 allows every action.",),
    ).run()
