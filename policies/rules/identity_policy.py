"""IAM policies: what a principal may do, with no wildcard that nobody gave a reason for."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from policies.conditions import matches
from policies.document_locations import IDENTITY_TYPES, identity_statements
from policies.documents import PolicyStatement
from policies.grants import for_aws_resources
from policies.reach import reaches_any_key, reaches_any_name
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity, Setting, Tightening

IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
UNSCOPABLE_FILE = Path(__file__).with_name("unscopable_actions.json")

NETWORK_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
"""Lambda refuses a role that may not do these on every resource:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions"""

ASKED_ON_EVERYTHING = (
    "cloudwatch:DescribeAlarms",
    "ecr:GetAuthorizationToken",
    "events:ListRules",
    "route53:AssociateVPCWithHostedZone",
    "s3:ListAllMyBuckets",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:ListSecrets",
    "ssm:DescribeParameters",
    "states:ListStateMachines",
)
"""Reads that take no resource, of services whose other unscopable actions change settings of the account, and
what AWS asks for beyond what can be named: alarms are described with a permission on all of them
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html), and the hosted
zone of an endpoint's private DNS is AWS's own, with an id that nobody knows beforehand
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html)."""

WORKLOAD_PATH: Mapping[str, Setting] = {
    "workloadPath": Setting(
        schema={"type": "string", "pattern": "^/([!-~]+/)*$"},
        default="/payments/{environment}/",
        description="IAM path of workload roles, their policies and the boundary.",
        tightens=Tightening.FIXED,
    ),
}
BOUNDARY_POLICY: Mapping[str, Setting] = {
    **WORKLOAD_PATH,
    "boundaryPolicy": Setting(
        schema={"type": "string", "minLength": 1},
        default="workload-boundary-policy",
        description="What the permissions boundary is called, without environment and suffix.",
        tightens=Tightening.FIXED,
    ),
}

SCOPING_KEYS = (
    "aws:requesttag/",
    "aws:resourcetag/",
    "cloudwatch:namespace",
    "ec2:resourcetag/",
    "ec2:vpc",
    "iam:awsservicename",
    "kms:requestalias",
    "kms:resourcealiases",
    "lambda:functionarn",
)
"""Condition keys that confine a statement as a resource pattern would."""

BOUNDARY_ACTIONS = (
    "iam:attachrolepolicy",
    "iam:createrole",
    "iam:deleterolepolicy",
    "iam:putrolepermissionsboundary",
    "iam:putrolepolicy",
)
"""Ways to give a role more than one has oneself, which IAM can tie to a permissions boundary."""

RIGHTS_ACTIONS = (
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
)
"""Ways to more rights that nothing in this system needs."""

CHANGING_POLICIES = ("iam:createpolicyversion", "iam:deletepolicyversion", "iam:setdefaultpolicyversion")
"""Ways to change what a policy says."""

VERSION_ACTIONS = ("iam:createpolicyversion", "iam:setdefaultpolicyversion", "iam:updateassumerolepolicy")
"""Ways to more rights that IAM confines by the name of the policy or role alone."""

READING_SECRETS = (
    "dynamodb:exporttabletopointintime",
    "kms:decrypt",
    "s3:getobject",
    "secretsmanager:batchgetsecretvalue",
    "secretsmanager:getsecretvalue",
    "ssm:getparameter",
    "ssm:getparameters",
    "ssm:getparametersbypath",
)
"""Ways to carry data off (the list of Checkov's CKV_AWS_288 as far as it concerns stores of data)."""

KEY_ACTIONS = (
    "kms:creategrant",
    "kms:decrypt",
    "kms:putkeypolicy",
    "kms:reencryptfrom",
    "kms:replicatekey",
)
"""Ways to read what keys encrypt: directly, by a grant, by a key's policy, or by a copy of the key."""

KEY_SCOPES = (
    "aws:resourcetag/",
    "kms:encryptioncontext:",
    "kms:requestalias",
    "kms:resourcealiases",
    "kms:viaservice",
)
"""Condition keys that confine a statement to some keys, or to some of what a key encrypts."""


@cache
def unscopable_actions() -> frozenset[str]:
    """Actions that no resource pattern could confine further, in lower case.

    Those that AWS knows no resource for, and those that only read what AWS names by ids of its own.
    """
    known = json.loads(UNSCOPABLE_FILE.read_text(encoding="utf-8"))
    return frozenset(
        f"{service}:{action}".lower()
        for kind in ("withoutResources", "readingByGeneratedId")
        for service, actions in known[kind].items()
        for action in actions
    )


def _check_wildcard_action(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for found in _allowing(resource):
        if any(_any_action(action) for action in found[1].actions):
            yield f"{found[0]} allows every action."


def _check_service_wildcard(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        for action in statement.actions:
            if not _any_action(action) and not action.partition(":")[2].strip("*?"):
                yield f"{label} allows every action of a service ({action})."


def _check_not_action(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        if statement.not_actions:
            yield f"{label} allows whatever NotAction doesn't name, which grows with AWS."
        if statement.not_resources:
            yield f"{label} allows every resource but those in NotResource, which grows with the account."


def _check_wildcard_resource(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    allowed = context.texts("allowedActions")
    fine = unscopable_actions() | {str(action).lower() for action in allowed}
    for label, statement in _allowing(resource):
        wide = [pattern for pattern in statement.resources if reaches_any_name(pattern)]
        if wide and not statement.restricted_by(*SCOPING_KEYS):
            actions = [action for action in statement.actions if not _unscopable(action, fine)]
            if actions:
                yield (
                    f"{label} allows {', '.join(actions)} on {', '.join(wide)}."
                    + statement.discounted(*SCOPING_KEYS)
                )


def _check_pass_role(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        if not statement.covers("iam:passrole"):
            continue
        wide = [pattern for pattern in statement.resources if reaches_any_name(pattern)] or (
            ["*"] if not statement.resources else []
        )
        if wide:
            yield f"{label} lets every role be passed ({', '.join(wide)})."
        if not statement.names_exactly_by("iam:passedtoservice"):
            yield f"{label} lets roles be passed to any service, without a condition on iam:PassedToService."


def _check_escalation(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    boundary = boundary_arn(context)
    for label, statement in _allowing(resource):
        for action in RIGHTS_ACTIONS:
            if statement.covers(action):
                yield f"{label} allows {action}, a way to more rights than were given."
        for action in BOUNDARY_ACTIONS:
            if statement.covers(action) and not _bounded(statement, boundary):
                yield f"{label} allows {action} with no condition on iam:PermissionsBoundary {boundary}."
        for action in VERSION_ACTIONS:
            if statement.covers(action) and any(
                reaches_any_name(pattern) for pattern in statement.resources or ("*",)
            ):
                yield f"{label} allows {action} on policies or roles of any name."


def _bounded(statement: PolicyStatement, boundary: str) -> bool:
    """Return whether it confines roles to those that carry the environment's boundary, named in full."""
    return any(
        found.restricts and set(found.values) == {boundary}
        for found in statement.tests("iam:permissionsboundary")
    )


def boundary_arn(context: RuleContext) -> str:
    """Return the ARN of the environment's permissions boundary."""
    stack = context.stack
    name = f"{context.text('boundaryPolicy')}-{stack.environment}-{stack.suffix}"
    return stack.arn("iam", f"policy{workload_path(context)}{name}")


def workload_path(context: RuleContext) -> str:
    """Return the IAM path of the environment's workload roles."""
    return context.text("workloadPath").replace("{environment}", context.stack.environment)


def _check_boundary(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    boundary = boundary_arn(context)
    found = [attached.statement for attached in identity_statements(resource)]
    for statement in found:
        for action in CHANGING_POLICIES:
            reached = statement.allows and statement.covers(action) and statement.reaches(boundary)
            if reached and not any(
                not denial.allows
                and not denial.conditions
                and denial.covers(action)
                and denial.reaches(boundary)
                for denial in found
            ):
                yield f"{statement.label} allows {action} on the permissions boundary itself ({boundary})."


def _check_exfiltration(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        if any(reaches_any_name(pattern) for pattern in statement.resources or ("*",)):
            reading = [action for action in READING_SECRETS if statement.covers(action)]
            keys = (*SCOPING_KEYS, "kms:viaservice", "kms:encryptioncontext:")
            if reading and not statement.restricted_by(*keys):
                yield (
                    f"{label} allows {', '.join(reading)} on data of any name." + statement.discounted(*keys)
                )


def _check_decrypt(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        if not any(reaches_any_key(pattern) for pattern in statement.resources or ("*",)):
            continue
        using = [action for action in KEY_ACTIONS if statement.covers(action)]
        if using and not statement.restricted_by(*KEY_SCOPES):
            yield f"{label} allows {', '.join(using)} with every key." + statement.discounted(*KEY_SCOPES)


def _check_grants(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for label, statement in _allowing(resource):
        if statement.covers("kms:creategrant") and not for_aws_resources(statement):
            yield (
                f"{label} allows kms:creategrant to grant the key to anybody: no condition Bool on "
                "kms:GrantIsForAWSResource." + statement.discounted("kms:grantisforawsresource")
            )


def _allowing(resource: CheckedResource) -> Iterator[tuple[str, PolicyStatement]]:
    for found in identity_statements(resource):
        if found.statement.allows:
            yield found.label, found.statement


def _any_action(action: str) -> bool:
    return not action.partition(":")[0].strip("*?") if ":" in action else not action.strip("*?")


def _unscopable(action: str, fine: frozenset[str]) -> bool:
    """Whether every action that a pattern covers knows no resource; of a wildcard, only `Describe*` and the
    like.
    """
    if "*" not in action and "?" not in action:
        return action in fine
    verb = action.partition(":")[2]
    return verb.startswith(("describe", "list")) and any(matches(action, known) for known in fine)


RULES = (
    ResourceRule(
        id="iam-policy-wildcard-action",
        severity=RuleSeverity.CRITICAL,
        types=IDENTITY_TYPES,
        title="No IAM policy allows every action.",
        why="It is administrator access by another name.",
        fix="name the actions that are needed.",
        url=f"{IAM_DOCS}/best-practices.html#grant-least-privilege",
        references=("CKV_AWS_62", "CKV_AWS_63", "F3", "F4", "FSBP IAM.1"),
        exceptions_allowed=False,
        check=_check_wildcard_action,
    ),
    ResourceRule(
        id="iam-policy-service-wildcard",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy allows every action of a service.",
        why=(
            "It includes deleting, and opening to the world, and whatever the service learns to do next year."
        ),
        fix="name the actions that are needed.",
        url=f"{IAM_DOCS}/best-practices.html#grant-least-privilege",
        references=("FSBP IAM.21", "AwsSolutions-IAM5"),
        check=_check_service_wildcard,
    ),
    ResourceRule(
        id="iam-policy-not-action",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy allows by leaving out.",
        why="An Allow with NotAction or NotResource grows by itself.",
        fix="name what is allowed with Action and Resource.",
        url=f"{IAM_DOCS}/reference_policies_elements_notaction.html",
        references=("W14", "W15", "W21"),
        check=_check_not_action,
    ),
    ResourceRule(
        id="iam-policy-wildcard-resource",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy allows an action on everything where AWS lets it be confined.",
        why="One leaked credential then reaches every table, queue and role of the account.",
        fix="name the resources, or confine the statement by tag, alias or namespace.",
        url=f"{IAM_DOCS}/reference_policies_elements_resource.html",
        references=(
            "CKV_AWS_355",
            "CKV_AWS_289",
            "CKV_AWS_290",
            "W11",
            "W12",
            "W13",
            "AwsSolutions-IAM5",
            "AWS-0057",
        ),
        settings={
            "allowedActions": Setting(
                schema={"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9-]+:[A-Za-z0-9]+$"}},
                default=[*NETWORK_INTERFACES, *ASKED_ON_EVERYTHING],
                description="Actions that may be allowed on every resource, although AWS could confine them.",
                tightens=Tightening.FEWER,
            )
        },
        check=_check_wildcard_resource,
    ),
    ResourceRule(
        id="iam-policy-pass-role",
        severity=RuleSeverity.CRITICAL,
        types=IDENTITY_TYPES,
        title="Roles are passed by name and to named services.",
        why="Whoever may pass any role to a function of theirs has every right that any role has.",
        fix="confine iam:PassRole to role names, with a condition on iam:PassedToService.",
        url=f"{IAM_DOCS}/id_roles_use_passrole.html",
        references=("F38", "F39", "F40", "AWS-0342"),
        exceptions_allowed=False,
        check=_check_pass_role,
    ),
    ResourceRule(
        id="iam-policy-escalation",
        severity=RuleSeverity.CRITICAL,
        types=IDENTITY_TYPES,
        title="No IAM policy lets its holder gain more rights than it gives.",
        why="A right to change rights is every right.",
        fix=(
            "tie role changes to the permissions boundary by iam:PermissionsBoundary, and name policies and "
            "roles."
        ),
        url=f"{IAM_DOCS}/access_policies_boundaries.html",
        references=("CKV_AWS_286", "CKV_AWS_289"),
        settings=BOUNDARY_POLICY,
        exceptions_allowed=False,
        check=_check_escalation,
    ),
    ResourceRule(
        id="iam-policy-boundary",
        severity=RuleSeverity.CRITICAL,
        types=IDENTITY_TYPES,
        title="No IAM policy lets its holder change the permissions boundary.",
        why="A boundary that those inside it may rewrite is none.",
        fix="deny changing the boundary policy in the same document.",
        url=f"{IAM_DOCS}/access_policies_boundaries.html#access_policies_boundaries-delegate",
        references=("CKV_AWS_286",),
        settings=BOUNDARY_POLICY,
        exceptions_allowed=False,
        check=_check_boundary,
    ),
    ResourceRule(
        id="iam-policy-exfiltration",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy lets secrets, objects or tables of any name be read out.",
        why="It is what a stolen credential is used for first.",
        fix="name the resources.",
        url=f"{IAM_DOCS}/best-practices.html#grant-least-privilege",
        references=("CKV_AWS_288",),
        check=_check_exfiltration,
    ),
    ResourceRule(
        id="iam-policy-decrypt",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy allows decrypting with every key, or handing every key out.",
        why="Encryption protects nothing from a principal that may use every key.",
        fix="name the key, or confine the statement by kms:ResourceAliases or kms:ViaService.",
        url="https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
        references=("FSBP KMS.1", "FSBP KMS.2"),
        check=_check_decrypt,
    ),
    ResourceRule(
        id="iam-policy-grant",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="An IAM policy lets keys be granted to AWS services only.",
        why="A grant gives the key to any principal of any account, and no policy shows it.",
        fix="add a condition Bool on kms:GrantIsForAWSResource true.",
        url="https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        check=_check_grants,
    ),
)
