"""Reads an environment's ledger, as its operator."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.payment_processor.ledger import payment_from_item
from functions.payment_processor.payments import State
from operations.engine.failure import OperationFailed
from operations.payments.record import Item, PaymentRecord, record_of

KEYS_A_CALL = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Of a stored payment what tells whether a request is a repeat of it. No account, no amount."""

    content_digest: str
    state: State


class LedgerBusy(OperationFailed):
    """DynamoDB kept putting keys off."""


class LedgerReader:
    """Reads one table through a boto3 `client`. All reads are consistent; botocore's errors pass through."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client, self._table = client, table_name

    def record(self, payment_id: str) -> PaymentRecord | None:
        """A payment with its audit trail; None where the ledger has none of that id."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"PAYMENT#{payment_id}"}},
            ConsistentRead=True,
        )
        items: list[Item] = [item for page in pages for item in page["Items"]]
        return record_of(sorted(items, key=lambda item: str(item["sk"]["S"])))

    def stored(self, payment_ids: Iterable[str]) -> dict[str, Stored]:
        """Where payments stand, by their ids; those that the ledger has not are left out.

        Raises LedgerBusy.
        """
        ids = sorted(set(payment_ids))
        found: dict[str, Stored] = {}
        for start in range(0, len(ids), KEYS_A_CALL):
            found |= self._stored(ids[start : start + KEYS_A_CALL])
        return found

    def _stored(self, payment_ids: list[str]) -> dict[str, Stored]:
        request: Mapping[str, Any] = {
            self._table: {
                "Keys": [{"pk": {"S": f"PAYMENT#{each}"}, "sk": {"S": "PAYMENT"}} for each in payment_ids],
                "ProjectionExpression": "paymentId, contentDigest, #state",
                "ExpressionAttributeNames": {"#state": "state"},  # a reserved word
                "ConsistentRead": True,
            }
        }
        found: dict[str, Stored] = {}
        for _ in payment_ids:  # each answer brings one at least, where it brings any
            answer = self._client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._table, ()):
                payment = payment_from_item(item)
                found[payment["paymentId"]] = Stored(
                    content_digest=payment["contentDigest"], state=payment["state"]
                )
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
        raise LedgerBusy(f"{self._table} is too busy to be read: try again later.")
