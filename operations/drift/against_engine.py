"""Does the account match the state, and the state the program? What the engine says of it, as findings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from operations.drift.companions import SETS, Companions
from operations.drift.compare import Difference, differences
from operations.drift.engine import Seen, Step
from operations.drift.report import ABSENT, Check, Classification, Finding, Kind
from operations.drift.settable import telling
from operations.drift.severity import severity
from operations.engine.failure import StackName

_GONE = frozenset({"delete", "delete-replaced"})
_READ = frozenset({"same", "update"})
"""Of a resource that is called the same, the account may still show what no program asked for."""
_NEW = frozenset({"create", "create-replacement", "import"})


def cloud(name: StackName, steps: Iterable[Step]) -> Iterator[Finding]:
    """What the account holds otherwise than the state says, in properties that a program may set.

    What AWS counts or dates of itself is no drift.
    """
    refresh = f"pulumi -C projects/{name.project} -s {name.environment} refresh"
    deploy = f"python scripts/deploy.py up --env {name.environment} --project {name.project}"
    steps = list(steps)
    companions = Companions(steps)
    gone = {step.key for step in steps if step.operation in _GONE}
    owners = {step.old.outputs.get("id") for step in steps if step.old and step.type not in SETS}
    for step in steps:
        if step.type in SETS and step.old and step.old.outputs.get(SETS[step.type]) in owners:
            continue  # told of the resource whose set it is, with its content
        if step.operation in _GONE:
            found: Iterable[Difference] = [_whole(step, Kind.MISSING, step.old)]
            fix = f"Make it again: {refresh} && {deploy}"
        elif step.operation not in _READ or step.key in gone or not step.old or not step.new:
            continue
        else:
            names = telling(step.type) | step.old.inputs.keys()
            ours, theirs = (
                _properties(
                    {
                        name: value
                        for name, value in companions.apart(step, seen.outputs).items()
                        if name in names
                    }
                )
                for seen in (step.old, step.new)
            )
            found = differences({step.key: ours}, {step.key: theirs})
            fix = f"Undo it: {refresh} && {deploy}. To keep it, change the program, then deploy."
        for each in found:
            yield _finding(Check.CLOUD, name, step, each, fix)


def code(name: StackName, steps: Iterable[Step]) -> Iterator[Finding]:
    """What the program would change in the state."""
    steps = list(steps)
    replaced = {step.key for step in steps if "replace" in step.operation}
    deploy = f"Deploy it: python scripts/deploy.py up --env {name.environment} --project {name.project}"
    for step in steps:
        found: Iterable[Difference] = ()
        fix = deploy
        if step.key in replaced:
            if step.operation == "replace" and step.old and step.new:
                found = differences(
                    {step.key: _properties(step.old.inputs)}, {step.key: _properties(step.new.inputs)}
                )
                fix = f"{deploy}, which replaces the resource. Or change the code back."
        elif step.operation in _GONE:
            found = [_whole(step, Kind.MISSING, step.old)]
            fix = f"{deploy}, which deletes it. Or put it back into the code."
        elif step.operation in _NEW:
            found = [_whole(step, Kind.EXTRA, step.new)]
        elif step.operation == "update" and step.old and step.new:
            found = differences(
                {step.key: _properties(step.old.inputs)}, {step.key: _properties(step.new.inputs)}
            )
            fix = f"{deploy}. Or change the code or the stack file back."
        for each in found:
            yield _finding(Check.CODE, name, step, each, fix)


def _whole(step: Step, kind: Kind, seen: Seen | None) -> Difference:
    value = _properties(seen.inputs) if seen else {}
    missing = kind is Kind.MISSING
    return Difference(
        key=step.key,
        path="",
        kind=kind,
        baseline=value if missing else ABSENT,
        target=ABSENT if missing else value,
    )


def _properties(of: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with one view of tags: a resource's own `tags` and the stack's are all in `tagsAll`."""
    found = {name: value for name, value in of.items() if name != "tagsAll"}
    return {**found, "tags": of["tagsAll"]} if "tagsAll" in of else found


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
