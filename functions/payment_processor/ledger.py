"""The ledger table: an item for each payment, and its audit trail beside it, written together or not at all.

::

    pk PAYMENT#<paymentId>    sk PAYMENT         the payment, which is the idempotency record too
                              sk AUDIT#000001    ACCEPTED or REJECTED
                              sk AUDIT#000002    NOTIFIED, CONFLICT, …

The payment counts its audit entries, and each write is conditional on that count. So the trail has no gap and
no repeat, and of two workers that race one writes and the other is shown what was written.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from botocore.exceptions import ClientError

from .payments import TRANSITIONS, AuditEntry, Payment

# Seconds before a cancelled transaction is tried again: botocore leaves that to its caller.
PAUSES = (0.05, 0.2)
RACES = 5  # how often an entry is given a new number because another worker took its own

KEY = frozenset({"pk", "sk"})

Item = dict[str, Any]


class LedgerBusyError(Exception):
    """Other workers kept the payment busy. Nothing was written; try again later."""


class Ledger:
    """Writes to one table, through a ``client`` that may be shared between threads."""

    def __init__(self, client: Any, table_name: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client, self._table, self._pause = client, table_name, pause

    def open(self, payment: Payment, entry: AuditEntry) -> Payment | None:
        """Record a new payment and its first entry. If there is one already, leave and return it."""
        item = _key(payment, "PAYMENT") | _attributes(payment)
        put = {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        return self._write({"Put": put}, payment, entry)

    def append(self, payment: Payment, entry: AuditEntry) -> Payment:
        """Add an entry to a payment and move its state along. What was accepted never changes.

        Adds nothing if the payment's state has no transition for the event. Returns the payment as it is now.
        Raises ``LedgerBusyError``.
        """
        for _ in range(RACES):
            state = TRANSITIONS.get((payment["state"], entry["event"]))
            if state is None:
                return payment
            after: Payment = {**payment, "state": state, "entries": payment["entries"] + 1}
            if entry["event"] == "NOTIFIED":
                after["notifiedAt"] = entry["at"]
            values = {":before": payment["entries"], ":after": after["entries"], ":state": state}
            update = {
                "Key": _key(payment, "PAYMENT"),
                "UpdateExpression": "SET entries = :after, #state = :state, notifiedAt = :notifiedAt",
                "ConditionExpression": "entries = :before",
                "ExpressionAttributeNames": {"#state": "state"},  # a reserved word
                "ExpressionAttributeValues": _attributes({**values, ":notifiedAt": after["notifiedAt"]}),
            }
            found = self._write({"Update": update}, after, entry)
            if found is None:
                return after
            payment = found
        raise LedgerBusyError

    def _write(self, change: Mapping[str, Item], after: Payment, entry: AuditEntry) -> Payment | None:
        """Make a change and add the entry that explains it, or return the payment that isn't as expected."""
        audit = _key(after, f"AUDIT#{after['entries']:06d}") | _attributes(entry)
        put = {"Item": audit, "ConditionExpression": "attribute_not_exists(pk)"}
        for operation in (*change.values(), put):
            operation |= {"TableName": self._table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        for pause in (*PAUSES, None):
            try:
                self._client.transact_write_items(TransactItems=[change, {"Put": put}])
            except ClientError as error:
                reasons: list[Item] = error.response.get("CancellationReasons", [])
                if reasons and reasons[0]["Code"] == "ConditionalCheckFailed":  # no other code means that
                    return payment_from_item(reasons[0]["Item"])
                if not reasons or pause is None:
                    raise
                self._pause(pause)
            else:
                break
        return None


def payment_from_item(item: Item) -> Payment:
    """The payment that an item of range key ``PAYMENT`` holds."""
    return cast("Payment", {name: _plain(value) for name, value in item.items() if name not in KEY})


def _key(payment: Payment, sort_key: str) -> Item:
    return _attributes({"pk": f"PAYMENT#{payment['paymentId']}", "sk": sort_key})


def _attributes(fields: Mapping[str, object]) -> Item:
    return {name: _attribute(value) for name, value in fields.items()}


def _attribute(value: object) -> Item:
    """A value as DynamoDB has it. boto3 has a serialiser of this too, at a sixth of the whole cold start."""
    match value:
        case None:
            return {"NULL": True}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case dict():
            return {"M": _attributes(value)}
        case list():
            return {"L": [_attribute(entry) for entry in value]}
    raise TypeError(type(value))


def _plain(attribute: Item) -> Any:
    """The inverse of ``_attribute``."""
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return int(value)
        case "M":
            return {name: _plain(entry) for name, entry in value.items()}
        case "L":
            return [_plain(entry) for entry in value]
    return value
