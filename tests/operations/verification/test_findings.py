from typing import Any

import pytest

from operations.verification.findings import Seen, findings
from operations.verification.probes import Kind, Probe

GOOD: dict[Kind, dict[str, Any]] = {
    Kind.ACCEPTED: {"decision": "ACCEPTED", "audit": ("ACCEPTED", "NOTIFIED"), "dead_letters": 0},
    Kind.DUPLICATE: {"decision": "ACCEPTED", "audit": ("ACCEPTED", "NOTIFIED"), "dead_letters": 0},
    Kind.REJECTED: {"decision": "REJECTED", "audit": ("REJECTED", "NOTIFIED"), "dead_letters": 0},
    Kind.POISON: {"decision": None, "audit": (), "dead_letters": 1},
}
NOTHING_YET = {"decision": None, "audit": (), "dead_letters": 0}


def seen(kind: Kind, **changed: Any) -> Seen:
    probe = Probe(kind=kind, payment_id=f"verification:0a1b2c3d4e5f:{kind}", bodies=("{}",))
    return Seen(probe=probe, **{**GOOD[kind], **changed})


def test_a_processor_that_works_gives_no_findings() -> None:
    assert findings([seen(kind) for kind in Kind]) == ()


@pytest.mark.parametrize("kind", Kind)
def test_what_has_not_come_yet_may_still_come(kind: Kind) -> None:
    (finding,) = findings([seen(kind, **NOTHING_YET)])
    assert not finding.final
    assert finding.reason.startswith(f"{kind}: ")


def test_a_notification_may_still_come() -> None:
    (finding,) = findings([seen(Kind.ACCEPTED, audit=("ACCEPTED",))])
    assert not finding.final
    assert "notified" in finding.reason


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (Kind.ACCEPTED, {"decision": "REJECTED", "audit": ("REJECTED", "NOTIFIED")}),
        (Kind.ACCEPTED, {"dead_letters": 1}),
        (Kind.ACCEPTED, {"audit": ()}),
        (Kind.ACCEPTED, {"audit": ("ACCEPTED", "CONFLICT")}),
        (Kind.DUPLICATE, {"audit": ("ACCEPTED", "NOTIFIED", "NOTIFIED")}),
        (Kind.DUPLICATE, {"audit": ("ACCEPTED", "NOTIFIED", "CONFLICT")}),
        (Kind.DUPLICATE, {"dead_letters": 1}),
        (Kind.REJECTED, {"decision": "ACCEPTED", "audit": ("ACCEPTED", "NOTIFIED")}),
        (Kind.POISON, {"decision": "ACCEPTED"}),
    ],
)
def test_what_waiting_can_not_mend_is_final(kind: Kind, changed: dict[str, Any]) -> None:
    (finding,) = findings([seen(kind, **changed)])
    assert finding.final


def test_all_findings_are_told_in_the_probes_order() -> None:
    reasons = [finding.reason for finding in findings([seen(kind, **NOTHING_YET) for kind in Kind])]
    assert [reason.partition(":")[0] for reason in reasons] == list(Kind)
