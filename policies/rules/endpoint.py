"""VPC endpoints: the only ways out, each let through by a policy of its own."""

from collections.abc import Iterator

from policies.arns import account
from policies.document_locations import ENDPOINT, ENDPOINT_TYPES
from policies.documents import ACCOUNT, PolicyStatement, statements
from policies.properties import Props, flag, text
from policies.reach import reaches_any_name
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity

ENDPOINT_TYPE = "aws:ec2/vpcEndpoint:VpcEndpoint"
SERVICE_TYPE = "aws:ec2/vpcEndpointService:VpcEndpointService"
PRIVATELINK_DOCS = "https://docs.aws.amazon.com/vpc/latest/privatelink"


def _allowing(resource: CheckedResource) -> list[PolicyStatement]:
    found = statements(resource.props, ENDPOINT[resource.type])
    return [statement for statement in found if statement.allows]


def _check_policy(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if not statements(resource.props, ENDPOINT[resource.type]):
        yield "policy is not set, which lets everything through."


def _check_actions(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for statement in _allowing(resource):
        wide = [action for action in statement.actions if not action.rpartition(":")[2].strip("*?")]
        if wide or statement.not_actions:
            yield f"{statement.label} lets every action through ({', '.join(wide) or 'NotAction'})."


def _check_resources(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    own = context.stack.account
    for statement in _allowing(resource):
        wide = [pattern for pattern in statement.resources if reaches_any_name(pattern) or ":*:" in pattern]
        if wide or statement.not_resources:
            yield f"{statement.label} leads to resources of anybody ({', '.join(wide) or 'NotResource'})."
        elsewhere = [found for found in statement.resources if found not in wide and account(found) != own]
        if elsewhere and not any(
            condition.names_exact and set(condition.values) == {own}
            for condition in statement.tests("aws:resourceaccount")
        ):
            yield f"{statement.label} leads to what is not of account {own} ({', '.join(elsewhere)})."


def _check_principals(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    own = context.stack.account
    for statement in _allowing(resource):
        everyone = any(principal.everyone for principal in statement.principals) or statement.not_principals
        if everyone and not statement.names_exactly_by("aws:principalaccount", "aws:principalarn"):
            yield f"{statement.label} lets principals of any account through."
        named = [principal.account for principal in statement.principals] + [
            value if ACCOUNT.fullmatch(value) else account(value)
            for condition in statement.tests("aws:principalaccount", "aws:principalarn")
            if condition.binds
            for value in condition.values
        ]
        for other in dict.fromkeys(found for found in named if found not in {None, own}):
            yield f"{statement.label} lets principals of account {other} through."


def _check_private_dns(props: Props) -> Iterator[str]:
    if text(props, "vpcEndpointType") == "Interface" and not flag(props, "privateDnsEnabled"):
        yield "privateDnsEnabled is not true, so that the service's name leads past the endpoint."


def _check_acceptance(props: Props) -> Iterator[str]:
    if not flag(props, "acceptanceRequired"):
        yield "acceptanceRequired is not true."


WHY = "With the default policy an endpoint leads to everybody's tables and topics: a way out for stolen data."

RULES = (
    ResourceRule(
        id="endpoint-policy",
        severity=RuleSeverity.HIGH,
        types=ENDPOINT_TYPES,
        title="A VPC endpoint has a policy of its own.",
        why=WHY,
        fix="set policy to what this environment's functions do.",
        url=f"{PRIVATELINK_DOCS}/vpc-endpoints-access.html",
        check=_check_policy,
    ),
    ResourceRule(
        id="endpoint-policy-actions",
        severity=RuleSeverity.HIGH,
        types=ENDPOINT_TYPES,
        title="A VPC endpoint lets named actions through.",
        why=WHY,
        fix="name the actions that functions use.",
        url=f"{PRIVATELINK_DOCS}/vpc-endpoints-access.html",
        check=_check_actions,
    ),
    ResourceRule(
        id="endpoint-policy-resources",
        severity=RuleSeverity.HIGH,
        types=ENDPOINT_TYPES,
        title="A VPC endpoint leads to resources of this environment.",
        why=WHY,
        fix="name the resources by ARNs with this account, region and this environment's names.",
        url=f"{PRIVATELINK_DOCS}/vpc-endpoints-access.html",
        check=_check_resources,
    ),
    ResourceRule(
        id="endpoint-policy-principals",
        severity=RuleSeverity.HIGH,
        types=ENDPOINT_TYPES,
        title="A VPC endpoint lets this account's principals through.",
        why="Somebody inside could use credentials of another account to carry data there.",
        fix="add a condition on aws:PrincipalAccount.",
        url=f"{PRIVATELINK_DOCS}/vpc-endpoints-access.html",
        check=_check_principals,
    ),
    PropertyRule(
        id="endpoint-private-dns",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({ENDPOINT_TYPE}),
        title="An interface endpoint takes over its service's name.",
        why="Otherwise the SDK resolves the public name, which a private subnet can't reach.",
        fix="set privateDnsEnabled to true.",
        url=f"{PRIVATELINK_DOCS}/privatelink-access-aws-services.html",
        check=_check_private_dns,
    ),
    PropertyRule(
        id="endpoint-service-acceptance",
        severity=RuleSeverity.MEDIUM,
        types=frozenset({SERVICE_TYPE}),
        title="An endpoint service accepts connections by hand.",
        why="Otherwise whoever may see the service may connect to it.",
        fix="set acceptanceRequired to true.",
        url=f"{PRIVATELINK_DOCS}/configure-endpoint-service.html",
        references=("CKV_AWS_123",),
        check=_check_acceptance,
    ),
)
