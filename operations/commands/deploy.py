"""Bring environments up, preview them, or take them down.

Runs the projects of each environment in their order (the other way round to destroy), always under the policy
pack where there is one. Works on AWS and in the sandbox alike: environment variables alone tell them apart.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.release import commit_of
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.deployment.broken_glass import broken_glass
from operations.deployment.destruction import (
    ConsentError,
    holdings,
    missing_consent,
    named_by_hand,
    summary,
)
from operations.deployment.display import Display
from operations.deployment.execute import execute
from operations.deployment.foresight import foresee
from operations.deployment.ledger_size import ledger_size
from operations.deployment.operate import Operator
from operations.deployment.outcome import Report, exit_code
from operations.deployment.places import places
from operations.deployment.plan import Action, InvalidPlan, Plan, plan
from operations.deployment.refused_changes import with_refused_changes
from operations.deployment.render import question, text, to_json
from operations.engine import EngineUnavailable
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackMissing, StackName
from operations.errors import CommandError, DeclinedError, NotAgreedError
from operations.promotion import direct_deployment
from operations.promotion.git import CheckoutError
from operations.promotion.journal import InFlightError, Journal
from operations.promotion.record import RecordDamagedError
from operations.promotion.render_outcome import refusal_json
from operations.promotion.storage import StorageError
from operations.promotion.wiring import backend_of
from operations.session_lifetime import require_lifetime
from operations.verification import target_of
from operations.verification.deployment import up_and_verify
from operations.workspace import UNVERIFIED_TOO, engine_command, outputs, session

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Environments = Annotated[
    list[str],
    typer.Option("--env", help=f"Environment ({', '.join(LADDER)}); repeat for more.", show_default=False),
]
Projects = Annotated[
    list[str] | None,
    typer.Option(
        "--project", help=f"Only this project ({', '.join(PROJECTS)}); repeat for more.  [default: all]"
    ),
]
AtOnce = Annotated[
    int,
    typer.Option(
        "--parallel", min=1, help="Stacks at once. With 1 the environments follow one another, lowest first."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write the outcome to standard output as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AllowReplace = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-replace",
        help="URN of a resource that may lose its data, replaced, deleted or by a setting; repeat for more.",
        show_default=False,
    ),
]
Confirm = Annotated[
    list[str] | None,
    typer.Option(
        "--confirm",
        help="Environment above the lowest one that is to be destroyed, instead of typing its name; "
        "repeat for more.",
        show_default=False,
    ),
]
DespiteHold = Annotated[
    str | None,
    typer.Option(
        "--despite-hold",
        metavar="REASON",
        help="Deploy to an environment on hold; why, for the record.",
        show_default=False,
    ),
]
AllowDowngrade = Annotated[
    bool,
    typer.Option(
        "--allow-downgrade", help="Deploy although an environment runs a later commit than this checkout."
    ),
]
PolicyPack = Annotated[
    Path | None,
    typer.Option(
        "--policy-pack",
        help="Folder of the policy pack.  [default: policies]",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]


Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Send synthetic payments through each payments stack that is up; takes minutes on AWS.",
    ),
]
Unverified = Annotated[
    bool,
    typer.Option("--unverified", help="Preview even content that the environment below has not verified."),
]


Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="Only this resource, by logical name, and what depends on it; repeat for more.",
    ),
]
Refresh = Annotated[
    bool,
    typer.Option(
        "--refresh", help="Read the accounts first, so that what was changed there by hand is undone as well."
    ),
]


@app.command()
def up(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    yes: Yes = False,
    json: Json = False,
    policy_pack: PolicyPack = None,
    verify: Verify = False,
    allow_replace: AllowReplace = None,
    target: Targets = None,
    refresh: Refresh = False,
    despite_hold: DespiteHold = None,
    allow_downgrade: AllowDowngrade = False,
) -> None:
    """Create or update: preview all stacks under the policy pack, ask, then apply and check each one's state.

    A change that loses data (a table, queue, key, log group or topic that is replaced or deleted, a shorter
    retention, …) is refused before anything is changed, unless --allow-replace names the resource.
    An environment takes only the content that the one below it has verified. With --verify each payments
    stack is verified once it is up (see scripts/verify.py), so that the one above it may follow.
    """
    _deploy(
        *(Action.UP, env, project, parallel),
        ask=not yes,
        json=json,
        policy_pack=policy_pack,
        verify=verify,
        allow_loss=frozenset(allow_replace or ()),
        targets=target or (),
        refresh=refresh,
        despite_hold=despite_hold,
        allow_downgrade=allow_downgrade,
    )


@app.command()
def preview(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    json: Json = False,
    policy_pack: PolicyPack = None,
    unverified: Unverified = False,
) -> None:
    """Show what `up` would change. A stack that reads one not deployed yet can't be previewed."""
    transient = UNVERIFIED_TOO if unverified else {}
    _deploy(
        *(Action.PREVIEW, env, project, parallel),
        ask=False,
        json=json,
        policy_pack=policy_pack,
        transient=transient,
    )


