"""Coverage: what no rule of the pack knows is said to be unknown, rather than passing for clean."""

from collections.abc import Iterable, Iterator

from policies.resource import Resource
from policies.rule import (
    EVERY_AWS_TYPE,
    EVERY_OTHER_TYPE,
    AnyRule,
    Context,
    ResourceRule,
    Setting,
    Severity,
    StackRule,
)

NOTHING_TO_CHECK = frozenset(
    {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:cloudwatch/logStream:LogStream",
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        "aws:dynamodb/contributorInsights:ContributorInsights",
        "aws:dynamodb/tag:Tag",
        "aws:dynamodb/tableItem:TableItem",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
        "aws:kms/alias:Alias",
        "aws:lambda/alias:Alias",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:sns/dataProtectionPolicy:DataProtectionPolicy",
    }
)
"""Types that were looked at and hold nothing that a rule of their own could be about."""


def _check_package(resource: Resource, context: Context) -> Iterator[str]:
    package = resource.type.partition(":")[0]
    if resource.provider is not None and package not in context.texts("packages"):
        yield f"no rule knows resources of the package {package} ({resource.type})."


def rules(others: Iterable[AnyRule]) -> tuple[AnyRule, ...]:
    """The rule that knows which types all other rules know."""
    known = set(NOTHING_TO_CHECK)
    for other in others:
        known |= other.types | (other.reads if isinstance(other, StackRule) else frozenset())

    def check(resource: Resource, _context: Context) -> Iterator[str]:
        if resource.type not in known:
            yield f"no rule knows {resource.type}: nobody has decided yet what must hold for it."

    return (
        ResourceRule(
            id="coverage-package",
            severity=Severity.HIGH,
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
                )
            },
            check=_check_package,
        ),
        ResourceRule(
            id="coverage-type",
            severity=Severity.LOW,
            types=EVERY_AWS_TYPE,
            title="Every resource is of a type that the pack knows.",
            why="A type that no rule knows would pass without having been looked at.",
            fix="add rules for the type, or add it to NOTHING_TO_CHECK in policies/rules/coverage.py.",
            url="https://www.pulumi.com/docs/insights/policy/",
            check=check,
        ),
    )
