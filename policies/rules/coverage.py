"""Coverage: what no rule of the pack knows is said to be unknown, rather than passing for clean."""

from collections.abc import Iterable, Iterator

from policies.resource import Resource
from policies.rule import EVERY_AWS_TYPE, AnyRule, Context, ResourceRule, Severity, StackRule

NOTHING_TO_CHECK = frozenset(
    {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:dynamodb/tableItem:TableItem",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:kms/alias:Alias",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    }
)
"""Types that were looked at and hold nothing that a rule of their own could be about."""


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
