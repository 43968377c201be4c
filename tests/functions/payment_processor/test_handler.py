"""Events in, answers out: partial batch responses, direct invocations, and loud refusal of anything else."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from functions import payment_processor
from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Message, Outcome, Worker

from .builders import ENVIRONMENT, Context, batch, event, record, request
from .fakes import FakeTable, FakeTopic, Gate, InlineExecutor, error, straight

LIMITS = {"EUR": 10_000}


@pytest.fixture
def table() -> FakeTable:
    return FakeTable()


@pytest.fixture
def handler(handler_module: ModuleType, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The handler, on fakes."""
    use(handler_module, table, monkeypatch)
    return handler_module


def use(module: ModuleType, table: FakeTable, monkeypatch: pytest.MonkeyPatch, gate: Gate = straight) -> None:
    ledger = Ledger(table.client(gate), ENVIRONMENT["TABLE_NAME"], pause=lambda _: None)
    notifier = Notifier(FakeTopic(gate), ENVIRONMENT["TOPIC_ARN"])
    monkeypatch.setattr(module, "_worker", Worker(ledger, notifier, LIMITS, InlineExecutor()))


def kept(answer: dict[str, Any]) -> set[str]:
    assert answer.keys() == {"batchItemFailures"}
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


def test_a_processed_batch_is_acknowledged_whole(handler: ModuleType) -> None:
    answer = handler.handler(batch(request(), request(paymentId="payment-0002", currency="USD")), Context())
    assert answer == {"batchItemFailures": []}


def test_exactly_the_messages_that_are_not_processed_are_kept(handler: ModuleType) -> None:
    mixed = batch(request(), "no json", request(amount=9), request(), request(paymentId="payment-0002"))
    assert kept(handler.handler(mixed, Context())) == {"message-1", "message-2"}


def test_a_batch_of_malformed_messages_is_answered_not_raised(handler: ModuleType) -> None:
    assert kept(handler.handler(batch("", "[]"), Context())) == {"message-0", "message-1"}


def test_a_batch_that_failed_whole_by_no_fault_of_its_own_raises(
    handler_module: ModuleType, table: FakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outage(operation: str, effect: Any) -> Any:
        raise error("InternalServerError", operation)

    use(handler_module, table, monkeypatch, outage)
    with pytest.raises(handler_module.ProcessingError, match=r"^InternalServerError$"):
        handler_module.handler(batch(request(), request(paymentId="payment-0002")), Context())
    assert kept(handler_module.handler(batch(request(), "no json"), Context())) == {"message-0", "message-1"}


def test_an_empty_batch_is_acknowledged(handler: ModuleType) -> None:
    assert handler.handler(event(), Context()) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("unreadable", "problem"),
    [
        ({"Records": None}, "each with a messageId"),
        ({"Records": {"0": record(request())}}, "each with a messageId"),
        ({"Records": [None]}, "each with a messageId"),
        ({"Records": [record(request()), {"Sns": {"Message": "{}"}}]}, "each with a messageId"),
        ({"Records": [record(request(), messageId=7)]}, "each with a messageId"),
        ({"Records": [record(request(), messageId="")]}, "each with a messageId"),
        ({}, "invoke directly with the request's JSON text"),
        ({"source": "aws.events", "detail": {}}, "invoke directly with the request's JSON text"),
        (None, "invoke directly with the request's JSON text"),
        ([request()], "invoke directly with the request's JSON text"),
        (request(), "invoke directly with the request's JSON text"),
        ("payment", "the body must be JSON text"),
        ("{}", "paymentId is missing"),
        (json.dumps(request()).replace("1234", "0.99999999999999999999"), "amount must be an integer"),
        (json.dumps(request()).replace('"amount"', '"amount": 9, "amount"'), "without repeated names"),
        ('{"amount": 1e999, "paymentId": "payment-0001"}', "amount must be an integer"),
    ],
)
def test_an_unreadable_event_fails_as_a_whole(
    handler: ModuleType, table: FakeTable, unreadable: object, problem: str
) -> None:
    with pytest.raises(handler.UnreadableEventError, match=problem):
        handler.handler(unreadable, Context())
    assert dict(table.items()) == {}


def test_a_direct_invocation_is_processed_and_answered(handler: ModuleType, table: FakeTable) -> None:
    text = json.dumps(request())
    assert handler.handler(text, Context()) == {"paymentId": "payment-0001", "result": "accepted"}
    assert handler.handler(text, Context()) == {"paymentId": "payment-0001", "result": "duplicate"}
    assert dict(table.items())["PAYMENT#payment-0001", "AUDIT#000001"]["messageId"] == {"S": "request-1"}


def test_a_direct_conflict_raises_so_that_lambda_keeps_it(handler: ModuleType) -> None:
    handler.handler(json.dumps(request()), Context())
    with pytest.raises(handler.ProcessingError, match=r"^payment-0001: conflict$"):
        handler.handler(json.dumps(request(amount=9)), Context())


