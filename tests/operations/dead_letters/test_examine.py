"""Letters are classified by what the ledger holds of their payments."""

import json

import boto3
from moto import mock_aws

from functions.payment_processor.payments import content_digest
from operations.dead_letters.examine import examine
from operations.dead_letters.letter import Reason
from operations.dead_letters.queue import DeadLetterQueue
from operations.dead_letters.redrive_counts import RedriveCounts
from operations.payments.ledger import LedgerReader
from tests.operations.payments.records import TABLE, make_table, recorded, request


@mock_aws
def test_letters_of_every_kind_are_told_apart() -> None:
    ledger = make_table()
    recorded(ledger, paymentId="recorded")
    recorded(ledger, "NOTIFIED", paymentId="notified")
    sqs = boto3.client("sqs", region_name="us-east-1")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    bodies = [request(paymentId=each) for each in ("recorded", "notified", "new-payment")]
    for body in [*bodies, {**bodies[1], "amount": 9}, {}]:
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    recorded(ledger, "CONFLICT", paymentId="refused-0001")
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(request(paymentId="refused-0001") | {"amount": 9}))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(request(paymentId="returned-1")))
    counts, reader = RedriveCounts(ledger, TABLE), LedgerReader(ledger, TABLE)
    counts.put({("returned-1", content_digest(request(paymentId="returned-1"))): 2})
    queue = DeadLetterQueue(sqs, url, url, counts, wait_seconds=0)

    found = examine(queue, reader, counts, most=10, most_redrives=2)
    some = examine(queue, reader, counts, most=5, most_redrives=2)

    assert sorted((each.letter.payment_id or "", each.reason) for each in found.letters) == [
        ("", Reason.MALFORMED),
        ("new-payment", Reason.UNRECORDED),
        ("notified", Reason.SETTLED),
        ("notified", Reason.UNAUDITED),
        ("recorded", Reason.UNNOTIFIED),
        ("refused-0001", Reason.CONFLICT),
        ("returned-1", Reason.RETURNED),
    ]
    assert (found.complete, some.complete, len(some.letters)) == (True, False, 5)
    assert not [each for each in found.letters if each.letter.request], "content is not kept in memory"
