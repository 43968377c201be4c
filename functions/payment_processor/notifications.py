"""Notifies subscribers at least once per payment, without account references and free text."""

import json
from collections.abc import Sequence
from typing import Any

from .payments import Payment, display

PUBLISHED = frozenset({"paymentId", "decision", "reasons", "amount", "currency", "recordedAt"})
ENTRIES_PER_CALL = 10  # https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html


class Notifier:
    """Publishes to one topic. Threads may share the ``client``."""

    def __init__(self, client: Any, topic_arn: str) -> None:
        self._client, self._topic_arn = client, topic_arn

    def publish(self, payments: Sequence[Payment]) -> dict[str, str]:
        """Publish up to ``ENTRIES_PER_CALL`` payments. Return payment id → error code for those that failed.

        A successful response may refuse single entries; a call that fails as a whole raises.
        """
        entries = [{"Id": str(index), **_entry(payment)} for index, payment in enumerate(payments)]
        answer = self._client.publish_batch(TopicArn=self._topic_arn, PublishBatchRequestEntries=entries)
        sent = {int(entry["Id"]) for entry in answer.get("Successful", ())}
        codes = {int(entry["Id"]): entry["Code"] for entry in answer.get("Failed", ())}
        unsent = {index: payment for index, payment in enumerate(payments) if index not in sent}
        return {payment["paymentId"]: codes.get(index, "Unconfirmed") for index, payment in unsent.items()}


def _entry(payment: Payment) -> dict[str, Any]:
    """Return the notification of a payment, as ``payment_notification.schema.json`` describes it."""
    attributes = {"decision": payment["decision"], "currency": payment["currency"]}  # for filter policies
    amount = display(payment["amount"], payment["currency"])
    message = {name: value for name, value in payment.items() if name in PUBLISHED}
    message |= {"schemaVersion": 1, "nearDuplicateOf": payment.get("nearDuplicateOf")}
    return {
        "Subject": f"Payment {payment['decision'].lower()}: {amount}",
        "Message": json.dumps(message),
        "MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
    }
