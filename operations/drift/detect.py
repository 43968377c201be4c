"""One run of the search for drift: reads the stacks, asks the four questions, waives, reports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from components.configuration import InvalidConfiguration
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.deployment.activity import Watch
from operations.drift import against_engine, parity
from operations.drift.declared import declared
from operations.drift.engine import Engine
from operations.drift.expectation import Asked
from operations.drift.export import Unreadable
from operations.drift.notes import notes
from operations.drift.report import Check, Finding, NotChecked, Report
from operations.drift.sources import Source, unreadable
from operations.drift.stack import Stack
from operations.drift.unmanaged.account import Clients
from operations.drift.unmanaged.check import Scope, unmanaged
from operations.drift.unmanaged.ignores import Ignore
from operations.drift.waivers import Waiver, notices, waive
from operations.engine.command import EngineCommand, Interrupted
from operations.engine.failure import OperationFailed, StackName
from operations.rendering import Unrenderable

_OF_THE_ENGINE = (Check.CLOUD, Check.CODE)
"""The checks that one command of the engine answers."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run is to look at."""

    source: Source
    baseline: str = "staging"
    target: str = "prod"
    checks: tuple[Check, ...] = tuple(Check)
    projects: tuple[str, ...] = PROJECTS
    environments: tuple[str, ...] | None = None
    """Those that cloud and code look at; baseline and target by default."""
    waivers: tuple[Waiver, ...] = ()
    clients: Callable[[str], Clients] | None = None
    """Environment to the reader role's clients in its account, for unmanaged."""
    inventory: bool = False
    """Whether unmanaged lists everything, not only what is attached to managed resources."""
    ignored: tuple[Ignore, ...] = ()
    """What may be beside the stacks."""
    root: Path = REPOSITORY
    """Holds `projects/`."""
    command: EngineCommand | None = None
    """The engine, for cloud and code."""
    at_once: int = 2
    watch: Watch = lambda _: None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class _Found:
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def detect(request: Request) -> Report:
    """Answers the questions asked. What can't be looked at is in the report, and the rest all the same.

    Raises KeyboardInterrupt on Ctrl-C, when the engine has ended.
    """
    wanted = _wanted(request)
    with ThreadPoolExecutor(max_workers=request.at_once) as pool, _heeding_ctrl_c(request):
        read = dict(zip(wanted, pool.map(lambda name: _read(request, name), wanted), strict=True))
        jobs = [*_names(request, _environments(request))] if {*_OF_THE_ENGINE} & {*request.checks} else []
        examined = list(pool.map(lambda name: _examine(request, name, read[name]), jobs))
        asked = [found[check] for check in _OF_THE_ENGINE for found in examined if check in found]
        places = _environments(request) if Check.UNMANAGED in request.checks else ()
        beside = list(pool.map(lambda environment: _look_beside(request, environment, read), places))
        asked += [found for found, _ in beside]
        calls = {
            f"unmanaged in {place}": note for place, (_, note) in zip(places, beside, strict=True) if note
        }
    compared = [
        _compare(request, project, read) for project in request.projects if Check.PARITY in request.checks
    ]
    today = request.now().date()
    findings = waive(
        (finding for part in (*asked, *compared) for finding in part.findings), request.waivers, today
    )
    return Report(
        baseline=request.baseline,
        target=request.target,
        source=request.source.name,
        generated_at=request.now(),
        checks=request.checks,
        projects=request.projects,
        environments=_environments(request),
        findings=findings,
        not_checked=tuple(left for part in (*asked, *compared) for left in part.not_checked),
        waivers=notices(
            findings,
            request.waivers,
            today,
            checks=request.checks,
            environments={name.environment for name in wanted},
        ),
        notes={**notes(stack for stack in read.values() if isinstance(stack, Stack)), **calls},
    )


@contextmanager
def _heeding_ctrl_c(request: Request) -> Iterator[None]:
    """On Ctrl-C the engine ends what it is at, too: it would be waited for."""
    try:
        yield
    except KeyboardInterrupt:
        if request.command:
            request.command.interrupt()
        raise


def _environments(request: Request) -> tuple[str, ...]:
    """The environments whose accounts are asked."""
    return tuple(dict.fromkeys(request.environments or (request.baseline, request.target)))


def _names(request: Request, environments: Iterable[str]) -> Iterator[StackName]:
    for environment in dict.fromkeys(environments):
        for project in request.projects:
            yield StackName(project=project, environment=environment)


def _wanted(request: Request) -> list[StackName]:
    """Every stack that any of the checks looks at."""
    environments: list[str] = []
    if Check.PARITY in request.checks:
        environments += [request.baseline, request.target]
    if {*_OF_THE_ENGINE} & {*request.checks}:
        environments += _environments(request)
    return list(_names(request, environments))


def _read(request: Request, name: StackName) -> Stack | Unreadable:
    try:
        return request.source.read(name)
    except Unreadable as reason:
        return reason
    except Interrupted:
        raise KeyboardInterrupt from None


