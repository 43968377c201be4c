"""Whose is this? One question, asked of every account, ARN and URL that a resource names."""

import json
from collections.abc import Iterator, Mapping, Sequence

from policies.conditions import matches
from policies.document_locations import IDENTITY_TYPES, ROLE, identity_statements
from policies.documents import ACCOUNT, PolicyStatement, Principal, statements
from policies.properties import UnknownPropertyError, known, read, text, texts
from policies.reach import is_pattern
from policies.resource import CheckedResource
from policies.rule import EVERY_AWS_TYPE, ResourceRule, RuleContext, RuleSeverity
from policies.vacuity import other_accounts
from policies.zone import outside

OIDC_PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
IAM_DOCS = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
DOCUMENTS = frozenset(
    {"accessPolicy", "assumeRolePolicy", "inlinePolicies", "inlinePolicy", "policy", "policyDocument"}
)
"""Properties that hold policy documents: the rules about documents judge those."""
PROSE = frozenset({"__defaults", "code", "dashboardBody", "description", "name", "tags", "tagsAll"})
"""Properties in which no reference counts."""
JUDGED_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "aws:kms/grant:Grant": frozenset({"granteePrincipal", "retiringPrincipal"}),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": frozenset({"principal"}),
    "aws:lambda/permission:Permission": frozenset({"principal", "sourceAccount"}),
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"endpoint"}),
}
"""Type to properties whose owners a rule of their own compares with wider declarations."""
REFERENCE_ENDINGS = (
    "account",
    "accountid",
    "actions",
    "arn",
    "arns",
    "destination",
    "endpoint",
    "layers",
    "principal",
    "source",
    "uri",
    "url",
)
"""How the names of properties end whose unknown value may turn out to be somebody else's."""
BUCKET_KEYS = frozenset({"s3Bucket", "codeBucket"})
IMAGE_KEYS = frozenset({"imageUri", "image"})


