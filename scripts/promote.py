"""Take a release up the ladder, safely: plan, show, ask, apply, verify, record.

Without a command it promotes: `promote.py --from staging --to prod`. Works on AWS and in the sandbox alike.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from components.configuration import InvalidConfiguration
from components.environment import LADDER, upstreams_of
from components.stacks import PROJECTS
from operations.deployment.plan import InvalidPlan
from operations.engine import EngineUnavailable
from operations.engine.failure import OperationFailed
from operations.promotion import plain, show, told
from operations.promotion import status as standing
from operations.promotion.apply import carry_out
from operations.promotion.evidence import Evidence, Terms
from operations.promotion.git import COMMIT, CheckoutFailed, commits_between
from operations.promotion.journal import InFlight
from operations.promotion.plan import InvalidSavedPlan, Plan, changed_since, from_json, to_json
from operations.promotion.plan import plan as planned
from operations.promotion.read import NothingToDeploy, Superseded, Wanted, upstream
from operations.promotion.record import Kind, RecordDamaged
from operations.promotion.storage import StorageFailed
from operations.promotion.workshop import Workshop, here, workshop


class _RunByDefault(TyperGroup):
    """`promote.py --to prod` is `promote.py run --to prod`."""

    default = "run"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the command in where there is none."""
        if args and args[0].startswith("-") and args[0] != "--help":
            args = [self.default, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None, cls=_RunByDefault
)

