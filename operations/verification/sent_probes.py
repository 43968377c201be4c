"""The record of the messages that verifications sent, kept in the ledger beside their synthetic payments.

A verification that is killed leaves messages behind. The next one deletes exactly those that are recorded.
"""

from typing import Any

from operations.verification.probes import RESERVED, SentProbes

RANGE_KEY = "SENT"


class SentProbesRecord:
    """Reads and writes the record through a boto3 DynamoDB `client`. Methods raise botocore's errors."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client, self._table = client, table_name

    def put(self, sent: SentProbes) -> None:
        """Record what a verification sent."""
        digests = {message_id: {"S": digest} for message_id, digest in sent.digests.items()}
        self._client.put_item(TableName=self._table, Item={**_key(sent.run), "digests": {"M": digests}})

    def get(self, run: str) -> SentProbes:
        """Return what a verification sent; no messages where nothing is recorded."""
        found = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk = :sk",
            ExpressionAttributeValues={":pk": _key(run)["pk"], ":sk": {"S": RANGE_KEY}},
            ConsistentRead=True,
        )["Items"]
        digests = found[0]["digests"]["M"] if found else {}
        return SentProbes(run=run, digests={name: value["S"] for name, value in digests.items()})

    def delete(self, run: str) -> None:
        """Delete the record of a verification."""
        self._client.delete_item(TableName=self._table, Key=_key(run))


def _key(run: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"PAYMENT#{RESERVED}{run}"}, "sk": {"S": RANGE_KEY}}
