"""Dead letters, as boto3 receives them and as the project judges them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.dead_letters.letter import ClassifiedLetter, Letter, Reason
from tests.operations.payments.records import request

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def message(body: object = None, message_id: str = "message-1", *, hours: float = 1) -> Any:
    """A message that was sent some hours before NOW."""
    sent = NOW - timedelta(hours=hours)
    return {
        "MessageId": message_id,
        "Body": body if isinstance(body, str) else json.dumps(request() if body is None else body),
        "Attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))},
    }


def classified(
    reason: Reason, message_id: str = "message-1", body: object = None, *, redrives: int = 0, **more: Any
) -> ClassifiedLetter:
    """A letter that was classified."""
    return ClassifiedLetter(
        letter=Letter.of(message(body, message_id, **more)), reason=reason, redrives=redrives
    )
