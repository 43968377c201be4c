"""Trust policies: who may take a role."""

from collections.abc import Iterator

from policies.arns import account
from policies.document_locations import ROLE
from policies.documents import ACCOUNT, PolicyStatement, statements
from policies.properties import Props
from policies.reach import reaches_any_name
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity, Setting, Tightening

IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
FOREIGN_KEYS = ("sts:externalid", "aws:principalorgid", "aws:principalorgpaths")
SOURCE_KEYS = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
ON_BEHALF_SERVICES = (
    "apigateway.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "pipes.amazonaws.com",
    "scheduler.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)


def _trusting(props: Props) -> Iterator[PolicyStatement]:
    for statement in statements(props, "assumeRolePolicy"):
        if statement.allows:
            yield statement


def _check_public(props: Props) -> Iterator[str]:
    for statement in _trusting(props):
        if statement.not_principals:
            yield f"{statement.label} trusts everyone but those in NotPrincipal."
        if any(principal.everyone for principal in statement.principals):
            yield f"{statement.label} trusts everyone."


ROOT_KEYS = (
    *FOREIGN_KEYS,
    "aws:multifactorauthpresent",
    "aws:principalarn",
    "aws:principaltag/",
    "sts:sourceidentity",
)
"""Condition keys that make of a whole account some of its principals."""


def _check_foreign(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for statement in _trusting(resource.props):
        for principal in statement.principals:
            if principal.account not in {None, context.stack.account} and not statement.names_exactly_by(
                *FOREIGN_KEYS
            ):
                yield (
                    f"{statement.label} trusts {principal.value}, of another account, "
                    "without a condition on sts:ExternalId or aws:PrincipalOrgID."
                    + statement.discounted(*FOREIGN_KEYS)
                )


def _check_service(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    services = context.texts("services")
    for statement in _trusting(resource.props):
        named = [
            found.value
            for found in statement.principals
            if found.kind == "service" and found.value in services
        ]
        sources = [found for found in statement.tests(*SOURCE_KEYS) if found.names_exact]
        if named and not sources:
            yield (
                f"{statement.label} trusts {', '.join(named)} on behalf of any account."
                + statement.discounted(*SOURCE_KEYS)
            )
        for value in (value for found in sources for value in found.values):
            owner = value if ACCOUNT.fullmatch(value) else account(value)
            if named and owner not in {None, context.stack.account}:
                yield f"{statement.label} trusts {', '.join(named)} on behalf of account {owner}."


def _issuers(statement: PolicyStatement) -> Iterator[str]:
    """The OIDC issuers that a statement trusts, as its condition keys begin; SAML providers have none."""
    for principal in statement.principals:
        if principal.kind == "federated" and ":saml-provider/" not in principal.value:
            yield principal.value.rpartition(":oidc-provider/")[2].lower()


def _check_subject(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    reads_only = resource.name in context.texts("pullRequestRoles")
    for statement in _trusting(resource.props):
        for issuer in _issuers(statement):
            tests = [
                found
                for found in statement.conditions
                if found.key == f"{issuer}:sub"
                and found.binds
                and not set("".join(found.values)) <= set("*?:")
            ]
            if not tests:
                yield f"{statement.label} trusts any subject of {issuer}: no condition on {issuer}:sub."
            for value in (value for test in tests for value in test.values):
                if not _pinned(value):
                    yield f"{statement.label} trusts {value}, more than one place of one repository."
                elif value.endswith(":pull_request") and not reads_only:
                    yield f"{statement.label} trusts {value}, which is code that nobody has reviewed."


def _pinned(subject: str) -> bool:
    """Return whether a subject is one place: repo:OWNER/REPOSITORY:environment:NAME or the like.

    Owner and repository of repositories made since July 2026 carry their ids: OWNER@ID/REPOSITORY@ID.
    """
    return not set(subject) & set("*?$") and len([part for part in subject.split(":") if part]) >= 3


def _check_audience(props: Props) -> Iterator[str]:
    for statement in _trusting(props):
        if any(":saml-provider/" in found.value for found in statement.principals) and not (
            statement.names_exactly_by("saml:aud")
        ):
            yield f"{statement.label} trusts an identity provider for any audience: no condition on saml:aud."
        for issuer in _issuers(statement):
            tests = [
                found for found in statement.conditions if found.key == f"{issuer}:aud" and found.restricts
            ]
            if not any(test.values == ("sts.amazonaws.com",) for test in tests):
                yield f"{statement.label} trusts {issuer} for an audience other than sts.amazonaws.com."


def _check_root(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    for statement in _trusting(resource.props):
        for principal in statement.principals:
            whole = principal.value == principal.account or principal.value.endswith(":root")
            if whole and principal.account == context.stack.account and not _selects(statement):
                yield (
                    f"{statement.label} trusts every principal of {principal.value} unconditionally."
                    + statement.discounted(*ROOT_KEYS)
                )


def _selects(statement: PolicyStatement) -> bool:
    """Return whether a condition makes of a whole account some of its principals."""
    return any(
        found.restricts
        and (found.key != "aws:multifactorauthpresent" or found.values == ("true",))
        and not any("$" in value for value in found.values)
        and (found.key != "aws:principalarn" or not any(map(reaches_any_name, found.values)))
        for found in statement.tests(*ROOT_KEYS)
    )


ROLES = frozenset({ROLE})

RULES = (
    PropertyRule(
        id="iam-trust-public",
        severity=RuleSeverity.CRITICAL,
        types=ROLES,
        title="No role trusts everyone.",
        why="Anybody with an AWS account could take it.",
        fix="name the service, the account or the identity provider.",
        url=f"{IAM_DOCS}/reference_policies_elements_principal.html",
        references=("CKV_AWS_60", "CKV_AWS_61", "F2", "F6", "F21"),
        exceptions_allowed=False,
        check=_check_public,
    ),
    ResourceRule(
        id="iam-trust-external-id",
        severity=RuleSeverity.HIGH,
        types=ROLES,
        title="A role that another account may take asks for an external id or the organisation.",
        why="Otherwise whoever tricks that account's deputy gets in.",
        fix="add a condition on sts:ExternalId or aws:PrincipalOrgID.",
        url=f"{IAM_DOCS}/id_roles_common-scenarios_third-party.html",
        check=_check_foreign,
    ),
    ResourceRule(
        id="iam-trust-account",
        severity=RuleSeverity.MEDIUM,
        types=ROLES,
        title="A role does not trust its whole account without a condition.",
        why="Every administrator's mistake in the account then reaches the role.",
        fix="name the principals, or add a condition.",
        url=f"{IAM_DOCS}/reference_policies_elements_principal.html",
        references=("CKV_AWS_61",),
        check=_check_root,
    ),
    ResourceRule(
        id="iam-trust-service-source",
        severity=RuleSeverity.MEDIUM,
        types=ROLES,
        title="A role that a service takes is taken on behalf of this account only.",
        why="A service acts for every customer; without a source condition it is a confused deputy.",
        fix="add a condition on aws:SourceAccount or aws:SourceArn.",
        url=f"{IAM_DOCS}/confused-deputy.html",
        settings={
            "services": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=list(ON_BEHALF_SERVICES),
                description="Services that say on whose behalf they take a role.",
            )
        },
        check=_check_service,
    ),
    ResourceRule(
        id="iam-trust-oidc-subject",
        severity=RuleSeverity.CRITICAL,
        types=ROLES,
        title="A role that GitHub Actions takes is pinned to a repository and a place in it.",
        why="Any workflow of anybody on GitHub, or of any branch, could deploy.",
        fix="add StringEquals on the subject: repo:OWNER/REPOSITORY:environment:NAME.",
        url="https://docs.github.com/en/actions/concepts/security/openid-connect",
        references=("CKV_AWS_358",),
        exceptions_allowed=False,
        settings={
            "pullRequestRoles": Setting(
                schema={"type": "array", "items": {"type": "string", "minLength": 8}},
                default=["reader-pipeline-role"],
                description="Logical names of roles that pull requests may take, since they only read.",
                tightens=Tightening.FEWER,
            )
        },
        check=_check_subject,
    ),
    PropertyRule(
        id="iam-trust-oidc-audience",
        severity=RuleSeverity.HIGH,
        types=ROLES,
        title="A role that an identity provider's tokens open is for tokens meant for AWS.",
        why="A token issued for another service would open it too.",
        fix="add StringEquals on the audience: sts.amazonaws.com, or SAML:aud https://signin.aws.amazon.com/saml.",
        url=f"{IAM_DOCS}/id_roles_providers_create_oidc.html",
        references=("CKV_AWS_358",),
        check=_check_audience,
    ),
)
