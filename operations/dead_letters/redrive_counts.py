"""How often letters were redriven, kept in the ledger table, where producers cannot write.

A redriven message has a new id, and its attributes are its producer's. So the count belongs to what stays the
same: the payment's id and the digest of the content.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from operations.engine.failure import OperationFailed

KEYS_A_CALL = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
ATTEMPTS = 8
"""Of a batch of which DynamoDB keeps putting items off."""
Content = tuple[str, str]
"""A payment's id and the digest of the content that a letter asks for."""


class RedriveCounts:
    """Reads and writes the counts through a boto3 DynamoDB `client`. botocore's errors pass through."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client, self._table = client, table_name

    def get(self, contents: Iterable[Content]) -> dict[Content, int]:
        """Return the counts; content that was never redriven is left out."""
        wanted, counts = sorted(set(contents)), dict[Content, int]()
        for start in range(0, len(wanted), KEYS_A_CALL):
            keys = [_key(content) for content in wanted[start : start + KEYS_A_CALL]]
            request: Mapping[str, Any] = {self._table: {"Keys": keys, "ConsistentRead": True}}
            for _ in range(ATTEMPTS + len(keys)):
                answer = self._client.batch_get_item(RequestItems=request)
                for item in answer["Responses"].get(self._table, ()):
                    content = item["pk"]["S"].partition("#")[2], item["sk"]["S"]
                    counts[content] = int(item["redrives"]["N"])
                request = answer.get("UnprocessedKeys") or {}
                if not request:
                    break
            else:
                raise OperationFailed(f"{self._table} is too busy to be read: try again later.")
        return counts

    def put(self, counts: Mapping[Content, int]) -> None:
        """Set counts, at most 25 at once."""
        request: Mapping[str, Sequence[Any]] = {
            self._table: [
                {"PutRequest": {"Item": {**_key(content), "redrives": {"N": str(count)}}}}
                for content, count in counts.items()
            ]
        }
        for _ in range(ATTEMPTS):
            if not request or not request.get(self._table):
                return
            request = self._client.batch_write_item(RequestItems=request).get("UnprocessedItems") or {}
        if request:
            raise OperationFailed(f"{self._table} is too busy to be written: try again later.")


def _key(content: Content) -> dict[str, dict[str, str]]:
    payment_id, content_digest = content
    return {"pk": {"S": f"REDRIVE#{payment_id}"}, "sk": {"S": content_digest}}
