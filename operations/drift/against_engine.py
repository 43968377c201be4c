"""Turns the steps that the engine reports into findings of the checks `cloud` and `code`."""

from collections.abc import Iterable, Iterator

from operations.drift.companions import SETS, Companions
from operations.drift.compare import Difference, differences
from operations.drift.engine import Seen, Step
from operations.drift.expectation import Asked, expected_properties, with_all_tags
from operations.drift.remedies import undo_in_account, undo_in_code
from operations.drift.report import ABSENT, Check, Classification, Finding, Kind
from operations.drift.severity import severity
from operations.engine.failure import StackName

_GONE = frozenset({"delete", "delete-replaced"})
_READ = frozenset({"same", "update"})
"""Of a resource that is called the same, the account may still show what no program asked for."""
_NEW = frozenset({"create", "create-replacement", "import"})


def cloud(name: StackName, steps: Iterable[Step], asked: Asked | None = None) -> Iterator[Finding]:
    """Yield where an account holds something else than the program and the state ask for.

    Properties that no program sets are compared as well, whatever the state says of them: a refresh takes
    what somebody added into the state. What AWS counts or dates is no drift.
    """
    asked = asked or Asked()
    steps = list(steps)
    companions = Companions(steps, asked.of)
    gone = {step.key for step in steps if step.operation in _GONE}
    owners = {step.old.outputs.get("id") for step in steps if step.old and step.type not in SETS}
    for step in steps:
        if step.type in SETS and step.old and step.old.outputs.get(SETS[step.type]) in owners:
            continue  # it shows at the resource whose set it is, with its content
        if step.operation in _GONE:
            found: Iterable[Difference] = [_whole(step, Kind.MISSING, step.old)]
        elif step.operation not in _READ or step.key in gone or not step.old or not step.new:
            continue
        else:
            recorded, held = (companions.apart(step, seen.outputs) for seen in (step.old, step.new))
            expected, actual = expected_properties(step, asked, recorded, held)
            found = differences({step.key: expected}, {step.key: actual})
        for each in found:
            yield _finding(Check.CLOUD, name, step, each, undo_in_account(name, step, each))


def code(name: StackName, steps: Iterable[Step]) -> Iterator[Finding]:
    """Yield what the program would change in the state."""
    steps = list(steps)
    replaced = {step.key for step in steps if "replace" in step.operation}
    for step in steps:
        found: Iterable[Difference] = ()
        if step.key in replaced:
            if step.operation == "replace" and step.old and step.new:
                found = _changed(step, step.old, step.new)
        elif step.operation in _GONE:
            found = [_whole(step, Kind.MISSING, step.old)]
        elif step.operation in _NEW:
            found = [_whole(step, Kind.EXTRA, step.new)]
        elif step.operation == "update" and step.old and step.new:
            found = _changed(step, step.old, step.new)
        for each in found:
            yield _finding(Check.CODE, name, step, each, undo_in_code(name, step, each))


def _changed(step: Step, old: Seen, new: Seen) -> list[Difference]:
    """Where an update changes a resource: in its inputs, else in what the provider reports as different."""
    found = [*differences({step.key: with_all_tags(old.inputs)}, {step.key: with_all_tags(new.inputs)})]
    if found:
        return found
    # A refresh took another value into the outputs alone, and the inputs are what the program asks for.
    ours, theirs = (
        {name: seen[name] for name in step.diffs if name in seen} for seen in (old.outputs, new.inputs)
    )
    return [*differences({step.key: with_all_tags(ours)}, {step.key: with_all_tags(theirs)})]


def _whole(step: Step, kind: Kind, seen: Seen | None) -> Difference:
    value = with_all_tags(seen.inputs) if seen else {}
    missing = kind is Kind.MISSING
    return Difference(
        key=step.key,
        path="",
        kind=kind,
        baseline=value if missing else ABSENT,
        target=ABSENT if missing else value,
    )


def _finding(check: Check, name: StackName, step: Step, found: Difference, fix: str) -> Finding:
    return Finding(
        check=check,
        project=name.project,
        environment=name.environment,
        resource=step.name,
        type=step.type,
        path=found.path,
        kind=found.kind,
        classification=Classification.DRIFT,
        severity=severity(step.type, found.path),
        baseline=found.baseline,
        target=found.target,
        fix=fix,
    )
