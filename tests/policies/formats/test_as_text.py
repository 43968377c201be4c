"""The report for people."""

from policies.formats.as_text import render
from tests.policies.formats.reports import ALARM, CLEAN, FULL, TABLE


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
        "Accepted for now:\n"
        f"  alarm-actions (high)  {ALARM}\n"
        "    alarmActions is empty.\n"
        "    Accepted until 2026-06-30 by payments-team: Silenced for the load test\n"
        "\n"
        "Not evaluated, because a value is not known yet:\n"
        f"  table-encryption  {TABLE}  kmsKeyArn\n"
        "\n"
        "Exceptions that nothing needs any more:\n"
        f"  log-encryption  {ALARM}  (payments-team)\n"
        "\n"
        "payments/dev: 2 resources, 119 rules, 2 violations, 1 advisory, 1 accepted, 1 not evaluated\n"
    )


def test_a_clean_report_is_one_line() -> None:
    assert render(CLEAN) == (
        "payments/dev: 2 resources, 119 rules, 0 violations, 0 advisory, 0 accepted, 0 not evaluated\n"
    )
