"""A payment and its audit entry are written together, once, in order, and never changed."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from functions import payment_processor
from functions.payment_processor.ledger import PAUSES, RACES, Ledger, LedgerBusyError, payment_from_item
from functions.payment_processor.payments import AuditEntry, Event, Limits, Payment, decide

from .builders import ENVIRONMENT, request
from .conftest import Backend
from .fakes import FakeTable, cancelled, error

LIMITS = Limits(enabled_currencies=frozenset({"EUR"}), maximum_amount=10_000)
PAYMENT_KEY = ("PAYMENT#payment-0001", "PAYMENT")


def schema_of(name: str) -> Any:
    """A validator of one of the function's schemas, which refer to each other by file name."""
    folder = Path(payment_processor.__path__[0])
    schemas = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.schema.json")
    }
    resources = [(key, DRAFT202012.create_resource(schema)) for key, schema in schemas.items()]
    return jsonschema.Draft202012Validator(schemas[name], registry=Registry().with_resources(resources))


def payment(**changes: Any) -> Payment:
    return decide(request(**changes), LIMITS, "2026-01-31T09:30:01.000Z")


def entry(event: Event, about: Payment, at: str = "2026-01-31T09:30:02.000Z", **changes: Any) -> AuditEntry:
    fields: Any = {
        "event": event,
        "at": at,
        "messageId": "message-1",
        "requestId": "request-1",
        "contentDigest": about["contentDigest"],
        "reasons": [],
        "differs": [],
    } | changes
    return fields  # type: ignore[no-any-return] # an entry, but for what a test changes


def ledger(client: Any, **more: Any) -> Ledger:
    return Ledger(client, ENVIRONMENT["TABLE_NAME"], **more)


def events(backend: Backend) -> list[tuple[str, str]]:
    return [(key[1], item["event"]["S"]) for key, item in sorted(backend.items().items()) if "event" in item]


def test_a_new_payment_is_recorded_with_its_first_entry(backend: Backend) -> None:
    new = payment()
    assert ledger(backend.dynamodb).open(new, entry("ACCEPTED", new)) is None
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == new
    assert events(backend) == [("AUDIT#000001", "ACCEPTED")]


def test_a_payment_that_is_there_is_returned_and_left_as_it_is(backend: Backend) -> None:
    first, second = payment(), payment(amount=9)
    ledger(backend.dynamodb).open(first, entry("ACCEPTED", first))
    before = backend.items()
    assert ledger(backend.dynamodb).open(second, entry("ACCEPTED", second)) == first
    assert backend.items() == before


def test_notifying_moves_the_state_and_changes_nothing_that_was_accepted(backend: Backend) -> None:
    new = payment()
    ledger(backend.dynamodb).open(new, entry("ACCEPTED", new))
    after = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new, at="2026-01-31T09:30:03.000Z"))
    assert after == {**new, "state": "NOTIFIED", "entries": 2, "notifiedAt": "2026-01-31T09:30:03.000Z"}
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == after
    assert events(backend) == [("AUDIT#000001", "ACCEPTED"), ("AUDIT#000002", "NOTIFIED")]


def test_notifying_again_writes_nothing(backend: Backend) -> None:
    new = payment()
    ledger(backend.dynamodb).open(new, entry("ACCEPTED", new))
    after = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    before = backend.items()
    assert ledger(backend.dynamodb).append(after, entry("NOTIFIED", new)) == after
    assert ledger(backend.dynamodb).append(new, entry("NOTIFIED", new)) == after, "as of a stale reading too"
    assert backend.items() == before


def test_an_entry_appended_to_a_stale_payment_takes_the_next_number(backend: Backend) -> None:
    new = payment()
    ledger(backend.dynamodb).open(new, entry("ACCEPTED", new))
    ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=8), differs=["amount"]))
    assert [event for _, event in events(backend)] == ["ACCEPTED", "CONFLICT", "NOTIFIED", "CONFLICT"]
    stored = payment_from_item(backend.items()[PAYMENT_KEY])
    assert (stored["entries"], stored["state"], stored["amount"]) == (4, "NOTIFIED", 1234)


@pytest.mark.parametrize(
    "changes",
    [{}, {"reference": None, "metadata": None}, {"metadata": {}, "reference": ""}, {"amount": 10_001}],
)
def test_stored_items_keep_their_schema(backend: Backend, changes: dict[str, Any]) -> None:
    new, schema = payment(**changes), schema_of("stored_item.schema.json")
    first = entry(new["decision"], new, reasons=new["reasons"])
    ledger(backend.dynamodb).open(new, first)
    ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    assert len(backend.items()) == 4
    for item in backend.items().values():
        plain = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
        schema.validate(json.loads(json.dumps(plain, default=int)))


def test_a_payment_read_back_equals_the_one_written(backend: Backend) -> None:
    new = payment(reference='Ünï "quoted" \u0000\n💶', metadata={" ": "", "S": "M", "ключ": "значение"})
    ledger(backend.dynamodb).open(new, entry("ACCEPTED", new))
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == new


def _raise(failure: ClientError) -> None:
    raise failure


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_cancelled_transaction_is_no_duplicate_and_is_tried_again(code: str) -> None:
    table, failures, pauses = FakeTable(), [cancelled(code, "None"), cancelled("None", code)], list[float]()
    client = table.client(lambda operation, effect: _raise(failures.pop()) if failures else effect())
    new = payment()
    assert ledger(client, pause=pauses.append).open(new, entry("ACCEPTED", new)) is None
    assert pauses == list(PAUSES)
    assert len(dict(table.items())) == 2


@pytest.mark.parametrize(
    "failure", [cancelled("TransactionConflict", "None"), error("ThrottlingException", "TransactWriteItems")]
)
def test_a_lasting_failure_is_raised_as_it_is(failure: ClientError) -> None:
    client = FakeTable().client(lambda operation, effect: _raise(failure))
    with pytest.raises(ClientError) as raised:
        ledger(client, pause=lambda _: None).open(payment(), entry("ACCEPTED", payment()))
    assert raised.value is failure


def test_a_payment_that_stays_busy_is_left_to_a_retry() -> None:
    table = FakeTable()
    new = payment()
    ledger(table.client()).open(new, entry("ACCEPTED", new))

    def interfere(operation: str, effect: Any) -> Any:
        """Another worker appends just before each of our writes."""
        stored = payment_from_item(dict(table.items())[PAYMENT_KEY])
        ledger(table.client()).append(stored, entry("CONFLICT", payment(amount=9)))
        return effect()

    with pytest.raises(LedgerBusyError):
        ledger(table.client(interfere)).append(new, entry("NOTIFIED", new))
    assert payment_from_item(dict(table.items())[PAYMENT_KEY])["entries"] == 1 + RACES