_KNOWN = ", ".join(LADDER)
From = Annotated[
    str | None,
    typer.Option("--from", help="Environment that has proved the release.  [default: the one below]"),
]
To = Annotated[str, typer.Option("--to", help=f"Environment that gets it ({_KNOWN}).", show_default=False)]
Env = Annotated[str, typer.Option("--env", help=f"Environment ({_KNOWN}).", show_default=False)]
Envs = Annotated[
    list[str] | None,
    typer.Option("--env", help=f"Only this environment ({_KNOWN}); repeat for more.  [default: all]"),
]
Soak = Annotated[
    int,
    typer.Option(
        "--soak",
        min=0,
        envvar="PROMOTION_SOAK_MINUTES",
        help="Minutes for which the upstream must have run the release, verified.",
    ),
]
AllowReplace = Annotated[
    list[str] | None,
    typer.Option("--allow-replace", help="URN of a resource that may lose its data; repeat for more."),
]
AllowWidening = Annotated[
    bool, typer.Option("--allow-iam-widening", help="Somebody may get more rights than before.")
]
WantedRelease = Annotated[
    str | None,
    typer.Option("--release", metavar="ID", help="Only this release: refused if the upstream runs another."),
]
WantedCommit = Annotated[
    str | None,
    typer.Option(
        "--commit", metavar="SHA", help="Only this commit, in full: refused if the upstream runs another."
    ),
]
AllowDowngrade = Annotated[
    bool, typer.Option("--allow-downgrade", help="The target may get an older release than it runs.")
]
AllowUnreviewed = Annotated[
    str | None,
    typer.Option(
        "--allow-unreviewed",
        metavar="REASON",
        help="Run a commit that is not on the protected branch; why, for the record.",
    ),
]
AllowAlarm = Annotated[
    list[str] | None,
    typer.Option("--allow-alarm", help="Name of an alarm that may be on in the target; repeat for more."),
]
AllowNoPutBack = Annotated[
    bool,
    typer.Option("--allow-no-put-back", help="Go on although what runs now could not be deployed again."),
]
TakeOver = Annotated[
    bool,
    typer.Option("--take-over", help="What is in flight was killed on another machine: go on in its place."),
]
Records = Annotated[
    str | None,
    typer.Option(
        "--records",
        envvar="PROMOTION_RECORDS",
        help="URL of the folder of promotion records (file:// or s3://).  [default: beside the state]",
        show_default=False,
    ),
]
Projects = Annotated[
    list[str] | None,
    typer.Option(
        "--project", help=f"Only this project ({', '.join(PROJECTS)}); repeat for more.  [default: all]"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write the result to standard output as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_SOAK = 30
SUPERSEDED = 3
"""Exit code where the upstream runs a later release than the one that was named: there is nothing to do."""

talk = Console(stderr=True)


@app.command()
def run(
    to: To,
    source: From = None,
    release: WantedRelease = None,
    commit: WantedCommit = None,
    soak: Soak = _SOAK,
    allow_replace: AllowReplace = None,
    allow_iam_widening: AllowWidening = False,
    allow_alarm: AllowAlarm = None,
    allow_unreviewed: AllowUnreviewed = None,
    allow_downgrade: AllowDowngrade = False,
    allow_no_put_back: AllowNoPutBack = False,
    take_over: TakeOver = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="A saved plan: go on only if nothing that matters changed since."),
    ] = None,
    project: Projects = None,
    records: Records = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Promote what one environment runs to the next: plan, show, ask, apply, verify, record."""
    with _working(records, project, json=json) as shop:
        saved = _saved(plan)
        terms = _terms(
            soak=soak,
            allow_replace=allow_replace,
            allow_iam_widening=allow_iam_widening,
            allow_alarm=allow_alarm,
            allow_unreviewed=allow_unreviewed,
            allow_downgrade=allow_downgrade,
            allow_no_put_back=allow_no_put_back,
            take_over=take_over,
        )
        evidence = shop.reader.promotion(_source(source, to), to, terms, _wanted(release, commit))
        _carry_out(shop, evidence, saved, ask=not yes, json=json)


@app.command("plan")
def make_plan(
    to: To,
    source: From = None,
    release: WantedRelease = None,
    commit: WantedCommit = None,
    soak: Soak = _SOAK,
    allow_replace: AllowReplace = None,
    allow_iam_widening: AllowWidening = False,
    allow_alarm: AllowAlarm = None,
    allow_unreviewed: AllowUnreviewed = None,
    allow_downgrade: AllowDowngrade = False,
    allow_no_put_back: AllowNoPutBack = False,
    take_over: TakeOver = False,
    save_plan: Annotated[
        Path | None, typer.Option("--save-plan", help="File to save the plan in, for `run --plan`.")
    ] = None,
    project: Projects = None,
    records: Records = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the plan as Markdown.")] = False,
    json: Json = False,
) -> None:
    """Show what a promotion would do and which gates it passes. Changes nothing."""
    with _working(records, project, json=json) as shop:
        terms = _terms(
            soak=soak,
            allow_replace=allow_replace,
            allow_iam_widening=allow_iam_widening,
            allow_alarm=allow_alarm,
            allow_unreviewed=allow_unreviewed,
            allow_downgrade=allow_downgrade,
            allow_no_put_back=allow_no_put_back,
            take_over=take_over,
        )
        made = planned(shop.reader.promotion(_source(source, to), to, terms, _wanted(release, commit)))
        if save_plan:
            save_plan.write_text(to_json(made), encoding="utf-8")
        if json or markdown:
            sys.stdout.write(to_json(made) if json else show.markdown(made))
        else:
            Console().print(show.table(made))
        raise typer.Exit(0 if made.ready else told.refusal_code(made))


@app.command()
def rollback(
    env: Env,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why, for the record and the hold.", show_default=False)
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Release that was verified there.  [default: the latest but what runs]"),
    ] = None,
    allow_replace: AllowReplace = None,
    allow_unreviewed: AllowUnreviewed = None,
    take_over: TakeOver = False,
    project: Projects = None,
    records: Records = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Go back to a release that was verified in the environment, and put the environment on hold."""
    with _working(records, project, json=json) as shop:
        terms = _terms(allow_replace=allow_replace, allow_unreviewed=allow_unreviewed, take_over=take_over)
        why = () if reason is None else (f"--reason {_reason(reason)}",)
        evidence = shop.reader.rollback(_known(env), to, terms)
        _carry_out(shop, evidence, None, ask=not yes, json=json, besides=why)


@app.command()
def history(env: Env, records: Records = None, json: Json = False) -> None:
    """Print an environment's record: who did what, when, by which plan, and what came of it."""
    with _working(records, json=json) as shop:
        record = shop.journal.record(_known(env))
        sys.stdout.write(told.history_json(record) if json else f"{told.history(record)}\n".lstrip())


@app.command()
def status(env: Envs = None, records: Records = None, json: Json = False) -> None:
    """Show what runs where, and how far each environment is behind the one below it."""
    with _working(records, json=json) as shop:
        for name in env or ():
            _known(name)
        shown = standing.standings(
            LADDER,
            shop.reader.running,
            shop.journal.record,
            lambda older, newer: commits_between(older, newer, shop.reader.repository),
        )
        chosen = [item for item in shown if not env or item.environment in env]
        if json:
            sys.stdout.write(standing.to_json(chosen))
        else:
            Console().print(standing.table(chosen))


@app.command()
def hold(
    env: Env,
    reason: Annotated[str, typer.Option("--reason", help="Why nothing may be deployed there.")],
    records: Records = None,
) -> None:
    """Put an environment on hold: nothing is promoted or deployed there until somebody lifts it."""
    with _working(records) as shop:
        shop.journal.note(_known(env), Kind.HELD, reason=_reason(reason))
        _say(f"{env} is on hold.")


@app.command("take-over")
def take_over_operation(
    env: Env,
    reason: Annotated[str, typer.Option("--reason", help="How you know that it does not run any more.")],
    records: Records = None,
) -> None:
    """Record an operation as interrupted that was killed on another machine, without beginning another."""
    with _working(records) as shop:
        given = _reason(reason)
        if shop.journal.take_over(_known(env), given):
            _say(f"{env}: the operation in flight is recorded as interrupted.")
        else:
            _say(f"{env}: nothing is in flight.")


@app.command("release-hold")
def release_hold(
    env: Env,
    reason: Annotated[str, typer.Option("--reason", help="What was wrong, and why it no longer is.")],
    records: Records = None,
) -> None:
    """Lift the hold that a failure or a rollback has set."""
    with _working(records) as shop:
        _known(env)
        reason = _reason(reason)
        if shop.journal.record(env).hold is None:
            _say(f"{env} is not on hold.")
            return
        shop.journal.note(env, Kind.RELEASED, reason=reason)
        _say(f"{env} is no longer on hold.")


def _carry_out(
    shop: Workshop,
    evidence: Evidence,
    saved: Plan | None,
    *,
    ask: bool,
    json: bool,
    besides: tuple[str, ...] = (),
) -> None:
    made = planned(evidence)
    talk.print(show.table(made))
    if saved:
        changed = changed_since(saved, made)
        if changed:
            _say("Refused: since the plan was saved,\n" + "\n".join(f"  {line}" for line in changed))
            _end(1, told.to_json(made, None, changed), json=json)
    shut = tuple(gate.id for gate in made.gates if gate.status != "passed")
    if shut == ("iam-not-wider",) and ask and sys.stdin.isatty() and _agrees_to_widening():
        evidence = replace(evidence, terms=replace(evidence.terms, allow_iam_widening=True))
        made, shut = planned(evidence), ()
    if shut:
        _end(told.refusal_code(made), told.to_json(made, None, shut), json=json)
    if ask:
        _agree(made)
    outcome = carry_out(
        made,
        journal=shop.journal,
        hands=replace(shop.deployer(evidence.target), allow_loss=_may_go(evidence)),
        fall_back=evidence.put_back,
        take_over=evidence.terms.take_over,
        permitted=(*_permitted(evidence.terms), *besides),
    )
    _say(told.text(outcome))
    _end(told.exit_code(outcome), told.to_json(made, outcome), json=json)


def _known(environment: str) -> str:
    upstreams_of(environment, LADDER)  # raises where there is no such environment
    return environment


def _source(named: str | None, target: str) -> str:
    below = upstream(target, LADDER)
    if named not in (None, below):
        raise NothingToDeploy(f"{target} takes releases from {below} alone, not from {named}.")
    return below


def _may_go(evidence: Evidence) -> frozenset[str]:
    """URNs of what may lose its data: what was named, and what this release makes (a failure removes it)."""
    made = {
        each.urn for preview in evidence.previews for each in preview.changes if each.operation == "create"
    }
    return evidence.terms.allow_replace | made


def _permitted(terms: Terms) -> tuple[str, ...]:
    flags = [f"--allow-replace {urn}" for urn in sorted(terms.allow_replace)]
    if terms.allow_unreviewed:
        flags.append(f"--allow-unreviewed {terms.allow_unreviewed}")
    flags += ["--allow-iam-widening"] * terms.allow_iam_widening
    flags += ["--allow-downgrade"] * terms.allow_downgrade
    flags += [f"--allow-alarm {name}" for name in sorted(terms.allow_alarms)]
    flags += ["--allow-no-put-back"] * terms.allow_no_put_back
    return (*flags, *["--take-over"] * terms.take_over)


def _terms(
    *,
    soak: int = 0,
    allow_replace: list[str] | None = None,
    allow_iam_widening: bool = False,
    allow_alarm: list[str] | None = None,
    allow_unreviewed: str | None = None,
    allow_downgrade: bool = False,
    allow_no_put_back: bool = False,
    take_over: bool = False,
) -> Terms:
    return Terms(
        soak=timedelta(minutes=soak),
        allow_replace=frozenset(allow_replace or ()),
        allow_iam_widening=allow_iam_widening,
        allow_alarms=frozenset(allow_alarm or ()),
        allow_unreviewed="" if allow_unreviewed is None else _reason(allow_unreviewed),
        allow_downgrade=allow_downgrade,
        allow_no_put_back=allow_no_put_back,
        take_over=take_over,
    )


def _wanted(release: str | None, commit: str | None) -> Wanted:
    if commit and not COMMIT.fullmatch(commit):
        raise NothingToDeploy(f"--commit {commit!r} is not the full id of a commit: git rev-parse {commit}")
    return Wanted(release=release or "", commit=commit or "")


def _reason(given: str) -> str:
    try:
        return plain.reason(given)
    except plain.ReasonError as error:
        _say(str(error))
        raise typer.Exit(2) from None


def _saved(path: Path | None) -> Plan | None:
    if path is None:
        return None
    try:
        return from_json(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise InvalidSavedPlan(f"{path} can't be read: {error.strerror}.") from None


def _agrees_to_widening() -> bool:
    return typer.confirm("Somebody gets more rights, as listed. Is that meant?", err=True)


def _agree(made: Plan) -> None:
    if not sys.stdin.isatty():
        _say("There is no terminal to ask on: pass --yes to go ahead.")
        raise typer.Exit(2)
    if not typer.confirm(f"Deploy release {made.release} to {made.target}?", err=True):
        raise typer.Exit(1)


def _refuse(reason: Exception, code: int, *, json: bool) -> NoReturn:
    _say(str(reason))
    if json:
        sys.stdout.write(told.refusal_json(reason))
    raise typer.Exit(code) from None


def _end(code: int, document: str, *, json: bool) -> None:
    if json:
        sys.stdout.write(document)
    raise typer.Exit(code)


def _say(text: str) -> None:
    talk.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _working(
    records: str | None, projects: list[str] | None = None, *, json: bool = False
) -> Iterator[Workshop]:
    """What the commands work with; turns what may go wrong into a message, a document and an exit code."""
    try:
        with workshop(here(records, projects or PROJECTS), talk) as shop:
            yield shop
    except Superseded as skipped:
        _refuse(skipped, SUPERSEDED, json=json)
    except (InFlight, OperationFailed) as failure:
        _refuse(failure, 1, json=json)
    except (
        CheckoutFailed,
        EngineUnavailable,
        InvalidConfiguration,
        InvalidPlan,
        InvalidSavedPlan,
        NothingToDeploy,
        RecordDamaged,
        StorageFailed,
    ) as obstacle:
        _refuse(obstacle, 2, json=json)
    except KeyboardInterrupt:
        _say("Interrupted: nothing was changed that the record does not tell.")
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
