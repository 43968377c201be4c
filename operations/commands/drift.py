"""Report how two environments differ, and why; whether accounts match the state, and the state the program;
and what the accounts hold beside the stacks.

Changes nothing. Exit codes: 0 in sync (controlled variations allowed), 1 drift, 2 usage or something could
not be checked, 130 interrupted.
"""

import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from components.configuration import InvalidConfiguration
from components.environment import LADDER, EnvironmentTree, environments_of
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.deployment.activity import Activity
from operations.drift import history
from operations.drift.detect import Request, detect
from operations.drift.formats import FORMATS, as_terminal
from operations.drift.outcome import NOT_CHECKED, exit_code
from operations.drift.report import Check, Report, Severity
from operations.drift.sources import Code, Exported, Live, Source
from operations.drift.unmanaged.account import Clients
from operations.drift.unmanaged.ignores import Ignore, InvalidIgnoresError, read_ignores
from operations.drift.waivers import InvalidWaivers, Waiver, read_waivers
from operations.engine import EngineUnavailable
from operations.engine.command import EngineCommand
from operations.workspace import engine_command, session

IGNORED = REPOSITORY / "drift-ignored.yaml"
WAIVERS = REPOSITORY / "drift-waivers.yaml"
app = typer.Typer(help=__doc__, add_completion=False, rich_markup_mode=None)


@app.command(help=__doc__)
def drift(
    baseline: Annotated[
        str, typer.Option(help=f"Environment to compare with ({', '.join(LADDER)}).")
    ] = "staging",
    target: Annotated[str, typer.Option(help="Environment to compare.")] = "prod",
    check: Annotated[
        list[Check] | None,
        typer.Option(
            "--check", help="Only this check; repeat for more.  [default: all that the source allows]"
        ),
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this project ({', '.join(PROJECTS)}); repeat for more.  [default: all]"),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(help="Environment for cloud and code; repeat for more.  [default: baseline and target]"),
    ] = None,
    from_export: Annotated[
        Path | None,
        typer.Option(
            help="Folder of files PROJECT.ENVIRONMENT.json of `pulumi stack export`; needs no credentials.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    from_code: Annotated[
        bool, typer.Option("--from-code", help="Compare what the programs would deploy; needs no state.")
    ] = False,
    output_format: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help=f"Format ({', '.join(FORMATS)}); repeat for more.  [default: terminal]"
        ),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(help="File for the format in the same place; those without one go to standard output."),
    ] = None,
    history_file: Annotated[
        Path | None, typer.Option("--history", help="File that remembers since when; a line a run is added.")
    ] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(
            help="File of waivers.  [default: drift-waivers.yaml, where there is one]", dir_okay=False
        ),
    ] = None,
    inventory: Annotated[
        bool,
        typer.Option("--inventory", help="Let unmanaged list everything of the services in use as well."),
    ] = False,
    ignored: Annotated[
        Path | None,
        typer.Option(
            help="File of what may be beside the stacks.  [default: drift-ignored.yaml, if it exists]",
            dir_okay=False,
        ),
    ] = None,
    fail_on: Annotated[
        Severity, typer.Option(help="Mildest drift for which the exit code is 1.")
    ] = Severity.LOW,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Report only: 0 whatever was found or left out.")
    ] = False,
    allow_incomplete: Annotated[
        bool,
        typer.Option("--allow-incomplete", help="What could not be checked does not make the exit code 2."),
    ] = False,
    root: Annotated[
        Path,
        typer.Option(
            help="Checkout whose programs are looked at.  [default: this one]",
            exists=True,
            file_okay=False,
            resolve_path=True,
            show_default=False,
        ),
    ] = REPOSITORY,
    parallel: Annotated[int, typer.Option(min=1, help="Stacks asked about at once.")] = 2,
) -> None:
    """Find drift."""
    talk = Console(stderr=True)
    formats, files = output_format or ["terminal"], output or []
    try:
        known = environments_of(root / "projects")
    except InvalidConfiguration as invalid:
        _stop(talk, str(invalid))
    mistakes = _mistakes(known, (baseline, target, *(env or ())), project or [], formats, files)
    if from_export and from_code:
        mistakes.append("--from-export and --from-code exclude each other: stacks come from one source.")
    if mistakes:
        _stop(talk, "\n".join(mistakes))
    try:
        accepted, beside = _waivers(waivers), _ignored(ignored)
        runs = history.read(history_file) if history_file else ()
        source, command = _source(from_export, from_code=from_code, root=root)
    except (InvalidWaivers, InvalidIgnoresError, history.HistoryError, EngineUnavailable) as error:
        _stop(talk, str(error))
    checks = tuple(dict.fromkeys(check or (Check if command else [Check.PARITY])))
    request = Request(
        source=source,
        baseline=baseline,
        target=target,
        checks=checks,
        projects=tuple(name for name in PROJECTS if not project or name in project),
        environments=tuple(env) if env else None,
        waivers=accepted,
        clients=lambda environment: _reader_clients(environment, root),
        inventory=inventory,
        ignored=beside,
        root=root,
        command=command,
        at_once=parallel,
        watch=_Progress(talk),
    )
    try:
        report = detect(request)
    except KeyboardInterrupt:
        talk.print("Interrupted: nothing was written.")
        raise typer.Exit(130) from None
    try:
        if history_file:
            report = history.recall(report, runs)
            history.append(history_file, report)
        _write(report, formats, files)
    except OSError as error:
        _stop(talk, f"{error.filename} can't be written: {error.strerror}.")
    raise typer.Exit(
        0 if exit_zero else exit_code(report, fail_on=fail_on, allow_incomplete=allow_incomplete)
    )


