"""Record deployments by scripts/deploy.py, and apply the rules of promotions to them.

refuse_held → begin (the record is the lock) → the engine's work → end
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.environment import upstream_of
from components.promotion_gate import PromotionState
from components.stacks import PaymentsOutputs
from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded
from operations.deployment.plan import Action, Plan
from operations.errors import CommandError, ExitCode
from operations.promotion import actor
from operations.promotion.git import is_ancestor
from operations.promotion.journal import InFlightError, Journal
from operations.promotion.record import Entry, EntryKind, OperationResult
from operations.promotion.storage import keeps_records, storage

ACTIONS: Mapping[Action, str] = {Action.UP: "deployment", Action.DESTROY: "destruction"}
"""Name of each action in the record."""
_DONE: Mapping[Action, OperationResult] = {
    Action.UP: OperationResult.DEPLOYED,
    Action.DESTROY: OperationResult.DESTROYED,
}


SHORTEST_REASON = 10
"""Minimum number of characters of a reason."""


class HeldError(CommandError):
    """An environment is on hold. The message states since when, why, and how to lift it."""

    exit_code = ExitCode.FINDINGS


class DowngradeError(CommandError):
    """An environment runs a later commit than the one to deploy. The message names both."""

    exit_code = ExitCode.FINDINGS


class ReasonError(CommandError):
    """A reason is too short."""


def reason(given: str) -> str:
    """Return the reason without surrounding blanks. Raises ReasonError."""
    if len(given.strip()) < SHORTEST_REASON:
        raise ReasonError(f"The reason {given!r} is too short: use at least {SHORTEST_REASON} characters.")
    return given.strip()


def environments(chosen: Plan) -> list[str]:
    """Return the environments of a plan in order."""
    return list(dict.fromkeys(stack.environment for stack in chosen.stacks))


def journal_of(backend: str, environ: Mapping[str, str]) -> Journal | None:
    """Return the records beside the state or at PROMOTION_RECORDS; None if the backend keeps no files.

    Raises StorageFailed.
    """
    place = environ.get("PROMOTION_RECORDS") or backend
    if not keeps_records(place):
        return None
    return Journal(
        storage=storage(place, environ=environ),
        actor=actor.this_process(),
        clock=lambda: datetime.now(UTC),
        alive=actor.alive,
    )


def refuse_held(journal: Journal, names: Sequence[str], despite: str = "") -> None:
    """Stop if an environment is on hold, unless `despite` gives a reason to continue.

    Raises HeldError, RecordDamaged or StorageFailed.
    """
    for environment in names:
        hold = journal.record(environment).hold
        if hold is not None and not despite:
            raise HeldError(
                f"{environment} is on hold since {hold.at:%Y-%m-%d %H:%M} UTC, set by {hold.by}: "
                f"{hold.reason}\n"
                "Once the cause is removed: "
                f"python scripts/promote.py release-hold --env {environment} --reason TEXT\n"
                "To deploy anyway, for the record: --despite-hold REASON"
            )


def refuse_downgrade(
    names: Sequence[str], running_commit: Callable[[str], str], commit: str, repository: Path
) -> None:
    """Stop if an environment above the lowest one runs a commit that descends from `commit`.

    `running_commit` returns the commit that an environment runs, or nothing. Raises DowngradeError.
    """
    for environment in names:
        running = running_commit(environment) if commit and upstream_of(environment) else ""
        if running not in ("", commit) and is_ancestor(commit, running, repository):
            raise DowngradeError(
                f"{environment} runs commit {running[:12]}, a descendant of this checkout's {commit[:12]}: "
                "an older checkout or a rerun of an old workflow.\n"
                "Deploy what is newer. To go back on purpose: "
                f"python scripts/promote.py rollback --env {environment}, or --allow-downgrade"
            )


@dataclass(frozen=True, kw_only=True)
class DirectOperation:
    """A deployment or a destruction in progress, in one or several environments."""

    journal: Journal
    action: Action
    began: Mapping[str, Entry]
    """Entries by environment."""

    def end(self, report: Report, outputs: Callable[[str], Mapping[str, Any]]) -> None:
        """Record how it ended.

        `outputs` reads those of an environment's payments stack, none if it was not to be verified.

        Raises StorageFailed, RecordDamaged or InFlightError.
        """
        for environment, entry in self.began.items():
            payments = next((each for each in _outcomes(report, environment) if _is_payments(each)), None)
            ran = payments is not None and not isinstance(payments, NotRun)
            shown = PromotionState.of(outputs(environment) if ran else {})
            about = {"release": shown.release, "commit": shown.release_commit}
            if _is_up(report, environment) and shown.is_verified:
                self.journal.append(entry, EntryKind.VERIFIED, **about, said="verified as it was deployed")
            elif isinstance(payments, Failed) and shown.has_failed:
                self.journal.append(entry, EntryKind.REFUTED, **about, said=payments.reason)
            self.journal.append(entry, EntryKind.ENDED, **self._end(report, environment))

    def _end(self, report: Report, environment: str) -> dict[str, object]:
        own = _outcomes(report, environment)
        stacks = {each.stack.project: type(each).__name__.lower() for each in own}
        if report.interrupted:
            return {"result": OperationResult.INTERRUPTED, "reason": "Ctrl-C", "stacks": stacks}
        if all(isinstance(each, Succeeded) for each in own):
            return {"result": _DONE[self.action], "stacks": stacks}
        failed = [project for project, how in stacks.items() if how == "failed"]
        return {"result": OperationResult.FAILED, "reason": f"failed: {', '.join(failed)}", "stacks": stacks}


def _outcomes(report: Report, environment: str) -> list[Outcome]:
    return [each for each in report.outcomes if each.stack.environment == environment]


def _is_payments(outcome: Outcome) -> bool:
    return outcome.stack.project == PaymentsOutputs.PROJECT


def _is_up(report: Report, environment: str) -> bool:
    return all(isinstance(each, Succeeded) for each in _outcomes(report, environment))


def begin(
    journal: Journal,
    action: Action,
    chosen: Plan,
    *,
    despite: str = "",
    permitted: Sequence[str] = (),
) -> DirectOperation:
    """Begin an operation in all environments, or in none. Raises InFlightError.

    `permitted` names the flags that were given, for the record.

    Raises HeldError, RecordDamaged or StorageFailed as well.
    """
    names = environments(chosen)
    refuse_held(journal, names, despite)
    began: dict[str, Entry] = {}
    try:
        for environment in names:
            began[environment] = journal.begin(
                environment,
                expected=len(journal.record(environment).entries),
                action=ACTIONS[action],
                projects=list(dict.fromkeys(stack.project for stack in chosen.stacks)),
                permitted=[*([f"--despite-hold {despite}"] if despite else []), *permitted],
            )
    except InFlightError as busy:
        for entry in began.values():
            nothing = {"reason": f"nothing was done: {busy}", "stacks": {}}
            journal.append(entry, EntryKind.ENDED, result=_DONE[action], **nothing)
        raise
    return DirectOperation(journal=journal, action=action, began=began)


def note_verification(
    journal: Journal, environment: str, *, passed: bool, outputs: Mapping[str, Any], said: str
) -> None:
    """Record the result of a separate verification of the release in `outputs`.

    Raises InFlightError, RecordDamaged or StorageFailed.
    """
    shown = PromotionState.of(outputs)
    journal.note(
        environment,
        EntryKind.VERIFIED if passed else EntryKind.REFUTED,
        release=shown.release,
        commit=shown.release_commit,
        said=said,
    )