def _examine(request: Request, name: StackName, stack: Stack | Unreadable) -> dict[Check, _Found]:
    """Ask the engine once for both of its checks of a stack."""
    checks = [check for check in _OF_THE_ENGINE if check in request.checks]
    if request.command is None or request.source.name != "live":
        stack = Unreadable(
            f"the stacks come from {request.source.name}: only an engine can ask accounts and programs",
            f"Check live stacks: python scripts/drift.py {' '.join(f'--check {check}' for check in checks)}",
        )
    if isinstance(stack, Unreadable) or request.command is None:
        return {check: _left_out(check, name, stack) for check in checks if isinstance(stack, Unreadable)}
    engine = Engine(root=request.root, command=request.command, watch=request.watch)
    try:
        seen = engine.examine(name, account=Check.CLOUD in checks, program=Check.CODE in checks)
    except OperationFailed as failure:
        return {check: _left_out(check, name, unreadable(failure)) for check in checks}
    except Interrupted:
        raise KeyboardInterrupt from None
    asked = Asked(
        inputs={step.key: step.new.inputs for step in seen.planned if step.new},
        stack_tags=seen.stack_tags,
    )
    findings = {
        Check.CLOUD: lambda: against_engine.cloud(name, seen.account, asked),
        Check.CODE: lambda: against_engine.code(name, seen.program),
    }
    return {check: _Found(findings=tuple(findings[check]())) for check in checks}


def _look_beside(
    request: Request, environment: str, read: Mapping[StackName, Stack | Unreadable]
) -> tuple[_Found, str]:
    """Look for what no stack of an environment manages; also what it took to look."""
    names = [StackName(project=project, environment=environment) for project in PROJECTS]
    if request.clients is None or request.source.name != "live":
        reason = Unreadable(
            f"the stacks come from {request.source.name}: only live accounts can be asked",
            "Check live stacks: python scripts/drift.py --check unmanaged",
        )
        return _left_out(Check.UNMANAGED, names[0], reason), ""
    stacks = [read.get(name) or _read(request, name) for name in names]
    for name, stack in zip(names, stacks, strict=True):
        if isinstance(stack, Unreadable):
            return _left_out(Check.UNMANAGED, name, stack), ""
    try:
        identity = declared(names[0], request.root / "projects").identity
        scope = Scope(
            environment=environment,
            region=identity.region,
            suffix=identity.suffix,
            whole_inventory=request.inventory,
            ignored=request.ignored,
        )
        own = [stack for stack in stacks if isinstance(stack, Stack)]
        found = unmanaged(scope, own, request.clients(environment), request.now().date())
    except OperationFailed as failure:
        return _left_out(Check.UNMANAGED, names[0], unreadable(failure)), ""
    except (InvalidConfiguration, OSError) as error:
        reason = Unreadable(str(error), "Correct the stack files.")
        return _left_out(Check.UNMANAGED, names[0], reason), ""
    note = f"{found.calls} list calls as the reader role"
    return _Found(findings=found.findings, not_checked=found.not_checked), note


def _compare(request: Request, project: str, read: dict[StackName, Stack | Unreadable]) -> _Found:
    names = [
        StackName(project=project, environment=environment)
        for environment in (request.baseline, request.target)
    ]
    try:
        ours, theirs = (declared(name, request.root / "projects") for name in names)
    except (InvalidConfiguration, OSError) as error:
        reason = Unreadable(str(error), f"Correct projects/{project}/Pulumi.*.yaml.")
        return _left_out(Check.PARITY, names[1], reason)
    findings = list(parity.configured(ours, theirs))
    stacks = [read[name] for name in names]
    left_out = [
        _not_checked(Check.PARITY, name, stack)
        for name, stack in zip(names, stacks, strict=True)
        if isinstance(stack, Unreadable)
    ]
    baseline, target = stacks
    if not isinstance(baseline, Unreadable) and not isinstance(target, Unreadable):
        try:
            findings += [*parity.compared((baseline, target), (ours, theirs))]
        except Unrenderable as error:
            reason = Unreadable(
                f"why the two differ can't be told, because the program can't be rendered: {error}",
                "Correct the program or its configuration.",
            )
            # Where stack files are mistaken, that is a finding, and explains why the program refuses them.
            if not findings or parity.differ((baseline, target), (ours, theirs)):
                left_out.append(_not_checked(Check.PARITY, names[1], reason))
    return _Found(findings=tuple(findings), not_checked=tuple(left_out))


def _left_out(check: Check, name: StackName, reason: Unreadable) -> _Found:
    return _Found(not_checked=(_not_checked(check, name, reason),))


def _not_checked(check: Check, name: StackName, reason: Unreadable) -> NotChecked:
    return NotChecked(
        check=check,
        project=name.project,
        environment=name.environment,
        reason=str(reason),
        fix=reason.fix,
    )
