"""Reads an environment's ledger, as its operator."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from functions.payment_processor.ledger import payment_from_item
from functions.payment_processor.payments import Payment
from operations.engine.failure import OperationFailed
from operations.payments.record import Item, PaymentRecord, record_of

KEYS_A_CALL = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
INDEX = "by-day"
SHARDS = "0123456789abcdef"
"""Partitions of a day in the index (functions/payment_processor/ledger.py)."""


class LedgerBusy(OperationFailed):
    """DynamoDB kept putting keys off."""


@dataclass(frozen=True, kw_only=True)
class ListedPayment:
    """A payment as the index holds it: no account reference, and seconds behind the table."""

    payment_id: str
    day: str
    state: str
    decision: str
    currency: str
    amount: int
    recorded_at: str
    notified_at: str | None
    near_duplicate_of: str | None
    entries: int
    chain_head: str

    @property
    def is_synthetic(self) -> bool:
        """Whether a verification sent it."""
        return ":" in self.payment_id

    @classmethod
    def of(cls, item: Item) -> "ListedPayment":
        """From an item of the index, or of the table."""
        payment: Mapping[str, Any] = payment_from_item(dict(item))
        return cls(
            payment_id=payment["paymentId"],
            day=payment["recordedAt"][:10],
            state=payment["state"],
            decision=payment["decision"],
            currency=payment["currency"],
            amount=payment["amount"],
            recorded_at=payment["recordedAt"],
            notified_at=payment.get("notifiedAt"),
            near_duplicate_of=payment.get("nearDuplicateOf"),
            entries=payment["entries"],
            chain_head=payment.get("chainHead", ""),
        )


class LedgerReader:
    """Reads one table through a boto3 `client`. Reads of the table are consistent; botocore's errors pass."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client, self._table = client, table_name

    def record(self, payment_id: str) -> PaymentRecord | None:
        """Return a payment with its audit trail; None where the ledger has none of that id."""
        items: list[Item] = list(self._query({"pk": f"PAYMENT#{payment_id}"}))
        return record_of(sorted(items, key=lambda item: str(item["sk"]["S"])))

    def payments(self, payment_ids: Iterable[str]) -> dict[str, Payment]:
        """Return payments by their ids; those that the ledger does not have are left out.

        Raises LedgerBusy.
        """
        ids = sorted(set(payment_ids))
        found: dict[str, Payment] = {}
        for start in range(0, len(ids), KEYS_A_CALL):
            found |= self._payments(ids[start : start + KEYS_A_CALL])
        return found

    def has_conflict(self, payment_id: str, content_digest: str, message_id: str) -> bool:
        """Return whether the audit trail of a payment has a CONFLICT entry of this content or message.

        Where account references are pseudonymised, an entry's digest is not that of the message.
        """
        trail = self._query({"pk": f"PAYMENT#{payment_id}"}, begins=("sk", "AUDIT#"))
        return any(
            item["event"]["S"] == "CONFLICT"
            and (item["contentDigest"]["S"] == content_digest or item["messageId"]["S"] == message_id)
            for item in trail
        )

    def listed(self, day: date, *, state: str | None = None) -> Iterator[ListedPayment]:
        """Yield the payments that were recorded on a day (UTC), from the index."""
        for shard in SHARDS:
            keys = {"indexDay": f"{day.isoformat()}#{shard}"}
            begins = ("indexState", f"{state}#") if state else None
            for item in self._query(keys, begins=begins, index=INDEX):
                yield ListedPayment.of(item)

    def scan(self, report: Callable[[int], None] = lambda _: None) -> Iterator[PaymentRecord]:
        """Yield every payment of the table with its trail, in no order; `report` gets the items read so far.

        A partition key's items are neighbours in a scan, so one payment at a time is held in memory.
        """
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        items: list[Item] = []
        count = 0
        for page in pages:
            for item in page["Items"]:
                count += 1
                if items and item["pk"] != items[0]["pk"]:
                    yield from _records(items)
                    items = []
                items.append(item)
            report(count)
        yield from _records(items)

    def _query(
        self, keys: Mapping[str, str], *, begins: tuple[str, str] | None = None, index: str | None = None
    ) -> Iterator[Item]:
        conditions = [f"{name} = :{name}" for name in keys]
        values = {f":{name}": {"S": value} for name, value in keys.items()}
        if begins:
            conditions.append(f"begins_with({begins[0]}, :prefix)")
            values[":prefix"] = {"S": begins[1]}
        where = {"IndexName": index} if index else {"ConsistentRead": True}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=" AND ".join(conditions),
            ExpressionAttributeValues=values,
            **where,
        )
        for page in pages:
            yield from page["Items"]

    def _payments(self, payment_ids: list[str]) -> dict[str, Payment]:
        request: Mapping[str, Any] = {
            self._table: {
                "Keys": [{"pk": {"S": f"PAYMENT#{each}"}, "sk": {"S": "PAYMENT"}} for each in payment_ids],
                "ConsistentRead": True,
            }
        }
        found: dict[str, Payment] = {}
        for _ in payment_ids:  # each answer brings one at least, where it brings any
            answer = self._client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._table, ()):
                payment = payment_from_item(item)
                found[payment["paymentId"]] = payment
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
        raise LedgerBusy(f"{self._table} is too busy to be read: try again later.")


def _records(items: Sequence[Item]) -> Iterator[PaymentRecord]:
    if items and items[0]["pk"]["S"].startswith("PAYMENT#"):
        record = record_of(sorted(items, key=lambda item: str(item["sk"]["S"])))
        if record is not None:
            yield record
