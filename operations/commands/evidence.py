"""Collect the evidence about a deployed environment that an auditor asks for.

Reports the release and its promotion history, the verdict of every rule on the deployed state, exceptions in
force, drift, encryption, access, restore drills and versions, as JSON and as one HTML page. Changes nothing.
The same inputs on the same day give the same digest. Exit codes: 0 in order, 1 a rule is violated, drift was
found or a break-glass is in force, 2 usage or something could not be collected, 130 interrupted.
"""

import json as json_format
import os
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from components.environment import LADDER, upstream_of
from operations import REPOSITORY
from operations.commands.drift import IGNORED, WAIVERS
from operations.drift.detect import Request, detect
from operations.drift.report import Check
from operations.drift.report import Report as DriftReport
from operations.drift.sources import Exported, Live
from operations.drift.unmanaged.account import Clients
from operations.drift.unmanaged.ignores import Ignore, InvalidIgnoresError, read_ignores
from operations.drift.waivers import InvalidWaivers, Waiver, read_waivers
from operations.engine import EngineUnavailable
from operations.engine.command import EngineCommand, Interrupted
from operations.engine.failure import OperationFailed
from operations.errors import ExitCode
from operations.evidence.collect import EvidenceRequest, collect, exit_code
from operations.evidence.page import render
from operations.evidence.sources import (
    BackendExports,
    FolderExports,
    InvalidRestoreDrillsError,
    RestoreDrill,
    read_restore_drills,
)
from operations.promotion.direct_deployment import journal_of
from operations.promotion.git import CheckoutError, git
from operations.promotion.record import PromotionRecord, RecordDamagedError
from operations.promotion.storage import StorageError
from operations.promotion.wiring import backend_of
from operations.workspace import engine_command, session
from policies import configuration as configurations
from policies.configuration import PackConfigurationError
from policies.rules import RULES

RESTORE_DRILLS = REPOSITORY / "restore-drills.yaml"
app = typer.Typer(help=__doc__, add_completion=False, rich_markup_mode=None)


