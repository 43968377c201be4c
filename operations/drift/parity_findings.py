"""Words the differences of two stacks as findings: the reason, and what to do."""

from collections.abc import Iterable, Iterator
from typing import Any

from operations.drift.attribute import CORE, Cause
from operations.drift.compare import Difference, type_of
from operations.drift.declared import Declared, Field, Misdeclared
from operations.drift.identity_text import contains
from operations.drift.invention import texts
from operations.drift.program import Pair
from operations.drift.report import ABSENT, Check, Classification, Finding, Kind, Severity
from operations.drift.severity import severity
from operations.drift.stack import STACK, STACK_TYPE, Stack
from operations.engine.failure import StackName


def of_difference(
    found: Difference, cause: Cause, stacks: tuple[Stack, Stack], *, renamed: str | None
) -> Finding:
    """One difference with its cause."""
    target = stacks[1]
    type_ = STACK_TYPE if found.key == STACK else type_of(found.key)
    return Finding(
        check=Check.PARITY,
        project=target.name.project,
        environment=target.name.environment,
        resource=STACK if found.key == STACK else found.key.rpartition("::")[2],
        type=type_,
        path=found.path,
        kind=found.kind,
        classification=cause.classification,
        severity=severity(type_, found.path),
        baseline=found.baseline,
        target=found.target,
        explained_by=_explanation(cause),
        reason=renamed
        if renamed and cause.classification is Classification.DRIFT
        else _reason(found, cause, stacks),
        fix=_fix(found, cause, target.name),
    )


def of_settings(pair: Pair) -> Iterator[Finding]:
    """The values that are in the text of nearly every resource, such as the account: one each."""
    target = pair.target.declared
    for each in pair.identity:
        if each.key.partition(":")[2] in CORE:
            value = target.values.get(each.key, "")
            resources = [key for key, properties in pair.target.own.items() if contains(properties, value)]
            places = sum(contains(text, value) for key in resources for text in texts(pair.target.own[key]))
            yield _of_setting(
                each,
                (pair.baseline.declared, target),
                Classification.IDENTITY,
                reason=f"{each.description} It stands in {places} texts of {len(resources)} resources.",
                fix="Nothing: the value makes the environment itself.",
            )


def of_setting_without_effect(each: Field, declared: tuple[Declared, Declared]) -> Finding:
    """A scaling setting that the environments declare differently, and that the program does not use."""
    return _of_setting(
        each,
        declared,
        Classification.DRIFT,
        reason="The environments declare different values, and the program makes no difference of them.",
        fix=f"Use the setting in projects/{declared[1].name.project} or in its components, or remove it.",
    )


def of_configuration(found: Misdeclared, target: StackName) -> Finding:
    """A key that a stack file should not set, or should set as the other one does."""
    baseline, value = (ABSENT if each is None else each for each in (found.baseline, found.target))
    kind = Kind.EXTRA if baseline == ABSENT else Kind.MISSING if value == ABSENT else Kind.CHANGED
    return Finding(
        check=Check.PARITY,
        project=target.project,
        environment=target.environment,
        resource=STACK,
        type=STACK_TYPE,
        path=f"config.{found.key}",
        kind=kind,
        classification=Classification.DRIFT,
        severity=Severity.HIGH,
        baseline=baseline,
        target=value,
        reason=f"{found.reason[0].upper()}{found.reason[1:]}.",
        fix=f"Remove the line from projects/{target.project}/Pulumi.*.yaml, or set it in each of them.",
    )


def renamed(found: Iterable[Difference]) -> dict[tuple[str, Kind], str]:
    """Key and kind of a whole resource of one stack only, to what it may be called in the other one."""
    whole = [each for each in found if each.path == "" and each.kind is not Kind.CHANGED]
    reasons = {}
    for each in whole:
        parents, _, own = each.key.rpartition("::")
        names = [
            other.key.rpartition("::")[2]
            for other in whole
            if other.kind is not each.kind and other.key.rpartition("::")[0] == parents
        ]
        if names:
            reasons[each.key, each.kind] = f"{own} may be {' or '.join(names)} renamed: its type is the same."
    return reasons


def _of_setting(
    each: Field,
    declared: tuple[Declared, Declared],
    classification: Classification,
    *,
    reason: str,
    fix: str,
) -> Finding:
    baseline, target = (side.values.get(each.key, ABSENT) for side in declared)
    return Finding(
        check=Check.PARITY,
        project=declared[1].name.project,
        environment=declared[1].name.environment,
        resource=STACK,
        type=STACK_TYPE,
        path=f"config.{each.key}",
        kind=Kind.CHANGED,
        classification=classification,
        severity=Severity.HIGH,
        baseline=baseline,
        target=target,
        explained_by=each.key if classification is Classification.IDENTITY else None,
        reason=reason,
        fix=fix,
    )


def _explanation(cause: Cause) -> str | None:
    if cause.classification is Classification.DRIFT:
        return None
    return ", ".join(each.key for each in cause.fields)


def _reason(found: Difference, cause: Cause, stacks: tuple[Stack, Stack]) -> str:
    if cause.classification is not Classification.DRIFT:
        return " ".join(each.description for each in cause.fields)
    if found.key == STACK and not cause.special:
        return "The two were not deployed from the same commit, or one was not deployed since."
    held = dict(zip((each.name.environment for each in stacks), (found.baseline, found.target), strict=True))
    driven = ", ".join(each.key for each in cause.fields)
    by = f" (driven by {driven})" if driven else ""
    if not cause.off:
        settings = "; ".join(
            f"the settings of {environment} give {_shown(cause.declared[environment])}"
            for environment in cause.special
            if not driven or _is_plain(cause.declared[environment])
        )
        return (
            "The program makes the two differ here though no scaling field does"
            + (f": {settings}{by}" if driven and settings else "")
            + ": what is uniform must not depend on the environment."
        )
    return "; ".join(_off(each, held[each], cause.declared[each], found) for each in cause.off) + by + "."


def _off(environment: str, value: Any, wanted: Any, found: Difference) -> str:
    if found.path == "" or not _is_plain(value) or not _is_plain(wanted):
        return f"{environment} does not hold what its program declares"
    return f"{environment} holds {_shown(value)}, its program declares {_shown(wanted)}"


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _shown(value: Any) -> str:
    return "nothing" if value == ABSENT else repr(value)


def _fix(found: Difference, cause: Cause, target: StackName) -> str:
    if cause.classification is not Classification.DRIFT:
        return "Nothing: both environments hold the values that they declare."
    if found.key == STACK and not cause.special:
        return f"python scripts/deploy.py up --env {target.environment} --project {target.project}"
    if not cause.off:
        return (
            f"Change the code of projects/{target.project} or of its components, so that only a scaling "
            f"field makes a difference; or declare one in components/project_settings.py."
        )
    return " && ".join(
        f"python scripts/deploy.py up --env {environment} --project {target.project}"
        for environment in cause.off
    )
