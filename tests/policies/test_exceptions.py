"""Exceptions: who accepts what until when, and nothing more than that."""

from datetime import date, timedelta

import pytest

from policies.exceptions import PolicyException, active, expired, problems, unused
from tests.policies.engine import TODAY

RULE = "alarm-actions"
ALARM = (
    "urn:pulumi:prod::payments::fintech:payments:Monitoring$aws:cloudwatch/metricAlarm:MetricAlarm"
    "::errors-alarm"
)
GLOB = "urn:pulumi:prod::payments::*aws:cloudwatch/metricAlarm:MetricAlarm::errors-*"


def accepting(urn: str = GLOB, expires: date = TODAY, rule: str = RULE) -> PolicyException:
    return PolicyException(
        rule=rule, urn=urn, reason="Silenced for the load test", owner="payments-team", expires=expires
    )


def test_an_exception_counts_through_its_last_day() -> None:
    assert active([accepting()], RULE, ALARM, TODAY) == accepting()
    assert expired([accepting()], RULE, ALARM, TODAY) is None


def test_an_exception_counts_no_more_the_day_after() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert active([accepting()], RULE, ALARM, tomorrow) is None
    assert expired([accepting()], RULE, ALARM, tomorrow) == accepting()


@pytest.mark.parametrize(
    ("rule", "urn"),
    [
        ("alarm-enabled", ALARM),
        (RULE, ALARM.replace("prod", "staging")),
        (RULE, ALARM.replace("errors-alarm", "depth-alarm")),
        (RULE, ALARM.replace("MetricAlarm::", "CompositeAlarm::")),
        (RULE, f"prefix-{ALARM}"),
    ],
)
def test_an_exception_covers_its_rule_and_its_resources_alone(rule: str, urn: str) -> None:
    assert active([accepting()], rule, urn, TODAY) is None


def test_the_characters_of_a_urn_are_not_taken_for_a_regular_expression() -> None:
    exact = accepting(ALARM)
    assert exact.covers(RULE, ALARM)
    assert not exact.covers(RULE, ALARM.replace("$", "x"))


@pytest.mark.parametrize(
    ("urn", "complaint"),
    [
        ("*", "must have four segments"),
        ("urn:pulumi:prod::payments::*", "must have four segments"),
        ("urn:pulumi:*::*::*::*", "catch-all"),
        ("urn:pulumi:prod::payments::*::errors", "catch-all"),
        ("urn:pulumi:prod::payments::aws:sqs/queue:Queue::*", "catch-all"),
        ("urn:pulumi:prod::payments::*aws:sqs/*::queue", "catch-all"),
        ("urn:pulumi:prod::payments::*a*::queue", "catch-all"),
        ("urn:pulumi:prod::payments::aws:sqs/queue:Queue::*a*", "catch-all"),
        ("urn:pulumi:prod::payments::aws:sqs/queue:Queue::*qu?ue*", "catch-all"),
        ("arn:pulumi:prod::payments::aws:sqs/queue:Queue::queue", "must have four segments"),
    ],
)
def test_a_catch_all_is_refused(urn: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems(accepting(urn), TODAY))


def test_a_far_expiry_is_refused_and_a_past_one_is_not() -> None:
    assert problems(accepting(expires=TODAY + timedelta(days=366)), TODAY) == []
    assert "more than 366 days" in problems(accepting(expires=TODAY + timedelta(days=367)), TODAY)[0]
    assert problems(accepting(expires=date(2020, 1, 1)), TODAY) == []


def test_an_exception_that_nothing_needs_is_unused_in_its_own_stack_alone() -> None:
    known = [accepting()]
    assert unused(known, stack="prod", project="payments", used=[]) == known
    assert unused(known, stack="dev", project="payments", used=[]) == []
    assert unused(known, stack="prod", project="network", used=[]) == []
    assert unused(known, stack="prod", project="payments", used=[(RULE, ALARM)]) == []
    assert unused(known, stack="prod", project="payments", used=[("alarm-enabled", ALARM)]) == known


def test_the_notes_say_who_why_and_until_when() -> None:
    assert accepting().note() == "Accepted until 2026-06-01 by payments-team: Silenced for the load test"
    assert accepting().expiry_note() == "The exception for it expired on 2026-06-01 (payments-team)."
