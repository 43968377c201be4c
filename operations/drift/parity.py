"""Is the target what the baseline is, but for the controlled variations?

read → canonicalise → compare → attribute
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from operations.drift.attribute import Attribution, Cause, Side
from operations.drift.canonical import canonical_pair
from operations.drift.collection import paused_collection
from operations.drift.compare import Difference, differences
from operations.drift.declared import Declared, Misdeclared, misdeclared
from operations.drift.lineage import without_lineage
from operations.drift.notes import BREAK_GLASS
from operations.drift.report import ABSENT, Check, Classification, Finding, Kind, Severity
from operations.drift.severity import severity
from operations.drift.stack import STACK, STACK_TYPE, Stack
from operations.drift.stack_differences import stack_differences
from operations.engine.failure import StackName

RECORDS = frozenset(
    {
        BREAK_GLASS,
        "configurationDigest",
        "contentProjects",
        "releaseCommit",
        "unreleased",
        "verifiedContentDigest",
        "verifiedProjects",
        "verifiedArtifactDigest",
        "verifiedRelease",
        "verifiedReleaseCommit",
        "verifiedAt",
        "earlierVerified",
    }
)
"""Outputs that tell what was done in an environment, not what it is made of; a break-glass is noted."""


def configured(baseline: Declared, target: Declared) -> Iterator[Finding]:
    """Where the two stack files set what they may not, or not both."""
    for found in misdeclared(baseline, target):
        yield _of_configuration(found, target.name)


def compared(stacks: tuple[Stack, Stack], declared: tuple[Declared, Declared]) -> Iterator[Finding]:
    """The differences of two stacks of a project in what they hold.

    Raises Unrenderable where there is a difference and the program can't be asked for its reason.
    """
    baseline, target = stacks
    with paused_collection():
        canonical = canonical_pair(baseline, target, (declared[0].identity, declared[1].identity))
        found = list(stack_differences(stacks, canonical))
    sides = tuple(
        Side(declared=own, stack=stack, canonical=each)
        for own, stack, each in zip(declared, stacks, canonical, strict=True)
    )
    attribution = Attribution(baseline=sides[0], target=sides[1])
    findings = [
        finding
        for each in _without_repetition(found)
        if (finding := _finding(each, attribution.cause(each), stacks, renamed=_renamed(each, found)))
    ]
    # What was asked for may be wrong where the account was last seen to be right: then it is not controlled.
    drifting = {(each.type, each.resource, each.path) for each in findings if each.explained_by is None}
    for finding in findings:
        if finding.explained_by is None or (finding.type, finding.resource, finding.path) not in drifting:
            yield finding
    outputs = without_lineage(
        tuple(_of_stack(stack, each) for stack, each in zip(stacks, canonical, strict=True)), stacks
    )
    for each in differences({STACK: outputs[0]}, {STACK: outputs[1]}):
        yield _of_outputs(each, target.name)


def _of_stack(stack: Stack, canonical: Callable[[Any], Any]) -> Mapping[str, Any]:
    return {
        **{f"outputs.{key}": canonical(value) for key, value in stack.outputs.items() if key not in RECORDS},
        **{f"providers.{package}.version": version for package, version in stack.providers.items()},
    }


def _finding(
    found: Difference, cause: Cause, stacks: tuple[Stack, Stack], *, renamed: str | None
) -> Finding | None:
    baseline, target = stacks
    if cause.fields and not cause.off and not cause.scaling:
        return None  # what makes the environment itself, and both hold what they declare
    controlled = bool(cause.scaling) and not cause.off
    resource = target.resources.get(found.key) or baseline.resources[found.key]
    return Finding(
        check=Check.PARITY,
        project=target.name.project,
        environment=target.name.environment,
        resource=resource.name,
        type=resource.type,
        path=found.path,
        kind=found.kind,
        classification=Classification.CONTROLLED if controlled else Classification.DRIFT,
        severity=severity(resource.type, found.path),
        baseline=found.baseline,
        target=found.target,
        explained_by=", ".join(each.key for each in cause.scaling) or None if controlled else None,
        reason=(
            " ".join(each.description for each in cause.scaling)
            if controlled
            else renamed or _reason(found, cause, stacks)
        ),
        fix=(
            "Nothing: both environments hold the values that they declare."
            if controlled
            else _fix(cause, target.name)
        ),
    )


def _reason(found: Difference, cause: Cause, stacks: tuple[Stack, Stack]) -> str:
    if not cause.off:
        return (
            "The program makes the two differ here though no scaling field does: "
            "what is uniform must not depend on the environment."
        )
    held = dict(
        zip((stack.name.environment for stack in stacks), (found.baseline, found.target), strict=True)
    )
    what = "the resource" if found.path == "" else None
    sentences = []
    for environment in cause.off:
        wanted = cause.declared[environment]
        if what or isinstance(wanted, dict | list) or isinstance(held[environment], dict | list):
            sentences.append(f"{environment} does not hold what its program declares")
        else:
            sentences.append(
                f"{environment} holds {_shown(held[environment])}, its program declares {_shown(wanted)}"
            )
    driven = ", ".join(each.key for each in cause.fields)
    by = f" (driven by {driven})" if driven else ""
    return "; ".join(sentences) + by + "."


def _shown(value: Any) -> str:
    return "nothing" if value == ABSENT else repr(value)


def _fix(cause: Cause, target: StackName) -> str:
    if not cause.off:
        return (
            f"Change the code of projects/{target.project} or of its components, so that only a scaling "
            f"field makes a difference; or declare one in components/project_settings.py."
        )
    return " && ".join(
        f"python scripts/deploy.py up --env {environment} --project {target.project}"
        for environment in cause.off
    )


def _renamed(found: Difference, among: list[Difference]) -> str | None:
    if found.path != "" or found.kind is Kind.CHANGED:
        return None
    other = Kind.EXTRA if found.kind is Kind.MISSING else Kind.MISSING
    kind = found.key.rpartition("::")[0]
    names = [
        each.key.rpartition("::")[2]
        for each in among
        if each.path == "" and each.kind is other and each.key.rpartition("::")[0] == kind
    ]
    own = found.key.rpartition("::")[2]
    return f"{own} may be {' or '.join(names)} renamed: its type is the same." if names else None


def _without_repetition(found: list[Difference]) -> Iterator[Difference]:
    """Without `tagsAll` where `tags` says the same."""
    said = {(each.key, each.path.removeprefix("tags")) for each in found if each.path.startswith("tags.")}
    for each in found:
        if each.path == "tags":  # all of a resource's own
            own = each.target if each.kind is Kind.EXTRA else each.baseline
            said |= {(each.key, f".{name}") for name in own}
    for each in found:
        if not (each.path.startswith("tagsAll.") and (each.key, each.path.removeprefix("tagsAll")) in said):
            yield each


def _of_outputs(found: Difference, target: StackName) -> Finding:
    return Finding(
        check=Check.PARITY,
        project=target.project,
        environment=target.environment,
        resource=STACK,
        type=STACK_TYPE,
        path=found.path,
        kind=found.kind,
        classification=Classification.DRIFT,
        severity=severity(STACK_TYPE, found.path),
        baseline=found.baseline,
        target=found.target,
        reason="The two were not deployed from the same commit, or one was not deployed since.",
        fix=f"python scripts/deploy.py up --env {target.environment} --project {target.project}",
    )


def _of_configuration(found: Misdeclared, target: StackName) -> Finding:
    ours, theirs = (ABSENT if value is None else value for value in (found.baseline, found.target))
    kind = Kind.EXTRA if ours == ABSENT else Kind.MISSING if theirs == ABSENT else Kind.CHANGED
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
        baseline=ours,
        target=theirs,
        reason=f"{found.reason[0].upper()}{found.reason[1:]}.",
        fix=f"Remove the line from projects/{target.project}/Pulumi.*.yaml, or set it in each of them.",
    )
