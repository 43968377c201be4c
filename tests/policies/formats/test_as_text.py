"""The report for people."""

from dataclasses import replace

from policies.evaluation import NotEvaluated
from policies.formats.as_text import render
from policies.rules import RULES
from tests.policies.formats.reports import ALARM, CLEAN, FULL, TABLE, hostile


def test_everything_is_said_and_what_blocks_comes_first() -> None:
    assert render(FULL) == (
        "Violations:\n"
        f"  table-on-demand (high)  {TABLE}\n"
        "    billingMode is PROVISIONED; it must be PAY_PER_REQUEST.\n"
        "    Fix: set billingMode to PAY_PER_REQUEST.\n"
        f"  alarm-enabled (high)  {ALARM}\n"
        "    actionsEnabled is false.\n"
        "    Fix: remove actionsEnabled.\n"
        "    The exception for it expired on 2026-05-01 (payments-team).\n"
        "\n"
        "Advice:\n"
        f"  destroyable-key-window (low)  {TABLE}\n"
        "    deletionWindowInDays is 30.\n"
        "    Fix: set deletionWindowInDays to 7.\n"
        "\n"
        "Accepted:\n"
        f"  alarm-actions (high)  {ALARM}\n"
        "    alarmActions is empty.\n"
        "    Accepted until 2026-06-30 by payments-team: Silenced for the load test\n"
        "\n"
        "Not evaluated once, because values are unknown before the update: table-encryption "
        "(values: payments-table.kmsKeyArn)\n"
        "\n"
        "Unused exceptions:\n"
        f"  log-encryption  {ALARM}  (payments-team)\n"
        "\n"
        "payments/dev: 2 resources, 119 rules, 2 violations, 1 advisory, 1 accepted, 1 not evaluated\n"
    )


def test_a_clean_report_is_one_line() -> None:
    assert render(CLEAN) == (
        "payments/dev: 2 resources, 119 rules, 0 violations, 0 advisory, 0 accepted, 0 not evaluated\n"
    )


def test_everything_that_could_not_be_evaluated_is_one_line() -> None:
    unknown = tuple(
        NotEvaluated(rule=rule, urn=f"{TABLE}-{number}", path="kmsKeyArn")
        for number, rule in enumerate(RULES[:40])
    )
    lines = render(replace(CLEAN, not_evaluated=unknown)).splitlines()
    [line] = [line for line in lines if line.startswith("Not evaluated")]
    assert line.startswith("Not evaluated 40 times")
    assert "and 37 more" in line
    assert RULES[0].id in line


def test_control_characters_are_spelled_out() -> None:
    text = render(hostile())
    assert text.replace("\n", "").isprintable()
    assert "\\x1b[2J" in text
