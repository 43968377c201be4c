import io
from dataclasses import replace

from rich.console import Console

from operations.promotion.gates import GATES
from operations.promotion.plan import PromotionPlan, plan
from operations.promotion.render_plan import markdown, table
from tests.operations.promotion.evidences import RELEASE, evidence, source_running, target_running

READY = plan(evidence())
SHUT = plan(
    evidence(
        source_running=source_running(release=replace(RELEASE, artifact_digest="0" * 64)),
        target_running=target_running(break_glass="an | incident"),
    )
)


def _terminal(made: PromotionPlan) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(table(made))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_a_terminal_shows_every_gate_every_change_and_the_verdict() -> None:
    shown = _terminal(READY)

    assert "Release r-new from staging to prod, in place of r-old" in shown
    assert all(gate.question in shown for gate in READY.gates)
    assert "payments-function" in shown
    assert "code, sourceCodeHash" in shown
    assert f"All {len(GATES)} gates are open." in shown


def test_a_closed_gate_is_shown_with_reason_and_remedy() -> None:
    for shown in (_terminal(SHUT), markdown(SHUT)):
        assert "with the artifact 000000000000, not" in shown
        assert "bring the release to staging first" in shown
        assert "No promotion: upstream-verified (failed)." in shown


def test_markdown_keeps_its_table_with_any_text() -> None:
    rows = [line for line in markdown(SHUT).splitlines() if line.startswith("|")]

    assert len(rows) == 2 + len(SHUT.gates) + 2 + len(SHUT.changes)
    assert {line.replace("\\|", "").count("|") for line in rows[: 2 + len(SHUT.gates)]} == {4}
