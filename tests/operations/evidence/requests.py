"""A request for evidence about prod in which everything is in order; a test spoils one thing."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from pydantic.alias_generators import to_camel

from components.promotion_gate import PromotionState, Verified, timestamp
from operations import REPOSITORY
from operations.engine.failure import OperationFailed, StackName
from operations.evidence.collect import EvidenceRequest, collect
from operations.promotion.record import EntryKind, OperationResult
from policies import configuration as configurations
from policies.rules import RULES
from tests.operations.drift.formats.reports import IN_SYNC
from tests.operations.promotion.evidences import RELEASE, recorded
from tests.policies.rendered import export_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
VERIFIED = Verified(
    artifact_digest=RELEASE.artifact_digest,
    content_digest="ef" * 32,
    release=RELEASE.id,
    release_commit=RELEASE.commit,
    at=timestamp(NOW),
)
STANDING = PromotionState(
    artifact_digest=RELEASE.artifact_digest,
    content_digest="ef" * 32,
    release=RELEASE.id,
    release_commit=RELEASE.commit,
    verified=(VERIFIED,),
)
RECORD = recorded(
    "prod",
    (
        EntryKind.BEGAN,
        {
            "action": "promotion",
            "source": "staging",
            "release": RELEASE.id,
            "commit": RELEASE.commit,
            "replaces": "r-old",
            "plan": "9f" * 32,
            "permitted": ["--allow-iam-widening"],
        },
    ),
    (EntryKind.APPLIED, {"project": "payments", "release": RELEASE.id}),
    (EntryKind.VERIFIED, {"release": RELEASE.id, "said": "payments went through in 4 s"}),
    (EntryKind.ENDED, {"result": OperationResult.PROMOTED}),
    (EntryKind.HELD, {"reason": "quarter's end"}),
)


@dataclass(frozen=True)
class GivenExports:
    """Exports of the rendered stacks of prod; `changed` replaces some of them, by project."""

    changed: dict[str, Any]
    name: str = "live"

    def read(self, name: StackName) -> dict[str, Any]:
        if name.project in self.changed:
            if self.changed[name.project] is None:
                raise OperationFailed(f"{name} is not deployed")
            document: dict[str, Any] = self.changed[name.project]
            return document
        return clean(name.project)


def clean(project: str) -> dict[str, Any]:
    """The export of a stack of prod, the release deployed."""
    outputs = standing_outputs() if project == "payments" else {}
    return export_of(project, "prod", **outputs)


def standing_outputs() -> dict[str, Any]:
    """What the payments stack shows of its release."""
    return {to_camel(name): value for name, value in STANDING.as_outputs().items()}


def request(**changed: Any) -> EvidenceRequest:
    """A request in which everything is in order, but for `changed`."""
    return replace(
        EvidenceRequest(
            environment="prod",
            exports=GivenExports({}),
            record=lambda: RECORD,
            drift=lambda: IN_SYNC,
            root=REPOSITORY,
            configuration=configurations.load(RULES, date(2026, 3, 2)),
            commit=RELEASE.commit,
            now=NOW,
        ),
        **changed,
    )


def content(**changed: Any) -> dict[str, Any]:
    """The content of the document that a request comes to."""
    found: dict[str, Any] = collect(request(**changed))["content"]
    return found
