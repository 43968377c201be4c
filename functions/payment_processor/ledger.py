"""The ledger table: one item per payment and its audit trail, written together or not at all.

::

    pk PAYMENT#<paymentId>    sk PAYMENT         the payment, which is also the idempotency record
                              sk AUDIT#000001    ACCEPTED or REJECTED
                              sk AUDIT#000002    NOTIFIED, CONFLICT, …
                              sk MESSAGE#<id>    marks that the trail has this message's conflict
    pk SIMILAR#<digest>       sk PAYMENT         the latest payment of these accounts, amount and currency

Each write is conditional on the payment's count of entries, so the trail has no gap and no repeat: of two
workers that race, one writes and the other gets what was written. Each entry holds the digest of the previous
entry, and the payment holds the last one, so a later change or removal is detectable.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from botocore.exceptions import ClientError

from .payments import ITEM_VERSION, TRANSITIONS, AuditEntry, Payment, chain_start, content_digest, similarity

# Seconds before a cancelled transaction is retried, which botocore leaves to its caller.
PAUSES = (0.05, 0.2)
RACES = 5  # attempts to number an entry when other workers take its number
KEYS = frozenset({"pk", "sk", "indexDay", "indexState"})
ABSENT = "attribute_not_exists(pk)"
Item = dict[str, Any]
NONE: Item = {}
NEW: Item = {"ConditionExpression": ABSENT}


class LedgerBusyError(Exception):
    """Other workers kept changing the payment; nothing was written."""


class Ledger:
    """Writes to one table. Threads may share the ``client``. 0 seconds or days disables the feature."""

    def __init__(
        self, client: Any, table_name: str, *, near_duplicate_seconds: int = 0, retention_days: int = 0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._client, self._table, self._pause = client, table_name, pause
        self._seconds, self._days = near_duplicate_seconds, retention_days

    def record(self, payment: Payment, entry: AuditEntry) -> Payment:
        """Record a payment unless it exists, flag a near-duplicate, and return the stored payment."""
        recorded = datetime.fromisoformat(payment["recordedAt"])
        since = (recorded - timedelta(seconds=self._seconds)).isoformat(timespec="milliseconds")[:-6] + "Z"
        condition: Item = {
            "ConditionExpression": f"{ABSENT} OR recordedAt < :since OR paymentId = :id",
            "ExpressionAttributeValues": _attributes({":since": since, ":id": payment["paymentId"]}),
        }
        latest = {name: payment[name] for name in ("paymentId", "recordedAt")}
        if self._days:
            payment = {**payment, "expiresAt": int((recorded + timedelta(days=self._days)).timestamp())}
        watched = self._seconds and payment["decision"] == "ACCEPTED" and ":" not in payment["paymentId"]
        while True:
            linked, after = _linked(payment, entry, chain_start(payment))
            operations = [_put(after, "PAYMENT", after, _index(after)), _put(after, "AUDIT#000001", linked)]
            if watched:
                pk = {"pk": {"S": f"SIMILAR#{similarity(payment)}"}}
                operations.append(_put(after, "PAYMENT", latest, pk, condition))
            match self._write(operations):
                case None:
                    return after
                case 0, found:
                    return payment_from_item(found)
                case _, found:  # a near-duplicate: flag it, and remember it as the latest
                    payment, condition = {**payment, "nearDuplicateOf": found["paymentId"]["S"]}, {}

    def append(self, payment: Payment, entry: AuditEntry) -> tuple[Payment, bool]:
        """Append an entry and move the payment's state; return the payment and whether anything was written.

        Nothing is if the state has no transition for the event, or the message's CONFLICT is recorded.
        """
        for _ in range(RACES):
            state = TRANSITIONS.get((payment["state"], entry["event"]))
            if state is None:
                return payment, False
            linked, after = _linked(payment, entry, payment.get("chainHead") or chain_start(payment))
            after |= {"state": state, "entries": payment["entries"] + 1}
            if entry["event"] == "NOTIFIED":
                after["notifiedAt"] = entry["at"]
            changed = {name: after.get(name) for name in ("entries", "state", "notifiedAt", "chainHead")}
            values = {f":{name}": value for name, value in (_attributes(changed) | _index(after)).items()}
            update = {
                "Key": _key(payment, "PAYMENT"),
                "UpdateExpression": f"SET {', '.join(f'#{name[1:]} = {name}' for name in values)}",
                "ConditionExpression": "entries = :before",
                "ExpressionAttributeNames": {f"#{name[1:]}": name[1:] for name in values},
                "ExpressionAttributeValues": values | _attributes({":before": payment["entries"]}),
            }
            operations = [{"Update": update}, _put(after, f"AUDIT#{after['entries']:06d}", linked)]
            if entry["event"] == "CONFLICT":
                operations.append(_put(after, f"MESSAGE#{entry['messageId']}", {}))
            match self._write(operations):
                case None:
                    return after, True
                case 0, found:
                    payment = payment_from_item(found)
                case _:
                    return payment, False
        raise LedgerBusyError

    def _write(self, operations: Sequence[Mapping[str, Item]]) -> tuple[int, Item] | None:
        """Write all items or none. Return the position and stored item of the condition that failed, if any.

        An existing audit entry (the second operation) is an error rather than a result.
        """
        for operation in operations:
            for body in operation.values():
                body |= {"TableName": self._table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        for pause in (*PAUSES, None):
            try:
                self._client.transact_write_items(TransactItems=operations)
            except ClientError as error:
                reasons: list[Item] = error.response.get("CancellationReasons", [])
                for position in (0, 2):
                    if reasons[position:] and reasons[position]["Code"] == "ConditionalCheckFailed":
                        return position, reasons[position]["Item"]  # only this code says that the item exists
                if not reasons or pause is None:
                    raise
                self._pause(pause)
            else:
                break
        return None


def account_key(client: Any, table_name: str) -> bytes:
    """Return the key of the pseudonyms, which the first function to ask creates; empty without a table."""
    if not table_name:
        return b""
    item: Item = {"pk": {"S": "account-key"}, "key": {"B": secrets.token_bytes(32)}}
    call = {"TableName": table_name, "Item": item, "ConditionExpression": ABSENT}
    try:
        client.put_item(**call, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    except ClientError as error:
        if "Item" not in error.response:
            raise
        item = error.response["Item"]
    return bytes(item["key"]["B"])


def payment_from_item(item: Item) -> Payment:
    """Return the payment in an item with the range key ``PAYMENT``."""
    return cast("Payment", {name: _plain(value) for name, value in item.items() if name not in KEYS})


def _linked(payment: Payment, entry: AuditEntry, previous: str) -> tuple[Mapping[str, Any], Payment]:
    """Return an entry that continues a payment's chain, and the payment with the new head."""
    linked = {**entry, "itemVersion": ITEM_VERSION, "previousDigest": previous}
    return linked, {**payment, "chainHead": content_digest(linked)}


