"""The plan of a promotion: changes, gates, and a digest of everything relevant.

evidence → gates → plan;   a saved plan and a new one → what changed since
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from components.stacks import PROJECTS
from operations.errors import CommandError
from operations.promotion.evidence import Evidence
from operations.promotion.gates import (
    GATES,
    OF_A_ROLLBACK,
    GateFailed,
    GateNotChecked,
    GatePassed,
    GateResult,
    judge,
)

SCHEMA = "promotion-plan/1"
"""Name and version of the saved format."""

Status = Literal["passed", "failed", "not checked"]

_STATUS: Mapping[type, Status] = {GatePassed: "passed", GateFailed: "failed", GateNotChecked: "not checked"}


class SavedPlanError(CommandError):
    """A file has no valid plan: another version, or changed after it was saved."""

    kind = "InvalidSavedPlan"


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GateAnswer(_Saved):
    """The answer of a gate."""

    id: str
    question: str
    status: Status
    said: str
    """The reason, or a note on a passed gate."""
    fix: str = ""


class PlannedChange(_Saved):
    """A change of one resource."""

    project: str
    name: str
    type: str
    operation: str
    properties: tuple[str, ...]
    urn: str


class PromotionPlan(_Saved):
    """The plan that the user agrees to."""

    schema_: Literal["promotion-plan/1"] = "promotion-plan/1"
    action: Literal["promotion", "rollback"] = "promotion"
    source: str
    """Environment that the release comes from; the target itself for a rollback."""
    target: str
    release: str
    commit: str
    artifact_digest: str
    replaces: str | None
    """Id of the release that the target runs now; None if it was never deployed."""
    made_at: datetime
    projects: tuple[str, ...]
    gates: tuple[GateAnswer, ...]
    changes: tuple[PlannedChange, ...]
    notes: tuple[str, ...]
    """Notes for the reader, such as an active break-glass setting."""
    record_entries: int
    """Number of entries in the target's record; a new entry means that something happened there."""
    fingerprints: dict[str, str]
    """Digests of states, configuration and code, by subject."""

    @property
    def ready(self) -> bool:
        """Whether every gate passed."""
        return all(gate.status == "passed" for gate in self.gates)

    @property
    def checked(self) -> bool:
        """Whether every gate has an answer."""
        return all(gate.status != "not checked" for gate in self.gates)

    @property
    def digest(self) -> str:
        """SHA-256 of everything but the creation time, hexadecimal.

        Gates count by their status alone: what they say may hold times.
        """
        content = self.model_dump(mode="json", exclude={"made_at", "gates"})
        content["gates"] = {gate.id: gate.status for gate in self.gates}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def plan(evidence: Evidence) -> PromotionPlan:
    """Make the plan of a promotion from the evidence; of a rollback if source is target."""
    rollback = evidence.source == evidence.target
    running = evidence.target_running
    return PromotionPlan(
        action="rollback" if rollback else "promotion",
        source=evidence.source,
        target=evidence.target,
        release=evidence.release.id,
        commit=evidence.release.commit,
        artifact_digest=evidence.release.artifact_digest,
        replaces=running.release.id if running else None,
        made_at=evidence.read_at,
        projects=evidence.projects,
        gates=tuple(_answer(judged) for judged in judge(evidence, OF_A_ROLLBACK if rollback else GATES)),
        changes=tuple(
            PlannedChange(
                project=change.stack.project,
                name=change.name,
                type=change.type,
                operation=change.operation,
                properties=change.properties,
                urn=change.urn,
            )
            for preview in evidence.previews
            for change in preview.changes
        ),
        notes=tuple(_notes(evidence)),
        record_entries=len(evidence.target_record.entries),
        fingerprints=dict(evidence.fingerprints),
    )


def changed_since(saved: PromotionPlan, now: PromotionPlan) -> tuple[str, ...]:
    """Return a line per relevant change since the plan was saved."""
    return tuple(_changed(saved, now))


def _changed(saved: PromotionPlan, now: PromotionPlan) -> Iterator[str]:
    for field, word in (
        ("action", "what is to be done"),
        ("source", "the source"),
        ("target", "the target"),
        ("projects", "what is deployed"),
        ("release", "the release"),
        ("commit", "the release's commit"),
        ("artifact_digest", "the release's artifact"),
        ("replaces", "the release that the target runs"),
    ):
        before, after = getattr(saved, field), getattr(now, field)
        if before != after:
            yield f"{word} was {_words(before)}, and is {_words(after)}"
    if saved.record_entries != now.record_entries:
        yield f"the record of {now.target} has {now.record_entries - saved.record_entries} new entries"
    for subject in sorted(saved.fingerprints.keys() | now.fingerprints.keys()):
        if saved.fingerprints.get(subject) != now.fingerprints.get(subject):
            yield f"{subject} changed"
    before_gates = {gate.id: gate.status for gate in saved.gates}
    for gate in now.gates:
        if gate.status != before_gates.get(gate.id):
            yield f"the gate {gate.id} was {before_gates.get(gate.id, 'not there')}, and is {gate.status}"
    if saved.changes != now.changes:
        yield "the engine would make other changes to resources"
    if saved.notes != now.notes:
        yield f"the notes changed: {'; '.join(now.notes) or 'none'}"


def _words(value: str | tuple[str, ...] | None) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or "none"


def document(made: PromotionPlan) -> dict[str, Any]:
    """Return the plan as data, as it is saved and as machines read it."""
    data = {**made.model_dump(mode="json"), "ready": made.ready, "digest": made.digest}
    data["schema"] = data.pop("schema_")
    return data


def to_json(made: PromotionPlan) -> str:
    """Format the plan as JSON."""
    return json.dumps(document(made), indent=2) + "\n"


def from_json(text: str, origin: str) -> PromotionPlan:
    """Read a saved plan. Raises SavedPlanError."""
    again = "Make another: python scripts/promote.py plan --save-plan FILE"
    try:
        document = json.loads(text)
        digest = document.pop("digest")
        document.pop("ready")
        document["schema_"] = document.pop("schema")
        saved = PromotionPlan.model_validate(document)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        problem = _problem(error)
        raise SavedPlanError(f"{origin} holds no plan ({SCHEMA}): {problem}. {again}") from None
    if saved.digest != digest:
        raise SavedPlanError(f"{origin} was changed after it was saved. {again}")
    return saved


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)


def _answer(judged: GateResult) -> GateAnswer:
    answer = judged.answer
    return GateAnswer(
        id=judged.gate.id,
        question=judged.gate.question,
        status=_STATUS[type(answer)],
        said=answer.note if isinstance(answer, GatePassed) else answer.reason,
        fix="" if isinstance(answer, GatePassed) else answer.fix,
    )


def _notes(evidence: Evidence) -> Iterator[str]:
    for running in dict.fromkeys((evidence.source_running, evidence.target_running)):
        if running and running.break_glass:
            yield f"{running.environment} runs what the gate refused, by break-glass: {running.break_glass}"
    left_out = [project for project in PROJECTS if project not in evidence.projects]
    if left_out:
        yield f"{', '.join(left_out)} is left out: neither looked at nor deployed"
    mixed = evidence.target_record.partially_deployed
    if mixed is not None:
        yield (
            f"{evidence.target} may hold parts of two releases since {mixed.at:%Y-%m-%d %H:%M:%S} UTC; "
            "a verified promotion resolves it"
        )
