"""A fault at any AWS call, before or after it took effect, loses and repeats nothing: on boto3 and moto."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from functions.payment_processor import clients
from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Worker

from .builders import ENVIRONMENT, Context, batch, request
from .conftest import Backend, session
from .fakes import InlineExecutor

LIMITS = {"EUR": 1_000_000}
CALLS = ["TransactWriteItems", "PublishBatch", "TransactWriteItems"]
"""What AWS is asked for one payment, in this order."""


class Killed(BaseException):
    """The process is gone."""


def answer(status: int, body: object, content_type: str = "application/x-amz-json-1.0") -> AWSResponse:
    """An HTTP response that AWS did not send."""

    class Raw:
        def __init__(self, text: str) -> None:
            self._text = text.encode()

        def stream(self, **_: object) -> list[bytes]:
            return [self._text]

    text = body if isinstance(body, str) else json.dumps(body)
    return AWSResponse("https://aws", status, {"Content-Type": content_type}, Raw(text))


def error_of(operation: str, code: str, status: int = 400) -> AWSResponse:
    if operation == "PublishBatch":
        xml = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message/></Error></ErrorResponse>"
        )
        return answer(status, xml, "text/xml")
    return answer(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code})


def conflict_of(operation: str) -> AWSResponse:
    reasons = [{"Code": "TransactionConflict", "Message": "busy"}, {"Code": "None"}]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    return answer(400, {"__type": kind, "message": "cancelled", "CancellationReasons": reasons})


def refusal_of(operation: str) -> AWSResponse:
    entry = "<Id>0</Id><Code>InternalError</Code><SenderFault>false</SenderFault>"
    result = f"<Successful/><Failed><member>{entry}</member></Failed>"
    xml = f"<PublishBatchResponse><PublishBatchResult>{result}</PublishBatchResult></PublishBatchResponse>"
    return answer(200, xml, "text/xml")


def raising(error: BaseException) -> Callable[[str], AWSResponse]:
    def fail(operation: str) -> AWSResponse:
        raise error

    return fail


BEFORE: dict[str, Callable[[str], AWSResponse]] = {
    "throttled": lambda operation: error_of(operation, "ThrottlingException"),
    "broken": lambda operation: error_of(operation, "InternalServerError", 500),
    "denied": lambda operation: error_of(operation, "AccessDeniedException"),
    "unreachable": raising(ConnectTimeoutError(endpoint_url="https://aws")),
    "killed": raising(Killed()),
}
AFTER: dict[str, Callable[[str], AWSResponse]] = {
    "lost": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "killed": raising(Killed()),
}
FAULTS = [
    *((at, "before", name, fault) for at in range(3) for name, fault in BEFORE.items()),
    *((at, "after", name, fault) for at in range(3) for name, fault in AFTER.items()),
    (0, "before", "conflict", conflict_of),
    (2, "before", "conflict", conflict_of),
    (1, "before", "refused", refusal_of),
]


class Faulty:
    """Lets the ``at``-th request of two clients fail, once, and notes all requests.

    botocore calls all of its before-send handlers, of which moto's takes effect: one before it can send the
    request astray, one after it can lose the response.
    """

    def __init__(self, backend: Backend, at: int, moment: str, fault: Callable[[str], AWSResponse]) -> None:
        self.at, self.moment, self.fault = at, moment, fault
        self.requests, self.killed = list[str](), False
        for client, operation in ((backend.dynamodb, "TransactWriteItems"), (backend.sns, "PublishBatch")):
            client.meta.events.register_first(f"before-send.*.{operation}", self._before)
            client.meta.events.register_last("before-send", self._after)  # moto's is registered like this

    def _before(self, request: Any, event_name: str, **_: object) -> AWSResponse | None:
        if self.killed:
            raise Killed
        self.requests.append(event_name.rpartition(".")[2])
        if self.moment == "before" and self._is_due():
            request.url = "https://nowhere.invalid/"
            return self._strike()
        return None

    def _after(self, **_: object) -> None:
        if self.moment == "after" and self._is_due():
            self._strike()

    def _is_due(self) -> bool:
        return len(self.requests) - 1 == self.at

    def _strike(self) -> AWSResponse:
        try:
            return self.fault(self.requests[-1])
        except Killed:
            self.killed = True
            raise

    def mend(self) -> None:
        self.at, self.killed = -2, False


@pytest.fixture
def handler(handler_module: ModuleType, moto_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The handler on moto, in one thread."""
    ledger = Ledger(moto_backend.dynamodb, ENVIRONMENT["TABLE_NAME"], pause=lambda _: None)
    notifier = Notifier(moto_backend.sns, ENVIRONMENT["TOPIC_ARN"])
    monkeypatch.setattr(handler_module, "_worker", Worker(ledger, notifier, LIMITS, InlineExecutor()))
    return handler_module


