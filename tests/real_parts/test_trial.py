"""Nothing is lost, doubled or changed, whatever happens to workers, requests and answers."""

from pathlib import Path
from typing import Any

import pytest

from functions.payment_processor.payments import decide
from operations.payments.record import PaymentRecord
from tests.functions.payment_processor.builders import request
from tests.real_parts.parts import PartsUnavailableError, fetch, running
from tests.real_parts.trial import run, violations

SECONDS = 12.0


def test_payments_survive_kills_and_faults_on_real_parts(tmp_path: Path) -> None:
    try:
        with running(fetch(), tmp_path) as parts:
            report = run(parts, tmp_path, seconds=SECONDS, seed=1)
    except PartsUnavailableError as reason:
        pytest.skip(f"DynamoDB Local and ElasticMQ cannot run here: {reason}")
    assert report.violations == []
    assert report.payments >= 5, "a busy machine sends few; none would show nothing"
    assert report.notifications >= report.payments
    if report.messages >= 200:  # on a busy machine there were too few rounds to expect any
        assert report.kills >= 1
        assert sum(report.faults.values()) >= 1


def test_the_check_sees_what_is_lost_or_wrong() -> None:
    payment = decide(request(), {"EUR": 10_000}, "2026-01-31T09:30:01.000Z")
    record = PaymentRecord(payment=payment, trail=())
    sent: dict[str, list[Any]] = {"payment-0001": [request(amount=9)], "payment-0002": [request()]}
    found = "\n".join(violations(sent, {"payment-0001": record, "payment-0003": record}, []))
    for problem in (
        "payment-0002 was lost",
        "payment-0003 is stored, and nobody sent it",
        "payment-0001 is stored with content that nobody sent",
        "payment-0001 has the trail []",
        "payment-0001 has 0 different notifications",
        "payment-0001 met other content, and no entry says so",
    ):
        assert problem in found