def _key(payment: Payment, sort: str) -> Item:
    return {"pk": {"S": f"PAYMENT#{payment['paymentId']}"}, "sk": {"S": sort}}


def _put(
    payment: Payment, sort: str, fields: Mapping[str, Any], keys: Item = NONE, condition: Item = NEW
) -> Item:
    expiry = {"expiresAt": payment["expiresAt"]} if "expiresAt" in payment else {}
    return {"Put": {"Item": _key(payment, sort) | _attributes({**fields, **expiry}) | keys, **condition}}


def _index(payment: Payment) -> Item:
    """Return the keys of the index: the day in one of 16 shards; the state and the time."""
    day = f"{payment['recordedAt'][:10]}#{payment['contentDigest'][0]}"
    return _attributes({"indexDay": day, "indexState": f"{payment['state']}#{payment['recordedAt']}"})


def _attributes(fields: Mapping[str, Any]) -> Item:
    return {name: _attribute(value) for name, value in fields.items()}


def _attribute(value: Any) -> Item:
    """Return a DynamoDB attribute value. boto3's serialiser would take a sixth of the cold start."""
    if isinstance(value, dict):
        return {"M": _attributes(value)}
    if isinstance(value, list):
        return {"L": [_attribute(entry) for entry in value]}
    return {"NULL": True} if value is None else {"S": value} if isinstance(value, str) else {"N": str(value)}


def _plain(attribute: Item) -> Any:
    """Return the value of an attribute: the inverse of ``_attribute``."""
    ((kind, value),) = attribute.items()
    if kind == "M":
        return {name: _plain(entry) for name, entry in value.items()}
    if kind == "L":
        return [_plain(entry) for entry in value]
    return None if kind == "NULL" else int(value) if kind == "N" else value
