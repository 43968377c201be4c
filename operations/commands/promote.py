"""Take a release up the ladder, safely: plan, show, ask, apply, verify, record.

Without a command it promotes: `promote.py --from staging --to prod`. Works on AWS and in the sandbox alike.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.stacks import PROJECTS
from operations.errors import CommandError, DeclinedError, NotAgreedError, exit_code_of
from operations.promotion import direct_deployment, render_outcome, render_plan
from operations.promotion import status as environment_status
from operations.promotion.apply import carry_out
from operations.promotion.collect_evidence import (
    NothingToDeployError,
    RequestedRelease,
    upstream,
)
from operations.promotion.evidence import Evidence, PromotionOptions
from operations.promotion.git import COMMIT, commits_between
from operations.promotion.plan import (
    PromotionPlan,
    SavedPlanError,
    changed_since,
    document,
    from_json,
    to_json,
)
from operations.promotion.plan import plan as planned
from operations.promotion.record import EntryKind
from operations.promotion.waves import WaveError, has_verified, wave_environments
from operations.promotion.wiring import PromotionContext, build_context, default_config
from operations.session_lifetime import require_lifetime


class _RunByDefault(TyperGroup):
    """`promote.py --to prod` is `promote.py run --to prod`."""

    default = "run"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the default command if it is missing."""
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
To = Annotated[
    str | None, typer.Option("--to", help=f"Environment that gets it ({_KNOWN}).", show_default=False)
]
Wave = Annotated[
    str | None,
    typer.Option(
        "--wave",
        metavar="N|next",
        help="Instead of --to: every environment of this wave of --from, one after the other.",
        show_default=False,
    ),
]
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

talk = Console(stderr=True)