def deliver(handler: ModuleType) -> bool:
    """Deliver the payment once: whether it was acknowledged."""
    try:
        answered = handler.handler(batch(request()), Context())
    except (handler.ProcessingError, Killed):
        return False
    assert isinstance(answered, dict)
    return not answered["batchItemFailures"]


def trail(backend: Backend) -> list[str]:
    return [item["event"]["S"] for _, item in sorted(backend.items().items()) if "event" in item]


@pytest.mark.parametrize(
    ("at", "moment", "name", "fault"), FAULTS, ids=lambda value: value if isinstance(value, str) else None
)
def test_a_payment_survives_one_fault(
    handler: ModuleType,
    moto_backend: Backend,
    at: int,
    moment: str,
    name: str,
    fault: Callable[[str], AWSResponse],
) -> None:
    faulty = Faulty(moto_backend, at, moment, fault)
    acknowledged = deliver(handler)
    assert acknowledged is (name == "conflict"), "only a conflict is overcome without another delivery"
    assert faulty.requests[: at + 1] == CALLS[: at + 1]
    if acknowledged:
        assert trail(moto_backend) == ["ACCEPTED", "NOTIFIED"]
        assert len(moto_backend.messages()) == 1
    faulty.mend()
    assert deliver(handler)
    assert trail(moto_backend) == ["ACCEPTED", "NOTIFIED"]
    published_but_unmarked = (at, moment) == (1, "after") or (
        (at, moment) == (2, "before") and name != "conflict"
    )
    messages = moto_backend.messages()
    assert len(messages) == (2 if published_but_unmarked else 1), (
        "published again only if the ledger can't tell"
    )
    assert messages[0] == messages[-1]
    before = moto_backend.items()
    assert deliver(handler), "and once more, as SQS may"
    assert (moto_backend.items(), moto_backend.messages()) == (before, messages)


PASSING = [(at, "before", name) for at in range(3) for name in ("throttled", "broken", "unreachable")]
PASSING += [(at, "after", "lost") for at in range(3)]


@pytest.mark.parametrize(("at", "moment", "name"), PASSING)
def test_the_clients_of_the_function_overcome_a_passing_fault_by_themselves(
    handler_module: ModuleType,
    moto_backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    moment: str,
    name: str,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    dynamodb, sns = (session().client(service, config=clients.CALLS) for service in ("dynamodb", "sns"))
    backend = replace(moto_backend, dynamodb=dynamodb, sns=sns)
    faulty = Faulty(backend, at, moment, {**BEFORE, **AFTER}[name])
    ledger = Ledger(dynamodb, ENVIRONMENT["TABLE_NAME"])
    worker = Worker(ledger, Notifier(sns, ENVIRONMENT["TOPIC_ARN"]), LIMITS, InlineExecutor())
    monkeypatch.setattr(handler_module, "_worker", worker)
    assert deliver(handler_module)
    assert len(faulty.requests) == 4, "one of them twice"
    assert trail(moto_backend) == ["ACCEPTED", "NOTIFIED"]