class _Progress:
    """Says on standard error what the engine begins to look at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[tuple[str, str]] = set()

    def __call__(self, activity: Activity) -> None:
        begun = (str(activity.stack), activity.phase)
        if begun not in self._said:
            self._said.add(begun)
            self._console.print(f"{activity.stack}: {activity.phase} …", markup=False, highlight=False)


def _mistakes(
    known: EnvironmentTree,
    environments: tuple[str, ...],
    project: list[str],
    formats: list[str],
    files: list[Path],
) -> list[str]:
    baseline, target, *_ = environments
    found = [
        f"{name!r} is no environment: there are {', '.join(known)}."
        for name in dict.fromkeys(environments)
        if name not in known
    ]
    found += [
        f"{name!r} is no project: there are {', '.join(PROJECTS)}."
        for name in project
        if name not in PROJECTS
    ]
    found += [
        f"{name!r} is no format: there are {', '.join(FORMATS)}." for name in formats if name not in FORMATS
    ]
    if baseline == target:
        found.append(f"--baseline and --target are both {target!r}: compare two environments.")
    if len(files) > len(formats):
        found.append(f"There are {len(files)} --output for {len(formats)} --format: one each at most.")
    if len(formats) - len(files) > 1:
        found.append("Of several formats all but one need an --output: standard output holds one.")
    return found


def _waivers(path: Path | None) -> tuple[Waiver, ...]:
    if path is None and not WAIVERS.exists():
        return ()
    return read_waivers(path or WAIVERS, datetime.now(UTC).date())


def _ignored(path: Path | None) -> tuple[Ignore, ...]:
    if path is None and not IGNORED.exists():
        return ()
    return read_ignores(path or IGNORED, datetime.now(UTC).date())


def _reader_clients(environment: str, root: Path) -> Clients:
    """The clients of an environment's reader role. Raises OperationFailed."""
    reader = session(environment, role="reader", root=root)
    return cache(reader.client)


def _source(from_export: Path | None, *, from_code: bool, root: Path) -> tuple[Source, EngineCommand | None]:
    if from_export:
        return Exported(folder=from_export), None
    if from_code:
        return Code(projects=root / "projects"), None
    command = engine_command()
    return Live(root=root, command=command), command


def _write(report: Report, formats: list[str], files: list[Path]) -> None:
    for position, name in enumerate(formats):
        text = FORMATS[name](report)
        if position < len(files):
            files[position].parent.mkdir(parents=True, exist_ok=True)
            files[position].write_text(text, encoding="utf-8")
        elif name == "terminal" and sys.stdout.isatty():
            as_terminal.show(report, Console())
        else:
            sys.stdout.write(text)


def _stop(talk: Console, message: str) -> None:
    talk.print(message, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(NOT_CHECKED)