def _check_references(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    passed = DOCUMENTS | PROSE | JUDGED_ELSEWHERE.get(resource.type, frozenset())
    waiting: list[str] = []
    for path, key, value in _texts(resource.props, "", "", passed, waiting):
        if reason := outside(value, key, context.zone, context.stack):
            yield f"{path} is {value}, {reason}."
        elif key in BUCKET_KEYS and not _own_bucket(value, context):
            yield f"{path} is {value}, a bucket of code that nobody declared."
        elif key in IMAGE_KEYS and ".dkr" not in value and value not in context.zone.code_sources:
            yield f"{path} is {value}, an image of a registry that nobody declared."
    if waiting:
        raise UnknownPropertyError(waiting[0])


def _texts(  # noqa: C901  one branch for each kind of value
    value: object, path: str, key: str, passed: frozenset[str], waiting: list[str]
) -> Iterator[tuple[str, str, str]]:
    """(path, property, text) of every text in a value, also within JSON; unknown references go to
    `waiting`."""
    try:
        value = known(path, value)
    except UnknownPropertyError:
        if key.lower().endswith(REFERENCE_ENDINGS):
            waiting.append(path)
        return
    if isinstance(value, str):
        parsed = _parsed(value)
        if parsed is None:
            yield path, key, value
        elif not (isinstance(parsed, Mapping) and "Statement" in parsed):
            yield from _texts(parsed, path, key, passed, waiting)
    elif isinstance(value, Mapping):
        for name, element in value.items():
            if name not in passed:
                yield from _texts(element, f"{path}.{name}".lstrip("."), name, passed, waiting)
    elif isinstance(value, Sequence):
        for index, element in enumerate(value):
            yield from _texts(element, f"{path}.{index}", key, passed, waiting)


def _parsed(value: str) -> object:
    """Return the object or list that a text holds as JSON; None for any other text."""
    if value[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _own_bucket(bucket: str, context: RuleContext) -> bool:
    stack = context.stack
    return bucket.endswith(f"-{stack.environment}-{stack.suffix}") or bucket in context.zone.code_sources


def _check_reach(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    own = context.zone.accounts_of(context.stack)
    for found in identity_statements(resource):
        statement = found.statement
        if not statement.allows or _confined_to(statement, own):
            continue
        for pattern in statement.resources:
            if reached := _foreign_account(pattern, own):
                yield f"{found.label} allows {', '.join(statement.actions)} on {pattern}, {reached}."


def _foreign_account(pattern: str, own: frozenset[str]) -> str:
    """Whose resources beside the zone's a pattern covers; a lone wildcard is judged by its actions."""
    parts = pattern.split(":", 5)
    if len(parts) < 6 or set(pattern) <= set("*?"):
        return ""
    owner = parts[4]
    if ACCOUNT.fullmatch(owner):
        return "" if owner in own else f"of account {owner}, which is outside the zone of trust"
    if owner in {"", "aws"} or parts[2] == "s3":
        return ""
    reached = [found for found in other_accounts() if found not in own and matches(owner, found)]
    return (
        "of any account: name the account, or add a condition on aws:ResourceAccount"
        if (reached or is_pattern(owner))
        else ""
    )


def _confined_to(statement: PolicyStatement, own: frozenset[str]) -> bool:
    return any(
        condition.names_exact and set(condition.values) <= own
        for condition in statement.tests("aws:resourceaccount")
    )


def _check_trust(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if resource.type == OIDC_PROVIDER:
        yield from _check_issuer(resource, context)
        return
    for statement in statements(resource.props, "assumeRolePolicy"):
        if statement.allows:
            for principal in statement.principals:
                yield from _check_principal(statement, principal, context)
            yield from _check_organizations(statement, context)


def _check_principal(statement: PolicyStatement, principal: Principal, context: RuleContext) -> Iterator[str]:
    trusted = context.zone.trusted_accounts(context.stack)
    if principal.everyone:
        return
    if principal.kind == "aws":
        if principal.account is None:
            yield f"{statement.label} trusts {principal.value}, of which nobody can say whose it is."
        elif principal.account not in trusted:
            yield f"{statement.label} trusts {principal.value}, whose account the stack doesn't declare."
    elif principal.kind == "federated":
        yield from _check_federated(statement, principal.value, context)


def _check_federated(statement: PolicyStatement, provider: str, context: RuleContext) -> Iterator[str]:
    parts = provider.split(":", 5)
    if len(parts) == 6 and parts[4] != context.stack.account:
        yield f"{statement.label} trusts {provider}, an identity provider of account {parts[4] or 'nobody'}."
    if ":saml-provider/" in provider:
        return
    issuer = provider.rpartition(":oidc-provider/")[2]
    if issuer.lower() not in context.zone.issuers:
        yield f"{statement.label} trusts the issuer {issuer}, which is not declared."
        return
    subjects = context.zone.trusted_subjects(context.stack)
    for condition in statement.tests(f"{issuer.lower()}:sub"):
        for value in condition.values:
            if value not in subjects:
                yield f"{statement.label} trusts the subject {value}, which the stack does not declare."


def _check_organizations(statement: PolicyStatement, context: RuleContext) -> Iterator[str]:
    for condition in statement.tests("aws:principalorgid", "aws:principalorgpaths"):
        for value in condition.values if condition.binds else ():
            if value.partition("/")[0] not in context.zone.organizations:
                yield f"{statement.label} trusts the organisation {value}, which is not declared."


def _check_issuer(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    issuer = (text(resource.props, "url") or "").removeprefix("https://").rstrip("/").lower()
    if issuer not in context.zone.issuers:
        yield f"url is {issuer or 'not set'}, an issuer that is not declared."
    audiences = texts(resource.props, "clientIdLists")
    if audiences != ["sts.amazonaws.com"]:
        yield f"clientIdLists is {audiences or 'not set'}; it must be ['sts.amazonaws.com']."


def _check_service(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    name = text(resource.props, "serviceName")
    if not name:
        if not read(resource.props, "resourceConfigurationArn") and not read(
            resource.props, "serviceNetworkArn"
        ):
            yield "serviceName is not set."
        else:
            yield "it leads to a resource or a service network of VPC Lattice."
        return
    allowed = {
        f"{start}com.amazonaws.{context.stack.region}.{service}"
        for service in context.zone.endpoint_services
        for start in ("", "cn.")
    }
    if name not in allowed:
        yield f"serviceName is {name}, a service that is not declared."


RULES = (
    ResourceRule(
        id="placement-foreign-reference",
        severity=RuleSeverity.HIGH,
        types=EVERY_AWS_TYPE,
        title="No resource refers to what is outside the zone of trust.",
        why=(
            "A failure destination, an alarm action, a layer, an image or a key of another account takes "
            "payment data there, or brings code from there."
        ),
        fix=(
            "refer to a resource of the stack's account and region, or have the zone in "
            "policies/configuration.json widened by review."
        ),
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
        check=_check_references,
    ),
)
"""About every type alike."""

IAM_RULES = (
    ResourceRule(
        id="iam-policy-foreign-resource",
        severity=RuleSeverity.HIGH,
        types=IDENTITY_TYPES,
        title="No IAM policy reaches resources of accounts outside the zone of trust.",
        why="What may be sent to or assumed in another account is a way out that no network closes.",
        fix="name the stack's account in the ARN, or add a condition on aws:ResourceAccount.",
        url=f"{IAM_DOCS}/reference_policies_condition-keys.html#condition-keys-resourceaccount",
        check=_check_reach,
    ),
    ResourceRule(
        id="iam-trust-declared",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({ROLE, OIDC_PROVIDER}),
        title="A role trusts declared accounts, organisations, issuers and subjects only.",
        why="Who may take a role is decided in the stack's configuration, where it is reviewed.",
        fix=(
            "add the principal or the subject to the stack's configuration, or have the zone in "
            "policies/configuration.json widened by review."
        ),
        url=f"{IAM_DOCS}/access_policies-cross-account-resource-access.html",
        references=("CKV_AWS_358",),
        exceptions_allowed=False,
        check=_check_trust,
    ),
    ResourceRule(
        id="endpoint-service-declared",
        severity=RuleSeverity.HIGH,
        types=frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint"}),
        title="A VPC endpoint leads to a declared AWS service of the stack's region.",
        why="An endpoint of another party's service is a way out of the network, past every route.",
        fix="remove it, or have the service added to zone.endpointServices by review.",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-saas.html",
        check=_check_service,
    ),
)
