"""Tags: whose a resource is, for bills, for access by tag, and for finding what was left behind."""

from collections.abc import Iterator, Mapping

from policies.properties import block
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity
from policies.rules.name_suffixes import TAGGABLE
from policies.tags import effective_tags


def required_tags(context: RuleContext) -> dict[str, str]:
    """Return the tags that every resource of a stack carries, and their values."""
    return {
        "Project": context.stack.project,
        "Environment": context.stack.environment,
        "EnvironmentSuffix": context.stack.suffix,
        "ManagedBy": "pulumi",
    }


def _check(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    tags = effective_tags(resource)
    for name, wanted in required_tags(context).items():
        found = tags.get(name)
        if found is None:
            yield f"the tag {name} is not set; it must be {wanted!r}."
        elif found != wanted:
            yield f"the tag {name} is {found!r}; it must be {wanted!r}."


def _remedy(resource: CheckedResource, context: RuleContext) -> Mapping[str, object] | None:
    """Return the properties with the required tags, or None where they are all right.

    `tagsAll` holds the provider's own tags as well, where it has merged them by then.
    """
    if not any(_check(resource, context)):
        return None
    places = ["tags", *(["tagsAll"] if block(resource.props, "tagsAll") is not None else [])]
    required = required_tags(context)
    return {**resource.props, **{key: {**(block(resource.props, key) or {}), **required} for key in places}}


RULES = (
    ResourceRule(
        id="tag-required",
        severity=RuleSeverity.MEDIUM,
        types=TAGGABLE,
        title="Every taggable resource carries Project, Environment, EnvironmentSuffix and ManagedBy.",
        why="Costs, access and clean-up go by tag; an untagged resource belongs to nobody.",
        fix="make it through the stack's provider, whose default tags hold all four.",
        url="https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
        check=_check,
        remedy=_remedy,
    ),
)
