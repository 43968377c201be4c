"""Who may invoke a function or use a layer: named services on behalf of named resources, never the public."""

from collections.abc import Iterator

from policies.arns import account
from policies.properties import Props, text
from policies.resource import Resource
from policies.rule import Context, PropertyRule, ResourceRule, Severity

PERMISSION = "aws:lambda/permission:Permission"
LAYER_PERMISSION = "aws:lambda/layerVersionPermission:LayerVersionPermission"
URL = "aws:lambda/functionUrl:FunctionUrl"
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg"


def _check_public(resource: Resource, _context: Context) -> Iterator[str]:
    organisation = "organizationId" if resource.type == LAYER_PERMISSION else "principalOrgId"
    principal = text(resource.props, "principal")
    if not principal:
        yield "principal is not set."
    elif "*" in principal and not text(resource.props, organisation):
        yield f"principal is {principal} and {organisation} is not set: everyone is let in."


def _check_source(props: Props) -> Iterator[str]:
    principal = text(props, "principal") or ""
    if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        arn = text(props, "sourceArn") or ""
        if not arn:
            yield f"sourceArn is not set, so that {principal} may invoke it for anybody's resource."
        elif not arn.split(":", 5)[-1].strip("*?"):
            yield f"sourceArn is {arn}, which is any resource."


def _check_source_account(resource: Resource, context: Context) -> Iterator[str]:
    props, own = resource.props, context.stack.account
    if not (text(props, "principal") or "").endswith((".amazonaws.com", ".amazonaws.com.cn")):
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
        severity=Severity.CRITICAL,
        types=frozenset({PERMISSION, LAYER_PERMISSION}),
        title="No function and no layer is open to everyone.",
        why="Anybody with an AWS account could make payments.",
        fix="name the principal, or the organisation.",
        url=f"{LAMBDA_DOCS}/access-control-resource-based.html",
        references=("CKV_AWS_301", "F13", "FSBP Lambda.1"),
        exceptions_allowed=False,
        check=_check_public,
    ),
    PropertyRule(
        id="function-permission-source",
        severity=Severity.HIGH,
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
        severity=Severity.HIGH,
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
        severity=Severity.MEDIUM,
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
        severity=Severity.CRITICAL,
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
