"""Names: every resource says what it is, which environment it belongs to and which deployment made it."""

import re
from collections.abc import Iterator

from policies.properties import block, describe, text
from policies.resource import CheckedResource
from policies.rule import ResourceRule, RuleContext, RuleSeverity
from policies.rules.name_suffixes import ENDINGS, NAMED, PREFIXES, UNNAMED
from policies.tags import effective_tags

CONVENTION = "{resource-type}-{environment}-{suffix}"
NAMING_URL = "https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_evolve_ops_tag_resources.html"


def fits(name: str, noun: str, environment: str, suffix: str) -> bool:
    """Whether a name is `{resource-type}-{environment}-{suffix}` and its resource type ends with the noun."""
    ending = f"-{environment}-{suffix}"
    kind = name.removesuffix(ending)
    return kind != name and bool(re.fullmatch(rf"([a-z][a-z0-9]*-)?([a-z0-9]+-)*({noun})", kind))


def _wanted(noun: str, context: RuleContext) -> str:
    shown = re.sub(r"\(.*\)\?", "", noun)
    return f"…{shown}-{context.stack.environment}-{context.stack.suffix}"


def _check_name(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    key, noun = NAMED[resource.type]
    name = text(resource.props, key)
    prefix, ending = PREFIXES.get(resource.type, ""), ENDINGS.get(resource.type, "")
    wanted = _wanted(noun, context)
    if not name:
        yield f"{key} is not set, so that AWS or Pulumi makes one up; it must be {prefix}{wanted}."
    elif not name.startswith(prefix) or not fits(
        name.removeprefix(prefix).removesuffix(ending or "\n"),
        noun,
        context.stack.environment,
        context.stack.suffix,
    ):
        yield f"{key} is {name!r}; it must be {prefix}{wanted}."


def _check_tag(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    noun = UNNAMED[resource.type]
    block(resource.props, "tags")
    name = effective_tags(resource).get("Name")
    wanted = _wanted(noun, context)
    if name is None:
        yield f"the tag Name is not set; it must be {wanted}."
    elif not isinstance(name, str):
        yield f"the tag Name must be a string, but it is {describe(name)}."
    elif not fits(name, noun, context.stack.environment, context.stack.suffix):
        yield f"the tag Name is {name!r}; it must be {wanted}."


RULES = (
    ResourceRule(
        id="name-convention",
        severity=RuleSeverity.MEDIUM,
        types=frozenset(NAMED),
        title=f"Every named resource is called {CONVENTION}, its resource type ending with its noun.",
        why=(
            "Deployments in one account must not collide, and people must see what a resource is and whose "
            "it is."
        ),
        fix=f"name it {CONVENTION} with the stack's name and its environmentSuffix.",
        url=NAMING_URL,
        check=_check_name,
    ),
    ResourceRule(
        id="name-tag-convention",
        severity=RuleSeverity.MEDIUM,
        types=frozenset(UNNAMED),
        title=f"Every resource that AWS names by id carries its name, {CONVENTION}, as the tag Name.",
        why="An id tells nobody what a subnet or a key is for.",
        fix=f"set the tag Name to {CONVENTION} with the stack's name and its environmentSuffix.",
        url=NAMING_URL,
        check=_check_tag,
    ),
)