@app.command()
def destroy(
    env: Environments,
    project: Projects = None,
    parallel: AtOnce = 1,
    yes: Yes = False,
    json: Json = False,
    confirm: Confirm = None,
    despite_hold: DespiteHold = None,
) -> None:
    """Take down all that the stacks hold, the last project first, data included.

    Every environment above the lowest one has to be named: typed beside the number of payments in its
    ledger, or with --confirm. There --yes alone is not enough.
    """
    _deploy(
        *(Action.DESTROY, env, project, parallel),
        ask=not yes,
        json=json,
        policy_pack=None,
        confirmed=confirm or (),
        despite_hold=despite_hold,
    )


def _deploy(
    action: Action,
    environments: list[str],
    projects: list[str] | None,
    at_once: int,
    *,
    ask: bool,
    json: bool,
    policy_pack: Path | None,
    verify: bool = False,
    transient: Mapping[str, Any] | None = None,
    allow_loss: frozenset[str] = frozenset(),
    confirmed: Sequence[str] = (),
    targets: Sequence[str] = (),
    refresh: bool = False,
    despite_hold: str | None = None,
    allow_downgrade: bool = False,
) -> None:
    talk = Console(stderr=True)
    try:
        despite = "" if despite_hold is None else direct_deployment.reason(despite_hold)
        chosen = plan(action, environments=environments, projects=projects or PROJECTS, at_once=at_once)
        where = places(chosen, REPOSITORY)
        unnamed = missing_consent(named_by_hand(chosen), confirmed) if action is Action.DESTROY else ()
        command = engine_command()
    except (
        InvalidPlan,
        InvalidConfiguration,
        EngineUnavailable,
        ConsentError,
        direct_deployment.ReasonError,
    ) as error:
        _refuse(error, 2, talk, json=json)
    if (ask or unnamed) and not _is_terminal():
        _no_terminal(unnamed, command, talk, json=json)
    record = _record(action, chosen, command, despite, talk, json=json)
    if action is Action.UP and not allow_downgrade:
        _refuse_downgrade(chosen, command, talk, json=json)
    pack = policy_pack or _own_policy_pack()
    display = Display(chosen, where, talk)
    operator = Operator(
        command=command,
        watch=display.watch,
        root=REPOSITORY,
        policy_pack=pack,
        transient=transient or {},
        allow_loss=allow_loss,
        targets=targets,
        refresh=refresh,
    )

    def interrupt() -> None:
        command.interrupt()
        talk.print("Interrupted: the engine ends what it has begun. Once more stops it where it is.")

    if action is Action.UP:
        with display.running():
            foresight = foresee(chosen, operator.foresee, interrupt=interrupt)
        if foresight.refusal:
            operator.remove_previewed()
            _finish(foresight.refusal, display, json=json)
        if ask:
            _agree(question(chosen, where, foresight), operator, talk, json=json)
    elif ask or unnamed:
        _agree_to_destroy(chosen, where, operator, unnamed, talk, ask=ask, json=json)
    display = Display(chosen, where, talk)
    operator = replace(operator, watch=display.watch)
    operate = operator.operation(action)
    if verify:
        operate = up_and_verify(operator, lambda environment: target_of(environment, command=command))
    permitted = ("--allow-downgrade",) * allow_downgrade
    operation = _begin(record, action, chosen, despite, permitted, talk, json=json)
    with display.running():
        report = with_refused_changes(
            execute(chosen, operate, interrupt=interrupt, concluded=display.conclude)
        )
    operator.remove_previewed()
    sys.stdout.write((to_json(report) if json else text(report)) + "\n")
    recorded = operation is None or _end(operation, report, command, talk, verified=verify)
    _tell_of_broken_glass(report, command, talk)
    raise typer.Exit(exit_code(report) or (0 if recorded else 1))


def _record(
    action: Action, chosen: Plan, command: EngineCommand, despite: str, talk: Console, *, json: bool
) -> Journal | None:
    """The records that this is an entry of; none for a preview, and where the backend keeps no files."""
    if action not in direct_deployment.ACTIONS:
        return None
    try:
        require_lifetime(command.environ, len(chosen.steps))
        journal = direct_deployment.journal_of(backend_of(command, command.environ), command.environ)
        if journal is not None:
            direct_deployment.refuse_held(journal, direct_deployment.environments(chosen), despite)
    except (CommandError, direct_deployment.HeldError, OperationFailed) as obstacle:
        _refuse(obstacle, 1 if isinstance(obstacle, direct_deployment.HeldError) else 2, talk, json=json)
    return journal


