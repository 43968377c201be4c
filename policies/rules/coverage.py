"""Coverage: a type that nobody has decided on is refused, rather than passing for clean."""

from collections.abc import Iterable, Iterator, Mapping

from policies.resource import CheckedResource
from policies.rule import (
    EVERY_AWS_TYPE,
    EVERY_OTHER_TYPE,
    AnyRule,
    ResourceRule,
    RuleContext,
    RuleSeverity,
    Setting,
    Tightening,
)
from policies.rules.network import MACHINES, TEMPLATES
from policies.rules.table import AUTOSCALING

NOTHING_TO_CHECK: Mapping[str, str] = {
    "aws:cloudwatch/dashboard:Dashboard": "shows metrics that are there anyway",
    "aws:cloudwatch/eventRule:EventRule": "selects events; where they go is a target's",
    "aws:cloudwatch/eventTarget:EventTarget": "its ARNs are judged by placement-foreign-reference",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "counts log lines within the account",
    "aws:cloudwatch/logStream:LogStream": "its log group is judged",
    "aws:cloudwatch/queryDefinition:QueryDefinition": "a saved query, without rights of its own",
    "aws:dynamodb/contributorInsights:ContributorInsights": "counts keys within the account's metrics",
    "aws:dynamodb/tag:Tag": "a tag",
    "aws:dynamodb/tableItem:TableItem": "an item; its table is judged",
    "aws:ec2/flowLog:FlowLog": "its VPC is judged by relation-vpc-flow-log",
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": "its table is judged",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "its table is judged",
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": "its endpoint is judged",
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation": "its endpoint is judged",
    "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive": "only revokes undeclared rules",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": "only removes undeclared inline policies",
    "aws:kms/alias:Alias": "a name; the key is judged",
    "aws:lambda/alias:Alias": "a name of a version; the function is judged",
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig": "decides on failure of a DNS firewall",
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": "a list of names for a DNS firewall",
    "aws:route53/resolverFirewallRule:ResolverFirewallRule": "only refuses names, or allows listed ones",
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": "holds rules of a DNS firewall",
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": (
        "puts a DNS firewall in front of a VPC"
    ),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": "logs DNS queries within the account",
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": "logs DNS queries",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "only deletes or archives",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "bucket-acl judges what it could open",
    "aws:sns/dataProtectionPolicy:DataProtectionPolicy": "only masks or refuses",
}
"""Types without anything that a rule of their own could judge, each with the reason; one line adds one."""

JUDGED_IN_PART = frozenset(MACHINES | TEMPLATES | AUTOSCALING)
"""Types that a rule judges in one respect only, which says nothing of the rest."""


def _check_package(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    package = resource.type.partition(":")[0]
    if resource.provider is not None and package not in context.texts("packages"):
        yield f"no rule knows resources of the package {package} ({resource.type})."


def rules(others: Iterable[AnyRule]) -> tuple[AnyRule, ...]:
    """Return the rule that knows which types all other rules judge."""
    judged = {kind for other in others for kind in other.types} - JUDGED_IN_PART
    known = judged | NOTHING_TO_CHECK.keys()

    def check(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
        if resource.type in JUDGED_IN_PART:
            yield f"rules judge {resource.type} in part only: nobody has decided what else must hold for it."
        elif resource.type not in known:
            yield f"no rule knows {resource.type}: nobody has decided yet what must hold for it."

    return (
        ResourceRule(
            id="coverage-package",
            severity=RuleSeverity.HIGH,
            types=EVERY_OTHER_TYPE,
            title="Every resource is of a provider that the pack knows.",
            why=(
                "aws-native makes the same function under another type, and a command or a dynamic provider "
                "makes anything: no rule would see it."
            ),
            fix="make it with the AWS provider, or have the package added to the allowed ones by review.",
            url="https://www.pulumi.com/docs/iac/concepts/resources/providers/",
            settings={
                "packages": Setting(
                    schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                    default=["random", "time"],
                    description="Packages whose resources may be used besides those of AWS.",
                    tightens=Tightening.FEWER,
                )
            },
            check=_check_package,
        ),
        ResourceRule(
            id="coverage-type",
            severity=RuleSeverity.HIGH,
            types=EVERY_AWS_TYPE,
            title="Every resource is of a type that the pack knows.",
            why="A type that no rule knows would pass without having been looked at.",
            fix="add rules for the type, or a line with the reason to NOTHING_TO_CHECK in rules/coverage.py.",
            url="https://www.pulumi.com/docs/insights/policy/",
            check=check,
        ),
    )
