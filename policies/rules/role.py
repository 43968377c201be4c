"""Roles and principals: inside the boundary, with managed policies of our own, and no long-lived users."""

import re
from collections.abc import Iterator

from policies.document_locations import ROLE
from policies.documents import statements
from policies.properties import Props, items, text, texts
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting, Tightening
from policies.rules.identity_policy import BOUNDARY_POLICY, boundary_arn

IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ATTACHMENTS = frozenset(
    {
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
        "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
        ROLE,
    }
)
ATTACHING = ("policyArn", "managedPolicyArn", "policyArns", "managedPolicyArns")
INLINE = frozenset(
    {
        "aws:iam/groupPolicy:GroupPolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        ROLE,
    }
)
USERS = frozenset(
    {
        "aws:iam/accessKey:AccessKey",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "aws:iam/signingCertificate:SigningCertificate",
        "aws:iam/sshKey:SshKey",
        "aws:iam/user:User",
        "aws:iam/userLoginProfile:UserLoginProfile",
    }
)
ADMINISTRATORS = re.compile(
    r"arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)\b.*"
)


def _attached_arns(props: Props) -> Iterator[str]:
    for key in ATTACHING:
        yield from (
            texts(props, key) if key.endswith("s") else [found for found in [text(props, key)] if found]
        )


def _check_administrator(props: Props) -> Iterator[str]:
    for arn in _attached_arns(props):
        if ADMINISTRATORS.fullmatch(arn):
            yield f"it attaches {arn}."


def _check_aws_managed(props: Props) -> Iterator[str]:
    for arn in _attached_arns(props):
        if ":iam::aws:policy/" in arn and not ADMINISTRATORS.fullmatch(arn):
            yield f"it attaches {arn}, which AWS widens without asking."


def _check_inline(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type != ROLE:
        yield "it is an inline policy."
    elif items(resource.props, "inlinePolicies"):
        yield "inlinePolicies is not empty."


def _check_user(_props: Props) -> Iterator[str]:
    yield "it gives somebody credentials that don't expire."


def _check_boundary(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    deploying = context.texts("deployingProjects")
    if context.stack.project in deploying and not _taken_by_a_service(resource):
        return
    boundary, wanted = text(resource.props, "permissionsBoundary"), boundary_arn(context)
    if boundary != wanted:
        yield f"permissionsBoundary is {boundary or 'not set'}; it must be {wanted}."


def _taken_by_a_service(resource: CheckedResource) -> bool:
    found = [statement for statement in statements(resource.props, "assumeRolePolicy") if statement.allows]
    return not found or any(
        principal.kind not in {"aws", "federated"}
        for statement in found
        for principal in statement.principals
    )


RULES = (
    ResourceRule(
        id="iam-role-boundary",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({ROLE}),
        title="Every role of a workload carries the environment's permissions boundary.",
        why="The boundary is what keeps a deployment from making itself an administrator.",
        fix="set permissionsBoundary to the ARN that bootstrap-iam exports.",
        url=f"{IAM_DOCS}/access_policies_boundaries.html",
        references=("CKV_AWS_286",),
        settings={
            **BOUNDARY_POLICY,
            "deployingProjects": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=["bootstrap-iam"],
                description=(
                    "Projects that administrators run, where a role taken by people or pipelines is what "
                    "puts the boundary on others; a role that a service takes carries it there too."
                ),
                tightens=Tightening.FEWER,
            ),
        },
        exceptions_allowed=False,
        check=_check_boundary,
    ),
    PropertyRule(
        id="iam-administrator",
        severity=RuleSeverity.CRITICAL,
        types=ATTACHMENTS,
        title="Nothing attaches administrator access.",
        why="No workload and no pipeline needs every right in the account.",
        fix="attach a policy that names what is needed.",
        url=f"{IAM_DOCS}/best-practices.html#grant-least-privilege",
        references=("CKV_AWS_274", "W43"),
        exceptions_allowed=False,
        check=_check_administrator,
    ),
    PropertyRule(
        id="iam-aws-managed-policy",
        severity=RuleSeverity.MEDIUM,
        types=ATTACHMENTS,
        title="Nothing attaches a policy that AWS manages.",
        why="AWS-managed policies reach every resource of the account and grow without a review.",
        fix="attach a policy of the stack that names the resources.",
        url=f"{IAM_DOCS}/access_policies_managed-vs-inline.html",
        references=("AwsSolutions-IAM4",),
        check=_check_aws_managed,
    ),
    ResourceRule(
        id="iam-inline-policy",
        severity=RuleSeverity.MEDIUM,
        types=INLINE,
        title="There are no inline policies.",
        why=(
            "Managed policies have versions, can be looked up by name, and are seen by whoever audits the "
            "account."
        ),
        fix="make it a managed policy and attach it.",
        url=f"{IAM_DOCS}/access_policies_managed-vs-inline.html",
        references=(
            "NIST.800.53.R5-IAMNoInlinePolicy",
            "HIPAA.Security-IAMNoInlinePolicy",
            "F10",
            "F11",
            "F12",
        ),
        check=_check_inline,
    ),
    PropertyRule(
        id="iam-user",
        severity=RuleSeverity.HIGH,
        types=USERS,
        title="There are no IAM users and no long-lived credentials.",
        why="A key that never expires is leaked sooner or later; roles give credentials for an hour.",
        fix="take a role instead.",
        url=f"{IAM_DOCS}/best-practices.html#bp-workloads-use-roles",
        references=("CKV_AWS_273", "AWS-0143"),
        check=_check_user,
    ),
)