def test_a_direct_request_out_of_time_raises(handler: ModuleType) -> None:
    with pytest.raises(handler.ProcessingError, match=r"^payment-0001: failed OutOfTime$"):
        handler.handler(json.dumps(request()), Context(milliseconds=900))


def test_time_is_reserved_for_the_answer(handler: ModuleType) -> None:
    with pytest.raises(handler.ProcessingError, match="OutOfTime"):
        handler.handler(batch(request()), Context(milliseconds=int(handler.RESERVE * 1000)))


@pytest.mark.parametrize(
    "attributes", [None, {}, {"SentTimestamp": "soon", "ApproximateReceiveCount": "-1"}, "x"]
)
def test_attributes_that_are_not_there_are_done_without(handler: ModuleType, attributes: object) -> None:
    (message,) = handler.read_batch(event(record(request(), attributes=attributes)), "request-1")
    assert (message.deliveries, message.sent_at) == (1, None)


def test_a_record_is_read_with_its_deliveries_and_its_age(handler: ModuleType) -> None:
    (message,) = handler.read_batch(event(record("{}")), "request-1")
    assert message == Message(
        body="{}",
        message_id="message-1",
        request_id="request-1",
        deliveries=1,
        sent_at=1769851800.0,
        sender_id="AIDAIENQZJOLO23YVJ4VO",
    )


SYNTHETIC = request(paymentId="verification:0a1b2c3d4e5f:accepted")
VERIFICATION = ENVIRONMENT["VERIFICATION_QUEUE_ARN"]


def test_a_synthetic_payment_is_taken_from_the_verification_queue_alone(
    handler: ModuleType, table: FakeTable
) -> None:
    assert kept(handler.handler(batch(SYNTHETIC), Context())) == {"message-0"}
    with pytest.raises(handler.UnreadableEventError, match="paymentId must be 8 to 64"):
        handler.handler(json.dumps(SYNTHETIC), Context())
    assert dict(table.items()) == {}
    synthetic = event(record(SYNTHETIC, eventSourceARN=VERIFICATION))
    assert kept(handler.handler(synthetic, Context())) == set()
    assert ("PAYMENT#verification:0a1b2c3d4e5f:accepted", "PAYMENT") in dict(table.items())


@pytest.mark.parametrize(
    "name", ["payment-0001", "verify-0001", "verification:XYZ:accepted", "verification:"]
)
def test_nothing_but_a_synthetic_payment_is_taken_from_the_verification_queue(
    handler: ModuleType, table: FakeTable, name: str
) -> None:
    smuggled = event(record(request(paymentId=name), eventSourceARN=VERIFICATION))
    assert kept(handler.handler(smuggled, Context())) == {"message-1"}
    assert dict(table.items()) == {}


def test_a_partial_failure_names_each_kept_message_once(handler: ModuleType) -> None:
    message = Message(body="", message_id="a", request_id="r")
    outcomes = [Outcome(message=message, result="conflict"), Outcome(message=message, result="accepted")]
    assert handler.answer_batch(outcomes) == {"batchItemFailures": [{"itemIdentifier": "a"}]}


FUNCTIONS = str(Path(payment_processor.__path__[0]).parent)


def imported(environment: dict[str, str], code: str = "") -> subprocess.CompletedProcess[str]:
    """Import the handler in a process of its own, then run some code there."""
    command = [sys.executable, "-c", f"import payment_processor.handler; {code}"]
    environment = environment | {"PYTHONPATH": FUNCTIONS}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 # ours


def test_a_cold_start_imports_nothing_that_is_slow_and_unused() -> None:
    # Each of these costs a third of a cold start or more: see benchmarks/functions/bench_import.py.
    loaded = imported(ENVIRONMENT, "import sys; print(*sys.modules)").stdout.split()
    heavy = "pydantic|jsonschema|aws_xray_sdk|requests|aiohttp|aws_lambda_powertools[.]utilities[.](?!jmes)"
    assert "payment_processor.handler" in loaded
    assert not {name for name in loaded if re.match(heavy, name)}


def test_a_wrong_environment_is_refused_at_import() -> None:
    run = imported(ENVIRONMENT | {"MAXIMUM_AMOUNTS": "lots", "LOG_LEVEL": ""})
    assert run.returncode != 0
    assert "MAXIMUM_AMOUNTS must be" in run.stderr
    assert "LOG_LEVEL must be" in run.stderr


def code_lines(source: str) -> int:
    """Lines that are neither blank, comment nor docstring."""
    documented = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(source.splitlines(), 1)
    return sum(
        bool(text.strip()) and not text.lstrip().startswith("#") and number not in documented
        for number, text in lines
    )


def test_all_of_the_function_is_read_in_one_sitting() -> None:
    folder = Path(payment_processor.__path__[0])
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    assert sum(map(code_lines, sources)) < 640
    assert sum(len(source.splitlines()) for source in sources) < 900
