"""Who may invoke a function or use a layer: named services on behalf of named resources, never the public."""

from collections.abc import Iterator, Mapping

from policies.arns import account
from policies.documents import ACCOUNT
from policies.properties import Props, text
from policies.reach import reaches_any_name
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity
from policies.rules.resource_policy import DECLARED_ACCOUNTS, declared_accounts, organizations

PERMISSION = "aws:lambda/permission:Permission"
LAYER_PERMISSION = "aws:lambda/layerVersionPermission:LayerVersionPermission"
ORGANIZATION: Mapping[str, str] = {PERMISSION: "principalOrgId", LAYER_PERMISSION: "organizationId"}
URL = "aws:lambda/functionUrl:FunctionUrl"
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg"


def _check_public(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    organisation = ORGANIZATION[resource.type]
    principal = text(resource.props, "principal")
    if not principal:
        yield "principal is not set."
    elif "*" in principal and not text(resource.props, organisation):
        yield f"principal is {principal} and {organisation} is not set: everyone is let in."


def _is_service(principal: str) -> bool:
    """Return whether a principal is a service of AWS's (events.amazonaws.com, alexa-appkit.amazon.com)."""
    return "." in principal and not principal.startswith("arn:")


def _check_foreign(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    principal = text(resource.props, "principal") or ""
    named = principal if ACCOUNT.fullmatch(principal) else account(principal)
    if named is not None and named not in declared_accounts(context):
        yield f"principal is {principal}, whose account the stack doesn't declare."
    organisation = text(resource.props, ORGANIZATION[resource.type])
    if organisation and organisation not in organizations(context):
        yield f"{ORGANIZATION[resource.type]} is {organisation}, which is none of ours."


def _check_source(props: Props) -> Iterator[str]:
    principal = text(props, "principal") or ""
    if _is_service(principal):
        arn = text(props, "sourceArn") or ""
        if not arn:
            yield f"sourceArn is not set, so that {principal} may invoke it for anybody's resource."
        elif reaches_any_name(arn):
            yield f"sourceArn is {arn}, which is any resource."


def _check_source_account(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    props, own = resource.props, context.stack.account
    if not _is_service(text(props, "principal") or ""):
        return
    named = text(props, "sourceAccount") or account(text(props, "sourceArn") or "")
    if named != own:
        yield f"the source's account is {named or 'not named'}; it must be {own}."


def _check_action(props: Props) -> Iterator[str]:
    action = text(props, "action") or ""
    if "*" in action or not action:
        yield f"action is {action or 'not set'}; it must be one action, such as lambda:InvokeFunction."


def _check_url(props: Props) -> Iterator[str]:
    found = text(props, "authorizationType")
    if found != "AWS_IAM":
        yield f"authorizationType is {found or 'not set'}; it must be AWS_IAM."


RULES = (
    ResourceRule(
        id="function-public",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({PERMISSION, LAYER_PERMISSION}),
        title="No function and no layer is open to everyone.",
        why="Anybody with an AWS account could make payments.",
        fix="name the principal, or the organisation.",
        url=f"{LAMBDA_DOCS}/access-control-resource-based.html",
        references=("CKV_AWS_301", "F13", "FSBP Lambda.1"),
        exceptions_allowed=False,
        check=_check_public,
    ),
    ResourceRule(
        id="function-permission-foreign-account",
        severity=RuleSeverity.HIGH,
        types=frozenset(ORGANIZATION),
        title="Another account may use a function or a layer only if the stack declares it.",
        why="Who may make payments is decided in the stack's configuration, where it is reviewed.",
        fix="add the account to the stack's subscriberAccountIds, or remove the permission.",
        url=f"{LAMBDA_DOCS}/access-control-resource-based.html",
        references=("FSBP Lambda.1",),
        settings=DECLARED_ACCOUNTS,
        check=_check_foreign,
    ),
    PropertyRule(
        id="function-permission-source",
        severity=RuleSeverity.HIGH,
        types=frozenset({PERMISSION}),
        title="A service may invoke a function for a named resource only.",
        why="Otherwise any customer of that service can point a resource of theirs at the function.",
        fix="set sourceArn.",
        url=f"{LAMBDA_DOCS}/permissions-function-services.html",
        references=("CKV_AWS_364", "AWS-0067"),
        check=_check_source,
    ),
    ResourceRule(
        id="function-permission-account",
        severity=RuleSeverity.HIGH,
        types=frozenset({PERMISSION}),
        title="A service may invoke a function for this account only.",
        why=(
            "An S3 bucket's ARN names no account: delete the bucket, and somebody else may own the name "
            "tomorrow."
        ),
        fix="set sourceAccount, or a sourceArn that names the account.",
        url=f"{LAMBDA_DOCS}/permissions-function-services.html",
        references=("CKV_AWS_364",),
        check=_check_source_account,
    ),
    PropertyRule(
        id="function-permission-action",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({PERMISSION, LAYER_PERMISSION}),
        title="A permission allows one action.",
        why="lambda:* lets the caller replace the function's code.",
        fix="set action to lambda:InvokeFunction (lambda:GetLayerVersion for a layer).",
        url=f"{LAMBDA_DOCS}/access-control-resource-based.html",
        references=("F13", "W24"),
        check=_check_action,
    ),
    PropertyRule(
        id="function-url-authorization",
        severity=RuleSeverity.CRITICAL,
        types=frozenset({URL}),
        title="A function's URL asks who is calling.",
        why="With NONE it is a public endpoint for payments.",
        fix="set authorizationType to AWS_IAM.",
        url=f"{LAMBDA_DOCS}/urls-auth.html",
        references=("CKV_AWS_258",),
        exceptions_allowed=False,
        check=_check_url,
    ),
)