def _refuse_downgrade(chosen: Plan, command: EngineCommand, talk: Console, *, json: bool) -> None:
    def running_commit(environment: str) -> str:
        try:
            shown = outputs("payments", environment, root=REPOSITORY, command=command)
        except StackMissing:
            return ""
        return str(shown.get("releaseCommit", ""))

    try:
        direct_deployment.refuse_downgrade(
            direct_deployment.environments(chosen), running_commit, commit_of(REPOSITORY).commit, REPOSITORY
        )
    except direct_deployment.DowngradeError as downgrade:
        _refuse(downgrade, 1, talk, json=json)
    except (OperationFailed, CheckoutError) as obstacle:
        _refuse(obstacle, 2, talk, json=json)


def _begin(
    journal: Journal | None,
    action: Action,
    chosen: Plan,
    despite: str,
    permitted: Sequence[str],
    talk: Console,
    *,
    json: bool,
) -> direct_deployment.DirectOperation | None:
    if journal is None:
        return None
    try:
        return direct_deployment.begin(journal, action, chosen, despite=despite, permitted=permitted)
    except (direct_deployment.HeldError, InFlightError) as busy:
        _refuse(busy, 1, talk, json=json)
    except (StorageError, RecordDamagedError) as obstacle:
        _refuse(obstacle, 2, talk, json=json)


def _end(
    operation: direct_deployment.DirectOperation,
    report: Report,
    command: EngineCommand,
    talk: Console,
    *,
    verified: bool,
) -> bool:
    """Records the end; False where that was not possible, which is said."""

    def shown(environment: str) -> Mapping[str, Any]:
        return outputs("payments", environment, root=REPOSITORY, command=command) if verified else {}

    try:
        operation.end(report, shown)
    except (StorageError, RecordDamagedError, InFlightError, OperationFailed) as failure:
        talk.print(
            f"What was deployed stays as shown above, and the record lacks it: {failure}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        return False
    return True


def _refuse(reason: Exception, code: int, talk: Console, *, json: bool) -> NoReturn:
    talk.print(str(reason), markup=False, highlight=False, soft_wrap=True)
    if json:
        sys.stdout.write(refusal_json(reason))
    raise typer.Exit(code) from None


def _finish(report: Report, display: Display, *, json: bool) -> NoReturn:
    report = with_refused_changes(report)
    for outcome in report.outcomes:
        display.conclude(outcome)
    sys.stdout.write((to_json(report) if json else text(report)) + "\n")
    raise typer.Exit(exit_code(report))


def _tell_of_broken_glass(report: Report, command: EngineCommand, talk: Console) -> None:
    def read(stack: StackName) -> Mapping[str, Any]:
        return outputs(stack.project, stack.environment, root=REPOSITORY, command=command)

    if report.interrupted:
        return
    try:
        lines = broken_glass(report, read)
    except OperationFailed as failure:  # what was deployed stays so
        lines = [f"Whether a break-glass is in force could not be read: {failure}"]
    for line in lines:
        talk.print(line, style="bold red", markup=False, highlight=False, soft_wrap=True)


def _agree(question: str, operator: Operator, talk: Console, *, json: bool) -> None:
    talk.print(question, markup=False, highlight=False)
    if not typer.confirm("Go ahead?", err=True):
        operator.remove_previewed()
        _refuse(DeclinedError("Declined: nothing was changed."), 1, talk, json=json)


def _agree_to_destroy(
    chosen: Plan,
    where: Mapping[StackName, str],
    operator: Operator,
    unnamed: Sequence[str],
    talk: Console,
    *,
    ask: bool,
    json: bool,
) -> None:
    talk.print(question(chosen, where), markup=False, highlight=False)
    try:
        for holding in holdings(chosen, operator.exported):
            talk.print(f"  {summary(holding)}", markup=False, highlight=False)
    except OperationFailed as failure:
        _refuse(failure, 1, talk, json=json)
    for environment in unnamed:
        talk.print(f"The ledger of {environment} holds {_ledger_size(environment, operator.command)}.")
        if typer.prompt(f"Type {environment} to destroy it", err=True).strip() != environment:
            _refuse(DeclinedError("That is another name: nothing was destroyed."), 1, talk, json=json)
    if ask and not unnamed and not typer.confirm("Go ahead?", err=True):
        _refuse(DeclinedError("Declined: nothing was destroyed."), 1, talk, json=json)


def _no_terminal(unnamed: Sequence[str], command: EngineCommand, talk: Console, *, json: bool) -> NoReturn:
    """Says how to go ahead without a terminal, and what that would destroy."""
    for environment in unnamed:
        talk.print(f"The ledger of {environment} holds {_ledger_size(environment, command)}.")
    options = " ".join(["--yes", *(f"--confirm {environment}" for environment in unnamed)])
    reason = f"There is no terminal to ask on: pass {options} to go ahead."
    _refuse(NotAgreedError(reason), 2, talk, json=json)


def _ledger_size(environment: str, command: EngineCommand) -> str:
    return ledger_size(
        lambda: outputs("payments", environment, root=REPOSITORY, command=command),
        lambda role: session(environment, role=role, root=REPOSITORY),
    )


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _own_policy_pack() -> Path | None:
    pack = REPOSITORY / "policies"
    return pack if (pack / "PulumiPolicy.yaml").is_file() else None
