"""DynamoDB and SNS in memory, to the extent that the function uses them.

Unlike moto they are correct under concurrency: a transaction that meets another one in flight on an item is
cancelled with TransactionConflict, as on AWS. Every call passes through a ``gate``, which may fail it, before
or after it takes effect. ``test_fakes.py`` holds them to behave as moto does where moto can show it.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
Key = tuple[str, str]
Gate = Callable[[str, Callable[[], Any]], Any]


def straight(operation: str, effect: Callable[[], Any]) -> Any:
    """The gate that lets every call pass."""
    return effect()


def error(code: str, operation: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, **more}, operation)


def cancelled(*codes: str, item: Item | None = None) -> ClientError:
    """A cancelled transaction: a code for each of its operations, and the item that the first one met."""
    reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
    if item is not None:
        reasons[0]["Item"] = item
    return error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)


class FakeTable:
    """One DynamoDB table. ``history`` holds every version of every item, in the order of the writes."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.history: dict[Key, list[Item]] = defaultdict(list)
        self.seconds = seconds  # how long a transaction stays in flight
        self._lock = threading.Lock()
        self._in_flight: set[Key] = set()

    def items(self) -> Iterator[tuple[Key, Item]]:
        return ((key, versions[-1]) for key, versions in sorted(self.history.items()))

    def client(self, gate: Gate = straight) -> "FakeTableClient":
        return FakeTableClient(self, gate)

    def transact(self, operations: list[Mapping[str, Any]]) -> dict[str, Any]:
        keys = [_key(operation) for operation in operations]
        if len(set(keys)) < len(keys):
            raise error("ValidationException", "TransactWriteItems")
        with self._lock:
            if conflicts := self._in_flight.intersection(keys):
                raise cancelled(*("TransactionConflict" if key in conflicts else "None" for key in keys))
            self._in_flight.update(keys)
        try:
            if self.seconds:
                time.sleep(self.seconds)
            with self._lock:
                self._commit(keys, operations)
        finally:
            with self._lock:
                self._in_flight.difference_update(keys)
        return {}

    def _commit(self, keys: list[Key], operations: list[Mapping[str, Any]]) -> None:
        before = [self.history[key][-1] if self.history.get(key) else {} for key in keys]
        holds = [_holds(operation, item) for operation, item in zip(operations, before, strict=True)]
        if not all(holds):
            codes = ["None" if held else "ConditionalCheckFailed" for held in holds]
            asked = _body(operations[0]).get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            failure = cancelled(*codes)
            for reason, held, item in zip(
                failure.response["CancellationReasons"], holds, before, strict=True
            ):
                if asked and not held and item:
                    reason["Item"] = item
            raise failure
        for key, operation, item in zip(keys, operations, before, strict=True):
            self.history[key].append(_applied(operation, item))


class FakeTableClient:
    """boto3's DynamoDB client of a ``FakeTable``."""

    def __init__(self, table: FakeTable, gate: Gate) -> None:
        self._table, self._gate = table, gate

    def transact_write_items(self, *, TransactItems: list[Mapping[str, Any]]) -> Any:  # noqa: N803 # boto3's name
        return self._gate("TransactWriteItems", lambda: self._table.transact(TransactItems))


class FakeTopic:
    """One SNS topic, and boto3's client of it. ``messages`` is what subscribers were sent."""

    def __init__(self, gate: Gate = straight, messages: list[str] | None = None) -> None:
        self.messages: list[str] = [] if messages is None else messages
        self.refused: set[str] = (
            set()
        )  # entry ids that the next PublishBatch refuses, while it succeeds as a whole
        self._gate = gate

    def client(self, gate: Gate) -> "FakeTopic":
        """Another client of the same topic."""
        other = FakeTopic(gate, self.messages)
        other.refused = self.refused
        return other

    def publish_batch(self, *, TopicArn: str, PublishBatchRequestEntries: list[Item]) -> Any:  # noqa: N803 # boto3's
        return self._gate("PublishBatch", lambda: self._publish(PublishBatchRequestEntries))

    def _publish(self, entries: list[Item]) -> dict[str, Any]:
        identifiers = [entry["Id"] for entry in entries]
        if not 1 <= len(entries) <= 10 or len(set(identifiers)) < len(identifiers):
            raise error("TooManyEntriesInBatchRequest", "PublishBatch")
        refused = self.refused.intersection(identifiers)
        self.refused.clear()
        self.messages += [entry["Message"] for entry in entries if entry["Id"] not in refused]
        return {
            "Successful": [{"Id": name, "MessageId": name} for name in identifiers if name not in refused],
            "Failed": [{"Id": name, "Code": "InternalError", "SenderFault": False} for name in refused],
        }


class InlineExecutor(Executor):
    """Runs what is submitted at once, in the caller's thread: a pool whose order tests can rely on."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as failure:  # noqa: BLE001 # what a pool's thread does: hand on whatever it is
            future.set_exception(failure)
        return future


def _body(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    (body,) = operation.values()
    assert isinstance(body, Mapping)
    return body


def _key(operation: Mapping[str, Any]) -> Key:
    body = _body(operation)
    item = body.get("Item") or body["Key"]
    return item["pk"]["S"], item["sk"]["S"]


def _holds(operation: Mapping[str, Any], item: Item) -> bool:
    """Whether a condition holds: ``attribute_not_exists(a)``, ``a = :v`` or ``a < :v``, joined by OR."""
    body = _body(operation)
    condition = body.get("ConditionExpression")
    if condition is None:
        return True
    return any(_term_holds(term, body, item) for term in condition.split(" OR "))


def _term_holds(term: str, body: Mapping[str, Any], item: Item) -> bool:
    if absent := re.fullmatch(r"attribute_not_exists\((\w+)\)", term):
        return absent[1] not in item
    comparison = re.fullmatch(r"(#?\w+) ([=<]) (:\w+)", term)
    assert comparison, f"the fake does not know this condition: {term}"
    name = body.get("ExpressionAttributeNames", {}).get(comparison[1], comparison[1])
    value = body["ExpressionAttributeValues"][comparison[3]]
    if comparison[2] == "=":
        return bool(item.get(name) == value)
    return name in item and bool(item[name]["S"] < value["S"])


def _applied(operation: Mapping[str, Any], item: Item) -> Item:
    """The item after a Put, or after an Update whose expression is ``SET a = :v, #b = :w``."""
    body = _body(operation)
    if "Item" in body:
        return dict(body["Item"])
    assignments = re.fullmatch(r"SET (.*)", body["UpdateExpression"])
    assert assignments, f"the fake does not know this update: {body['UpdateExpression']}"
    changed = {**body["Key"], **item}
    for assignment in assignments[1].split(", "):
        name, value = assignment.split(" = ")
        changed[body.get("ExpressionAttributeNames", {}).get(name, name)] = body["ExpressionAttributeValues"][
            value
        ]
    return changed