@app.command()
def run(
    to: To = None,
    source: From = None,
    wave: Wave = None,
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
    """Promote what one environment runs to the next: plan, show, ask, apply, verify, record.

    With --wave it stops at the first environment that is not promoted, and skips those that already run the
    release.
    """
    with _refusals(json=json):
        _must_name_targets(to, source, wave, plan)
        saved = _saved(plan)
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
        wanted = _wanted(release, commit)
        if wave is not None:
            _run_wave(shop, str(source), wave, wanted, terms, ask=not yes, json=json)
        evidence = shop.reader.promotion(*_way(shop, source, str(to)), terms, wanted)
        _end(*_carry_out(shop, evidence, saved, ask=not yes), json=json)


@app.command("plan")
def make_plan(
    to: To = None,
    source: From = None,
    wave: Wave = None,
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
    with _refusals(json=json):
        _must_name_targets(to, source, wave, save_plan)
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
        wanted = _wanted(release, commit)
        if wave is None:
            targets = [_way(shop, source, str(to))]
        else:
            _, environments, _ = _wave(shop, str(source), wave, wanted)
            targets = [(str(source), environment) for environment in environments]
        made = [planned(shop.reader.promotion(*way, terms, wanted)) for way in targets]
        if save_plan:
            save_plan.write_text(to_json(made[0]), encoding="utf-8")
        if json and wave is None:
            sys.stdout.write(to_json(made[0]))
        elif json:
            sys.stdout.write(
                render_outcome.to_json({"upstream": source, "plans": [document(plan) for plan in made]})
            )
        else:
            for plan in made:
                sys.stdout.write(render_plan.markdown(plan)) if markdown else Console().print(
                    render_plan.table(plan)
                )
        raise typer.Exit(max((render_outcome.plan_code(plan) for plan in made), default=0))


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
        why = () if reason is None else (f"--reason {direct_deployment.reason(reason)}",)
        evidence = shop.reader.rollback(_known(shop, env), to, terms)
        _end(*_carry_out(shop, evidence, None, ask=not yes, besides=why), json=json)


@app.command()
def history(env: Env, records: Records = None, json: Json = False) -> None:
    """Print an environment's record: who did what, when, by which plan, and what came of it."""
    with _working(records, json=json) as shop:
        record = shop.journal.record(_known(shop, env))
        sys.stdout.write(
            render_outcome.history_json(record) if json else f"{render_outcome.history(record)}\n".lstrip()
        )


@app.command()
def status(env: Envs = None, records: Records = None, json: Json = False) -> None:
    """Show what runs where, and how far each environment is behind the one below it."""
    with _working(records, json=json) as shop:
        for name in env or ():
            _known(shop, name)
        shown = environment_status.environment_statuses(
            shop.reader.ladder,
            shop.reader.outputs,
            shop.journal.record,
            lambda older, newer: commits_between(older, newer, shop.reader.repository),
        )
        chosen = [item for item in shown if not env or item.environment in env]
        if json:
            sys.stdout.write(environment_status.to_json(chosen))
        else:
            Console().print(environment_status.table(chosen))


@app.command()
def hold(
    env: Env,
    reason: Annotated[str, typer.Option("--reason", help="Why nothing may be deployed there.")],
    records: Records = None,
) -> None:
    """Put an environment on hold: nothing is promoted or deployed there until somebody lifts it."""
    with _working(records) as shop:
        shop.journal.note(_known(shop, env), EntryKind.HELD, reason=direct_deployment.reason(reason))
        _say(f"{env} is on hold.")


@app.command("take-over")
def take_over_operation(
    env: Env,
    reason: Annotated[str, typer.Option("--reason", help="How you know that it does not run any more.")],
    records: Records = None,
) -> None:
    """Record an operation as interrupted that was killed on another machine, without beginning another."""
    with _working(records) as shop:
        given = direct_deployment.reason(reason)
        if shop.journal.take_over(_known(shop, env), given):
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
        _known(shop, env)
        reason = direct_deployment.reason(reason)
        if shop.journal.record(env).hold is None:
            _say(f"{env} is not on hold.")
            return
        shop.journal.note(env, EntryKind.RELEASED, reason=reason)
        _say(f"{env} is no longer on hold.")


def _run_wave(
    shop: PromotionContext,
    upstream: str,
    wave: str,
    wanted: RequestedRelease,
    terms: PromotionOptions,
    *,
    ask: bool,
    json: bool,
) -> NoReturn:
    """Promote to the environments of a wave in the file's order, up to the first that does not get there."""
    number, environments, is_done = _wave(shop, upstream, wave, wanted)
    if number is None:
        _say(f"All environments that take releases from {upstream} run its release, verified.")
    code, rest = 0, list(environments)
    documents: list[dict[str, Any]] = []
    while rest and code == 0:
        target = rest.pop(0)
        if is_done(target):
            _say(f"{target} already runs the release, verified.")
            documents.append({"target": target, "refused": [], "outcome": None, "already": True})
            continue
        try:
            evidence = shop.reader.promotion(upstream, target, terms, wanted)
            code, document = _carry_out(shop, evidence, None, ask=ask)
        except REFUSALS as refusal:
            _say(str(refusal))
            code, document = (
                exit_code_of(refusal),
                {"target": target, **render_outcome.refusal_document(refusal)},
            )
        documents.append(document)
    if rest:
        _say(f"The wave ends here; nothing was begun in {', '.join(rest)}.")
    shown = {"upstream": upstream, "wave": number, "environments": documents, "notBegun": rest}
    _end(code, shown, json=json)


def _wave(
    shop: PromotionContext, upstream: str, wave: str, wanted: RequestedRelease
) -> tuple[int | None, tuple[str, ...], Callable[[str], bool]]:
    """A wave's number and environments, and whether an environment has verified the upstream's release."""
    release = shop.reader.offered(_known(shop, upstream), wanted).release

    @cache
    def is_done(environment: str) -> bool:
        return has_verified(shop.reader.running(environment), release)

    return *wave_environments(shop.reader.ladder, upstream, wave, is_done), is_done


def _must_name_targets(to: str | None, source: str | None, wave: str | None, plan: Path | None) -> None:
    if wave is None and to is None:
        raise WaveError("Name the environment with --to, or a wave with --wave and --from.")
    if wave is not None and (to is not None or source is None or plan is not None):
        raise WaveError("--wave takes --from, the upstream of the wave, and neither --to nor a saved plan.")


def _way(shop: PromotionContext, named: str | None, target: str) -> tuple[str, str]:
    """The upstream and the target of a promotion."""
    below = upstream(target, shop.reader.ladder)
    if named not in (None, below):
        raise NothingToDeployError(f"{target} takes releases from {below} alone, not from {named}.")
    return below, target


def _carry_out(
    shop: PromotionContext,
    evidence: Evidence,
    saved: PromotionPlan | None,
    *,
    ask: bool,
    besides: tuple[str, ...] = (),
) -> tuple[int, dict[str, Any]]:
    """Show the plan, ask, and carry it out; return the exit code and the document for JSON."""
    made = planned(evidence)
    talk.print(render_plan.table(made))
    if saved:
        changed = changed_since(saved, made)
        if changed:
            _say("Refused: since the plan was saved,\n" + "\n".join(f"  {line}" for line in changed))
            return 1, render_outcome.document(made, None, changed)
    shut = tuple(gate.id for gate in made.gates if gate.status != "passed")
    if shut == ("iam-not-wider",) and ask and sys.stdin.isatty() and _agrees_to_widening():
        evidence = replace(evidence, terms=replace(evidence.terms, allow_iam_widening=True))
        made, shut = planned(evidence), ()
    if shut:
        return render_outcome.plan_code(made), render_outcome.document(made, None, shut)
    require_lifetime(os.environ, len(evidence.previews), may_be_put_back=True)
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
    _say(render_outcome.text(outcome))
    return render_outcome.exit_code(outcome), render_outcome.document(made, outcome)


def _known(shop: PromotionContext, environment: str) -> str:
    return shop.reader.ladder.node(environment).name


def _may_go(evidence: Evidence) -> frozenset[str]:
    """URNs of what may lose its data: what was named, and what this release makes (a failure removes it)."""
    made = {
        each.urn for preview in evidence.previews for each in preview.changes if each.operation == "create"
    }
    return evidence.terms.allow_replace | made


def _permitted(terms: PromotionOptions) -> tuple[str, ...]:
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
) -> PromotionOptions:
    return PromotionOptions(
        soak=timedelta(minutes=soak),
        allow_replace=frozenset(allow_replace or ()),
        allow_iam_widening=allow_iam_widening,
        allow_alarms=frozenset(allow_alarm or ()),
        allow_unreviewed="" if allow_unreviewed is None else direct_deployment.reason(allow_unreviewed),
        allow_downgrade=allow_downgrade,
        allow_no_put_back=allow_no_put_back,
        take_over=take_over,
    )


def _wanted(release: str | None, commit: str | None) -> RequestedRelease:
    if commit and not COMMIT.fullmatch(commit):
        raise NothingToDeployError(
            f"--commit {commit!r} is not the full id of a commit: git rev-parse {commit}"
        )
    return RequestedRelease(release=release or "", commit=commit or "")


def _saved(path: Path | None) -> PromotionPlan | None:
    if path is None:
        return None
    try:
        return from_json(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise SavedPlanError(f"{path} can't be read: {error.strerror}.") from None


def _agrees_to_widening() -> bool:
    return typer.confirm("Somebody gets more rights, as listed. Is that meant?", err=True)


def _agree(made: PromotionPlan) -> None:
    if not sys.stdin.isatty():
        raise NotAgreedError("There is no terminal to ask on: pass --yes to go ahead.")
    if not typer.confirm(f"Deploy release {made.release} to {made.target}?", err=True):
        raise DeclinedError("Declined: nothing was deployed.")


REFUSALS = (CommandError, InvalidConfiguration)
"""What stops a command before or between its steps; its exit code is the error's own."""


def _end(code: int, document: Mapping[str, Any], *, json: bool) -> NoReturn:
    if json:
        sys.stdout.write(render_outcome.to_json(document))
    raise typer.Exit(code) from None


def _say(text: str) -> None:
    talk.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _working(
    records: str | None, projects: list[str] | None = None, *, json: bool = False
) -> Iterator[PromotionContext]:
    """Build the context of a command."""
    with _refusals(json=json), build_context(default_config(records, projects or PROJECTS), talk) as shop:
        yield shop


@contextmanager
def _refusals(*, json: bool) -> Iterator[None]:
    """Turn what stops a command into a message, a document and an exit code."""
    try:
        yield
    except REFUSALS as refusal:
        _say(str(refusal))
        _end(exit_code_of(refusal), render_outcome.refusal_document(refusal), json=json)
    except KeyboardInterrupt as interrupt:
        _say("Interrupted: nothing was changed that the record does not tell.")
        _end(130, {**render_outcome.refusal_document(interrupt), "reason": "Ctrl-C"}, json=json)
