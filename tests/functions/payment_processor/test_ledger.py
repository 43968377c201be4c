"""A payment and its audit entry are written together, once, in order, and never changed."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from functions import payment_processor
from functions.payment_processor.ledger import (
    PAUSES,
    RACES,
    Ledger,
    LedgerBusyError,
    _attributes,
    account_key,
    payment_from_item,
)
from functions.payment_processor.payments import (
    AuditEntry,
    Event,
    Payment,
    chain_start,
    content_digest,
    decide,
)

from .builders import ENVIRONMENT, request
from .conftest import Backend
from .fakes import FakeTable, cancelled, error

LIMITS = {"EUR": 10_000}
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
        "senderId": "AIDAIENQZJOLO23YVJ4VO",
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
    stored = ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == stored
    assert stored == {**new, "chainHead": stored["chainHead"]}
    assert events(backend) == [("AUDIT#000001", "ACCEPTED")]


def test_a_payment_that_is_there_is_returned_and_left_as_it_is(backend: Backend) -> None:
    second = payment(amount=9)
    first = ledger(backend.dynamodb).record(payment(), entry("ACCEPTED", payment()))
    before = backend.items()
    assert ledger(backend.dynamodb).record(second, entry("ACCEPTED", second)) == first
    assert backend.items() == before


def test_notifying_moves_the_state_and_changes_nothing_that_was_accepted(backend: Backend) -> None:
    new = payment()
    new = ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))
    after, added = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new, at="2026-01-31T09:30:03.000Z"))
    assert added
    moved = {"state": "NOTIFIED", "entries": 2, "notifiedAt": "2026-01-31T09:30:03.000Z"}
    assert after == {**new, **moved, "chainHead": after["chainHead"]}
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == after
    assert events(backend) == [("AUDIT#000001", "ACCEPTED"), ("AUDIT#000002", "NOTIFIED")]


def test_notifying_again_writes_nothing(backend: Backend) -> None:
    new = payment()
    new = ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))
    after, _ = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    before = backend.items()
    assert ledger(backend.dynamodb).append(after, entry("NOTIFIED", new)) == (after, False)
    stale = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    assert stale == (after, False), "as of a stale reading too"
    assert backend.items() == before


def test_an_entry_appended_to_a_stale_payment_takes_the_next_number(backend: Backend) -> None:
    new = payment()
    new = ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))
    ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    other = entry("CONFLICT", payment(amount=8), differs=["amount"], messageId="message-2")
    ledger(backend.dynamodb).append(new, other)
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
    new = ledger(backend.dynamodb).record(new, first)
    ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    assert len(backend.items()) == 5
    for item in backend.items().values():
        plain = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
        schema.validate(json.loads(json.dumps(plain, default=int)))


def test_a_payment_read_back_equals_the_one_written(backend: Backend) -> None:
    new = payment(reference='Ünï "quoted" \u0000\n💶', metadata={" ": "", "S": "M", "ключ": "значение"})
    new = ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))
    assert payment_from_item(backend.items()[PAYMENT_KEY]) == new


def _raise(failure: ClientError) -> None:
    raise failure


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_cancelled_transaction_is_no_duplicate_and_is_tried_again(code: str) -> None:
    table, failures, pauses = FakeTable(), [cancelled(code, "None"), cancelled("None", code)], list[float]()
    client = table.client(lambda operation, effect: _raise(failures.pop()) if failures else effect())
    new = payment()
    assert ledger(client, pause=pauses.append).record(new, entry("ACCEPTED", new))["entries"] == 1
    assert pauses == list(PAUSES)
    assert len(dict(table.items())) == 2


@pytest.mark.parametrize(
    "failure", [cancelled("TransactionConflict", "None"), error("ThrottlingException", "TransactWriteItems")]
)
def test_a_lasting_failure_is_raised_as_it_is(failure: ClientError) -> None:
    client = FakeTable().client(lambda operation, effect: _raise(failure))
    with pytest.raises(ClientError) as raised:
        ledger(client, pause=lambda _: None).record(payment(), entry("ACCEPTED", payment()))
    assert raised.value is failure


def test_a_payment_that_stays_busy_is_left_to_a_retry() -> None:
    table = FakeTable()
    new = payment()
    new = ledger(table.client()).record(new, entry("ACCEPTED", new))
    numbers = count(2)

    def interfere(operation: str, effect: Any) -> Any:
        """Another worker appends just before each of our writes."""
        stored = payment_from_item(dict(table.items())[PAYMENT_KEY])
        other = entry("CONFLICT", payment(amount=9), messageId=f"message-{next(numbers)}")
        ledger(table.client()).append(stored, other)
        return effect()

    with pytest.raises(LedgerBusyError):
        ledger(table.client(interfere)).append(new, entry("NOTIFIED", new))
    assert payment_from_item(dict(table.items())[PAYMENT_KEY])["entries"] == 1 + RACES


def test_each_entry_holds_the_digest_of_the_one_before_and_the_payment_that_of_the_last(
    backend: Backend,
) -> None:
    new = ledger(backend.dynamodb).record(payment(), entry("ACCEPTED", payment()))
    new, _ = ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    after, _ = ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    trail: list[Any] = [
        payment_from_item(backend.items()[PAYMENT_KEY[0], f"AUDIT#{number:06}"]) for number in (1, 2, 3)
    ]
    heads = [chain_start(after), *map(content_digest, trail)]
    assert [each["previousDigest"] for each in trail] == heads[:3]
    assert after["chainHead"] == heads[3]


def test_a_conflict_is_recorded_once_per_message(backend: Backend) -> None:
    new = ledger(backend.dynamodb).record(payment(), entry("ACCEPTED", payment()))
    conflict = entry("CONFLICT", payment(amount=9), differs=["amount"])
    after, added = ledger(backend.dynamodb).append(new, conflict)
    assert added
    for stale in (new, after):
        assert ledger(backend.dynamodb).append(stale, conflict) == (after, False)
    assert [event for _, event in events(backend)] == ["ACCEPTED", "CONFLICT"]
    _, added = ledger(backend.dynamodb).append(after, {**conflict, "messageId": "message-2"})
    assert added


def similar(backend: Backend, name: str, at: str, **changes: Any) -> str | None:
    """What a payment of that time is a near-duplicate of."""
    new = decide(request(paymentId=name, **changes), LIMITS, at)
    opened = ledger(backend.dynamodb, near_duplicate_seconds=60).record(new, entry(new["decision"], new))
    assert payment_from_item(backend.items()[f"PAYMENT#{name}", "PAYMENT"]) == opened
    return opened["nearDuplicateOf"]


def test_a_near_duplicate_names_the_latest_similar_payment_within_the_window(backend: Backend) -> None:
    assert similar(backend, "payment-0001", "2026-01-31T09:30:00.000Z") is None
    assert similar(backend, "payment-0002", "2026-01-31T09:30:59.999Z") == "payment-0001"
    assert similar(backend, "payment-0003", "2026-01-31T09:31:59.000Z") == "payment-0002"
    assert similar(backend, "payment-0004", "2026-01-31T09:33:00.000Z") is None
    assert similar(backend, "payment-0004", "2026-01-31T09:33:00.000Z") is None, "a repeat is none of itself"


@pytest.mark.parametrize(
    "changes", [{"amount": 1235}, {"currency": "JPY"}, {"debtor": "x"}, {"creditor": "x"}, {"amount": 10_001}]
)
def test_other_amounts_currencies_accounts_and_rejections_are_no_near_duplicates(
    backend: Backend, changes: dict[str, Any]
) -> None:
    similar(backend, "payment-0001", "2026-01-31T09:30:00.000Z")
    assert similar(backend, "payment-0002", "2026-01-31T09:30:01.000Z", **changes) is None


def test_accounts_that_are_spelled_in_another_normal_form_are_similar(backend: Backend) -> None:
    similar(backend, "payment-0001", "2026-01-31T09:30:00.000Z", debtor="\u00e4rzte")
    assert (
        similar(backend, "payment-0002", "2026-01-31T09:30:01.000Z", debtor="a\u0308rzte") == "payment-0001"
    )


def test_without_a_window_nothing_is_looked_for(backend: Backend) -> None:
    for name in ("payment-0001", "payment-0002"):
        new = payment(paymentId=name)
        assert ledger(backend.dynamodb).record(new, entry("ACCEPTED", new))["nearDuplicateOf"] is None
    assert {key[0] for key in backend.items()} == {"PAYMENT#payment-0001", "PAYMENT#payment-0002"}


def test_a_payment_expires_with_its_trail_if_and_only_if_a_retention_is_set(backend: Backend) -> None:
    new = ledger(backend.dynamodb, retention_days=10).record(payment(), entry("ACCEPTED", payment()))
    new, _ = ledger(backend.dynamodb).append(new, entry("CONFLICT", payment(amount=9), differs=["amount"]))
    expiry = {item["expiresAt"]["N"] for item in backend.items().values()}
    assert expiry == {"1770715801"}  # 2026-02-10T09:30:01Z
    other = payment(paymentId="payment-0002")
    ledger(backend.dynamodb).record(other, entry("ACCEPTED", other))
    assert not [k for k, item in backend.items().items() if k[0].endswith("0002") and "expiresAt" in item]


def test_the_index_finds_payments_by_day_and_state_and_no_audit_entries(backend: Backend) -> None:
    new = ledger(backend.dynamodb).record(payment(), entry("ACCEPTED", payment()))
    keys = {"indexDay", "indexState"}
    assert [key[1] for key, item in backend.items().items() if keys & item.keys()] == ["PAYMENT"]
    day = f"2026-01-31#{new['contentDigest'][0]}"
    assert backend.items()[PAYMENT_KEY]["indexDay"] == {"S": day}
    assert backend.items()[PAYMENT_KEY]["indexState"] == {"S": "RECORDED#2026-01-31T09:30:01.000Z"}
    ledger(backend.dynamodb).append(new, entry("NOTIFIED", new))
    assert backend.items()[PAYMENT_KEY]["indexDay"] == {"S": day}
    assert backend.items()[PAYMENT_KEY]["indexState"] == {"S": "NOTIFIED#2026-01-31T09:30:01.000Z"}


def test_an_item_of_version_1_is_continued(backend: Backend) -> None:
    old = {
        name: value
        for name, value in payment().items()
        if name not in ("itemVersion", "nearDuplicateOf", "chainHead")
    }
    item = _attributes({"pk": PAYMENT_KEY[0], "sk": "PAYMENT", **old})
    backend.dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": ENVIRONMENT["TABLE_NAME"], "Item": item}}]
    )
    stored = ledger(backend.dynamodb).record(payment(), entry("ACCEPTED", payment()))
    assert stored == old
    after, added = ledger(backend.dynamodb).append(stored, entry("NOTIFIED", stored))
    assert added
    assert (after["state"], len(after["chainHead"])) == ("NOTIFIED", 64)


class KeyTable:
    """A table with a conditional put, as DynamoDB answers it."""

    def __init__(self) -> None:
        self.item: dict[str, Any] | None = None
        self.puts = 0

    def put_item(self, **call: Any) -> dict[str, Any]:
        self.puts += 1
        assert call["ConditionExpression"] == "attribute_not_exists(pk)"
        assert call["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
        if self.item is not None:
            raise error("ConditionalCheckFailedException", "PutItem", Item=self.item)
        self.item = call["Item"]
        return {}


def test_the_first_function_creates_the_account_key_and_the_others_get_the_same() -> None:
    table = KeyTable()
    keys = {account_key(table, "keys") for _ in range(3)}
    assert len(keys) == 1
    assert {len(key) for key in keys} == {32}
    assert table.puts == 3


def test_keys_of_two_tables_differ() -> None:
    assert account_key(KeyTable(), "keys") != account_key(KeyTable(), "keys")


def test_without_a_table_there_is_no_key_and_no_call() -> None:
    assert account_key(None, "") == b""


def test_a_function_that_cannot_get_the_key_does_not_start() -> None:
    class Denied:
        def put_item(self, **_: Any) -> None:
            raise error("AccessDeniedException", "PutItem")

    with pytest.raises(ClientError):
        account_key(Denied(), "keys")


def test_the_account_key_is_kept_by_dynamodb(moto_backend: Backend) -> None:
    keys = {"TableName": "keys", "BillingMode": "PAY_PER_REQUEST"}
    moto_backend.dynamodb.create_table(
        **keys,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    first = account_key(moto_backend.dynamodb, "keys")
    assert account_key(moto_backend.dynamodb, "keys") == first
