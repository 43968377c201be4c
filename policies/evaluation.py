"""Asking a rule about a resource; the one place where its answers become outcomes, for the engine and for
exports.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.properties import MalformedPropertyError, UnknownPropertyError
from policies.resource import CheckedResource
from policies.rule import AnyRule, PropertyRule, RuleContext
from policies.stack import UndeclaredSettingError


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource breaks a rule; `message` says what is wrong, without the fix."""

    rule: AnyRule
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class NotEvaluated:
    """A rule could not be asked, because `path` is not known yet: never a pass."""

    rule: AnyRule
    urn: str
    path: str


Outcome = Violation | NotEvaluated


def evaluate(rule: AnyRule, resource: CheckedResource, context: RuleContext) -> Iterator[Outcome]:
    """Yield what a rule says of a resource: nothing where it holds.

    A wrong type is a violation, since AWS would refuse it or read it otherwise; a value that the stack should
    declare and doesn't is one too. Violations found before an unknown value stay.
    """
    try:
        messages = (
            rule.check(resource.props) if isinstance(rule, PropertyRule) else rule.check(resource, context)
        )
        for message in messages:
            yield Violation(rule=rule, urn=resource.urn, message=message)
    except (MalformedPropertyError, UndeclaredSettingError) as reason:
        yield Violation(rule=rule, urn=resource.urn, message=str(reason))
    except UnknownPropertyError as reason:
        yield NotEvaluated(rule=rule, urn=resource.urn, path=reason.path)
