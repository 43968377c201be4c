from datetime import UTC, datetime

import pytest

from functions.payment_processor.contract import Malformed, parse
from functions.payment_processor.payments import decide
from operations.verification.probes import RESERVED, Kind, Probe, payment_ids, probes, run_of
from sandbox.payments import Kind as OtherKind
from sandbox.payments import payment

RUN = "0a1b2c3d4e5f"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LIMITS = {"EUR": 1}


def probe(kind: Kind) -> Probe:
    return next(each for each in probes(RUN, NOW) if each.kind is kind)


def test_there_is_a_probe_for_each_way_that_a_request_may_take() -> None:
    assert [each.kind for each in probes(RUN, NOW)] == ["accepted", "duplicate", "rejected", "poison"]


def test_two_verifications_share_no_payment() -> None:
    one, other = ({each.payment_id for each in probes(run, NOW)} for run in (RUN, "ffffffffffff"))
    assert not one & other


@pytest.mark.parametrize("kind", Kind)
def test_every_id_is_in_the_reserved_range(kind: Kind) -> None:
    assert probe(kind).payment_id.startswith(RESERVED)
    assert {run_of(body) for body in probe(kind).bodies} == {RUN}
    assert probe(kind).payment_id in set(payment_ids(RUN))


@pytest.mark.parametrize(
    ("kind", "decision"),
    [(Kind.ACCEPTED, "ACCEPTED"), (Kind.DUPLICATE, "ACCEPTED"), (Kind.REJECTED, "REJECTED")],
)
def test_the_functions_own_rules_decide_as_a_probe_expects(kind: Kind, decision: str) -> None:
    for body in probe(kind).bodies:
        request = parse(body, verification=True)
        assert not isinstance(request, Malformed), request
        assert request["paymentId"] == probe(kind).payment_id
        assert decide(request, LIMITS, "2026-01-31T12:00:00Z")["decision"] == decision


def test_a_duplicate_is_one_request_twice() -> None:
    first, second = probe(Kind.DUPLICATE).bodies
    assert first == second


def test_poison_breaks_the_contract() -> None:
    assert isinstance(parse(probe(Kind.POISON).bodies[0], verification=True), Malformed)


@pytest.mark.parametrize("kind", Kind)
def test_a_producer_can_send_no_probe_and_a_verifier_no_payment(kind: Kind) -> None:
    for body in probe(kind).bodies:
        found = parse(body)
        assert isinstance(found, Malformed)
        assert any(problem.startswith("paymentId must be") for problem in found.problems)
    for body in payment(OtherKind.ACCEPTED, "payment-0001").bodies:
        assert isinstance(parse(body, verification=True), Malformed)


@pytest.mark.parametrize("name", ["verify-0001", "verification", "verification-0001", "VERIFICATION_1"])
def test_an_id_that_only_looks_like_a_probes_is_a_producers(name: str) -> None:
    (body,) = payment(OtherKind.ACCEPTED, name).bodies
    assert run_of(body) is None
    assert not isinstance(parse(body), Malformed)


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", "null", '{"paymentId": 7}', '{"paymentId": "verify-1"}', "{}", "[" * 100_000],
)
def test_other_messages_are_not_reserved(body: str) -> None:
    assert run_of(body) is None
