"""Ten thousand events of anything at all: every one is answered, and nothing private reaches the logs."""

import io
import json
import random
import re
import string
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger

from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Worker

from . import builders
from .builders import ENVIRONMENT, Context, record
from .fakes import FakeTable, FakeTopic, InlineExecutor

EVENTS = 10_000
SEED = 20260131
LIMITS = {"EUR": 1_000_000}
PRIVATE = "pRi.VaTe"
"""Is in every value and name that may be someone's. No paymentId, which is public, can hold its full stop."""


class Fuzzer:
    """Makes bodies: valid, nearly valid, JSON of any shape, and bytes of any kind."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 # repeatable, not secret

    def body(self) -> object:
        kinds: list[Callable[[], object]] = [
            self.valid,
            self.spoiled,
            self.spoiled,
            self.json,
            self.noise,
            self.cut,
        ]
        return self.random.choice(kinds)()

    def private(self) -> str:
        """A private value, in 30 characters or fewer."""
        tail = "".join(self.random.choices(string.ascii_letters + string.digits, k=self.random.randrange(20)))
        return f"{PRIVATE}{tail}"

    def valid(self) -> str:
        return json.dumps(self.request())

    def request(self) -> dict[str, Any]:
        fields = builders.request(
            paymentId=f"payment-{self.random.randrange(500):04}",
            amount=self.random.choice([1, 1234, 10**12]),
            currency=self.random.choice(["EUR", "USD"]),
            debtor=self.private(),
            creditor=self.private(),
            reference=self.private(),
            metadata={self.private(): self.private()},
        )
        assert isinstance(fields, dict)
        return fields

    def spoiled(self) -> str:
        return json.dumps(self.spoiled_request())

    def spoiled_request(self) -> dict[str, Any]:
        fields = self.request()
        for name in self.random.sample(list(fields), k=self.random.randrange(1, 4)):
            fields[name] = self.value(2)
        if self.random.random() < 0.3:
            fields[self.private()] = self.value(1)
        if self.random.random() < 0.3:
            fields.pop(self.random.choice(list(fields)))
        return fields

    def json(self) -> str:
        return json.dumps(self.value(4))

    def cut(self) -> str:
        text = self.valid()
        return text[: self.random.randrange(len(text))]

    def noise(self) -> object:
        raw = self.random.randbytes(self.random.randrange(200)) + PRIVATE.encode()
        return self.random.choice(
            [raw.decode("latin-1"), raw.decode("utf-8", "surrogateescape"), raw, None, 7]
        )

    def value(self, depth: int) -> Any:
        kinds: list[Callable[[], Any]] = [
            self.private,
            self.number,
            self.text,
            lambda: None,
            lambda: self.random.random() < 0.5,
        ]
        if depth:
            some = range(self.random.randrange(4))
            kinds += [
                lambda: [self.value(depth - 1) for _ in some],
                lambda: {self.private(): self.value(depth - 1) for _ in some},
            ]
        return self.random.choice(kinds)()

    def number(self) -> float:
        return self.random.choice(
            [0, -1, 10**30, 1.5, 1e300, float("nan"), float("-inf"), self.random.getrandbits(64)]
        )

    def text(self) -> str:
        points = [self.random.choice([0, 10, 32, 127, 0xD800, 0xDFFF, 0xFFFF, 0x1F4B6]) for _ in range(3)]
        return PRIVATE + "".join(map(chr, points))


@pytest.fixture
def table(handler_module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    """The handler's, which runs in one thread here."""
    table = FakeTable()
    ledger = Ledger(table.client(), ENVIRONMENT["TABLE_NAME"])
    worker = Worker(ledger, Notifier(FakeTopic(), ENVIRONMENT["TOPIC_ARN"]), LIMITS, InlineExecutor())
    monkeypatch.setattr(handler_module, "_worker", worker)
    return table


@pytest.fixture
def logged(
    request: pytest.FixtureRequest,
    handler_module: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[], str]:
    """All that the function has written since this was last called."""
    stream = io.StringIO()
    monkeypatch.setattr(
        handler_module, "_logger", Logger(service=request.node.name, level="DEBUG", stream=stream)
    )

    def read() -> str:
        text = stream.getvalue() + capsys.readouterr().out
        stream.seek(0)
        stream.truncate()
        return text

    return read


def test_ten_thousand_events_are_answered_and_nothing_private_is_logged(
    handler_module: ModuleType, table: FakeTable, logged: Callable[[], str]
) -> None:
    fuzzer, results = Fuzzer(SEED), Counter[str]()
    for number in range(EVENTS):
        changed = record("", f"message-{number}") | {"body": fuzzer.body()}
        answer = handler_module.handler({"Records": [changed]}, Context())
        assert answer["batchItemFailures"] in ([], [{"itemIdentifier": f"message-{number}"}])
        if number % 1000 == 999:  # in portions, which are quick to search
            text = logged()
            assert PRIVATE not in text
            results.update(re.findall(r'"result":"(\w+)"', text))
    assert sum(results.values()) == EVENTS
    assert min(results[name] for name in ("accepted", "rejected", "conflict", "malformed")) > 100, (
        "all is reached"
    )


def test_direct_invocations_of_anything_are_processed_or_refused_without_a_private_word(
    handler_module: ModuleType, table: FakeTable, logged: Callable[[], str]
) -> None:
    fuzzer, refused = Fuzzer(SEED + 1), list[str]()
    for _ in range(1000):
        kinds: list[Callable[[], Any]] = [fuzzer.request, fuzzer.spoiled_request, lambda: fuzzer.value(3)]
        body = fuzzer.random.choice(kinds)()
        try:
            assert handler_module.handler(json.dumps(body, default=str), Context())["result"] in (
                "accepted",
                "rejected",
                "duplicate",
            )
        except (handler_module.UnreadableEventError, handler_module.ProcessingError) as refusal:
            refused.append(str(refusal))  # Lambda logs it, and the dead-letter queue keeps it
    assert 100 < len(refused) < 1000
    assert PRIVATE not in "".join(refused)
    text = logged()
    assert text.count('"result"') == 1000
    assert PRIVATE not in text


def test_events_of_any_shape_are_refused_by_name_or_answered(
    handler_module: ModuleType, table: FakeTable
) -> None:
    fuzzer = Fuzzer(SEED + 2)
    for _ in range(1000):
        records: Any = fuzzer.value(3)
        if fuzzer.random.random() < 0.8:
            part = fuzzer.random.choice(["messageId", "body", "attributes"])
            changed = record(fuzzer.valid()) | {part: fuzzer.value(2)}
            records = [record(fuzzer.valid()), changed]
        try:
            answer = handler_module.handler({"Records": records}, Context())
        except handler_module.UnreadableEventError:
            continue
        assert set(answer) == {"batchItemFailures"}
