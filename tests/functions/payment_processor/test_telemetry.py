"""Logs carry what is needed to follow a payment, and nothing that is private; metrics add up."""

import io
import itertools
import json
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

from functions.payment_processor.payments import decide
from functions.payment_processor.telemetry import fields, report
from functions.payment_processor.worker import Message, Outcome, Result

from .builders import request

NAMES = itertools.count()  # loggers of one name share their stream
LIMITS = {"EUR": 10_000}


def outcome(result: Result = "accepted", **changes: Any) -> Outcome:
    message = Message(body="", message_id="message-1", request_id="request-1", deliveries=2, sent_at=1.0)
    payment = decide(request(), LIMITS, "2026-01-31T09:30:01.000Z")
    known: Any = {"message": message, "result": result, "payment": payment, "payment_id": "payment-0001"}
    return Outcome(**known | changes)


def reported(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], dict[str, Any]]:
    """The log lines and the EMF record of a batch."""
    stream = io.StringIO()
    logger = Logger(service=f"test-{next(NAMES)}", stream=stream)
    report(outcomes, logger, Metrics(namespace="Payments", service="payments"))
    metrics = capsys.readouterr().out.splitlines()
    assert len(metrics) == 1
    return [json.loads(line) for line in stream.getvalue().splitlines()], json.loads(metrics[0])


def test_a_line_names_the_payment_the_message_and_the_invocation() -> None:
    assert fields(outcome()) == {
        "result": "accepted",
        "paymentId": "payment-0001",
        "messageId": "message-1",
        "requestId": "request-1",
        "deliveries": 2,
        "problems": None,
        "amount": 1234,
        "currency": "EUR",
        "reasons": [],
        "debtor": "****3000",
        "creditor": "****2606",
        "nearDuplicateOf": None,
    }


def test_a_line_without_a_payment_tells_what_is_wrong() -> None:
    line = fields(outcome("malformed", payment=None, payment_id=None, problems=["amount is missing"]))
    assert line["problems"] == ["amount is missing"]
    assert "amount" not in line


def test_processed_messages_are_informed_of_and_others_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Result] = ["accepted", "rejected", "duplicate", "conflict", "malformed", "failed"]
    lines, _ = reported([outcome(result) for result in results], capsys)
    assert [(line["level"], line["message"]) for line in lines] == [
        ("INFO", "payment accepted"),
        ("INFO", "payment rejected"),
        ("INFO", "payment duplicate"),
        ("WARNING", "payment conflict"),
        ("WARNING", "payment malformed"),
        ("WARNING", "payment failed"),
    ]


def test_metrics_count_each_result_once_and_measure_processed_messages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, emf = reported([outcome(), outcome(), outcome("conflict"), outcome("failed")], capsys)
    counts = {name: values for name, values in emf.items() if name.startswith("Payments")}
    assert counts == {
        "PaymentsAccepted": [2.0],
        "PaymentsRejected": [0.0],
        "PaymentsDuplicate": [0.0],
        "PaymentsConflict": [1.0],
        "PaymentsMalformed": [0.0],
        "PaymentsFailed": [1.0],
        "PaymentsNearDuplicate": [0.0],
    }
    assert len(emf["PaymentLatency"]) == 2
    (directive,) = emf["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Payments"
    assert {metric["Name"] for metric in directive["Metrics"]} == {
        *counts,
        "PaymentLatency",
        "FailedPaymentAge",
    }


def test_an_empty_batch_still_counts(capsys: pytest.CaptureFixture[str]) -> None:
    lines, emf = reported([], capsys)
    assert lines == []
    assert emf["PaymentsAccepted"] == [0.0]


def test_what_an_earlier_delivery_reported_is_not_counted_again(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Result] = ["conflict", "malformed"]
    repeats = [outcome(result, repeated=True) for result in results for _ in range(4)]
    _, emf = reported([*map(outcome, results), *repeats], capsys)
    assert (emf["PaymentsConflict"], emf["PaymentsMalformed"]) == ([1.0], [1.0])


def test_near_duplicates_are_counted_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    payment = {**decide(request(), LIMITS, "2026-01-31T09:30:01.000Z"), "nearDuplicateOf": "payment-0000"}
    lines, emf = reported([outcome(payment=payment), outcome()], capsys)
    assert emf["PaymentsNearDuplicate"] == [1.0]
    assert [line.get("nearDuplicateOf") for line in lines] == ["payment-0000", None]


def test_the_age_of_what_will_be_tried_again_is_measured_and_of_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, emf = reported([outcome("conflict"), outcome("malformed"), outcome()], capsys)
    assert "FailedPaymentAge" not in emf
    _, emf = reported([outcome("failed")], capsys)
    assert emf["FailedPaymentAge"][0] > 50 * 365 * 86_400