@app.command(help=__doc__)
def evidence(
    env: Annotated[
        str, typer.Option("--env", help=f"Environment ({', '.join(LADDER)}).", show_default=False)
    ],
    html: Annotated[Path | None, typer.Option(help="Write the page to this file.", dir_okay=False)] = None,
    json: Annotated[
        Path | None,
        typer.Option(
            help="Write the document to this file; - for standard output.  [default: -, without --html]",
            dir_okay=False,
            allow_dash=True,
        ),
    ] = None,
    from_export: Annotated[
        Path | None,
        typer.Option(
            help="Folder of files PROJECT.ENVIRONMENT.json of `pulumi stack export`; needs no credentials.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    records: Annotated[
        str | None,
        typer.Option(help="URL of the folder of promotion records.  [default: beside the state]"),
    ] = None,
    restore_drills: Annotated[
        Path | None,
        typer.Option(
            help="Record of restore drills.  [default: restore-drills.yaml, if it exists]", dir_okay=False
        ),
    ] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(
            help="File of drift waivers.  [default: drift-waivers.yaml, if it exists]", dir_okay=False
        ),
    ] = None,
    ignored: Annotated[
        Path | None,
        typer.Option(
            help="File of unmanaged resources to ignore.  [default: drift-ignored.yaml, if it exists]",
            dir_okay=False,
        ),
    ] = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Do not fail if something could not be collected.")
    ] = False,
) -> None:
    """Collect the evidence about an environment."""
    if env not in LADDER:
        raise typer.BadParameter(f"{env!r} is not one of {', '.join(LADDER)}.", param_hint="--env")
    now = datetime.now(UTC)
    try:
        drills, accepted, beside, configuration = (
            _drills(restore_drills),
            _waivers(waivers, now),
            _ignored(ignored, now),
            configurations.load(RULES, now.date()),
        )
        command = None if from_export else engine_command()
    except (
        PackConfigurationError,
        EngineUnavailable,
        InvalidIgnoresError,
        InvalidRestoreDrillsError,
        InvalidWaivers,
    ) as error:
        _stop(str(error))
    try:
        document = collect(
            EvidenceRequest(
                environment=env,
                exports=FolderExports(folder=from_export)
                if from_export
                else BackendExports(root=REPOSITORY, command=_required(command)),
                record=lambda: _record(env, records, command),
                drift=lambda: _drift(env, from_export, command, accepted, beside, now),
                root=REPOSITORY,
                configuration=configuration,
                waivers=accepted,
                ignored=beside,
                restore_drills=drills,
                commit=_commit(),
                now=now,
            )
        )
    except (KeyboardInterrupt, Interrupted):
        Console(stderr=True).print("Interrupted: nothing was written.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    _write(document, html, json)
    raise typer.Exit(int(exit_code(document, allow_incomplete=allow_incomplete)))


def _required(command: EngineCommand | None) -> EngineCommand:
    if command is None:
        raise AssertionError("the engine runs unless exports are given")
    return command


def _record(environment: str, records: str | None, command: EngineCommand | None) -> PromotionRecord:
    """Return the environment's promotion record. Raises OperationFailed."""
    try:
        place = (
            records or os.environ.get("PROMOTION_RECORDS") or (command and backend_of(command, os.environ))
        )
        journal = journal_of(place, {**os.environ, "PROMOTION_RECORDS": place}) if place else None
        if journal is None:
            raise OperationFailed(
                f"the place of the promotion records is not known (backend: {place or 'none'}). "
                "Name it with --records, such as s3://BUCKET/PATH?region=REGION or file:///PATH."
            )
        return journal.record(environment)
    except (RecordDamagedError, StorageError) as error:
        raise OperationFailed(str(error)) from error


def _drift(
    environment: str,
    from_export: Path | None,
    command: EngineCommand | None,
    waivers: tuple[Waiver, ...],
    ignored: tuple[Ignore, ...],
    now: datetime,
) -> DriftReport:
    """Check the environment for drift; compare it with the environment below, if there is one."""
    below = upstream_of(environment)
    checks = tuple(check for check in Check if check is not Check.PARITY or below)
    return detect(
        Request(
            source=Exported(folder=from_export)
            if from_export
            else Live(root=REPOSITORY, command=_required(command)),
            baseline=below or environment,
            target=environment,
            environments=(environment,),
            checks=checks,
            waivers=waivers,
            ignored=ignored,
            clients=_reader_clients,
            command=command,
            now=lambda: now,
        )
    )


def _reader_clients(environment: str) -> Clients:
    return cache(session(environment, role="reader").client)


def _drills(path: Path | None) -> tuple[RestoreDrill, ...]:
    if path is None and not RESTORE_DRILLS.exists():
        return ()
    return read_restore_drills(path or RESTORE_DRILLS)


def _waivers(path: Path | None, now: datetime) -> tuple[Waiver, ...]:
    if path is None and not WAIVERS.exists():
        return ()
    return read_waivers(path or WAIVERS, now.date())


def _ignored(path: Path | None, now: datetime) -> tuple[Ignore, ...]:
    if path is None and not IGNORED.exists():
        return ()
    return read_ignores(path or IGNORED, now.date())


def _commit() -> str:
    try:
        return git(REPOSITORY, "rev-parse", "HEAD", check=False) or ""
    except CheckoutError:
        return ""


def _write(document: dict[str, Any], html: Path | None, json: Path | None) -> None:
    text = json_format.dumps(document, indent=2) + "\n"
    try:
        if html:
            html.write_text(render(document), encoding="utf-8")
        if json and str(json) != "-":
            json.write_text(text, encoding="utf-8")
        elif json or not html:
            sys.stdout.write(text)
    except OSError as error:
        _stop(f"{error.filename} cannot be written: {error.strerror}.")


def _stop(message: str) -> NoReturn:
    Console(stderr=True).print(message, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(ExitCode.NOT_CHECKED)
