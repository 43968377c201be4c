"""Letters are judged by what the ledger holds of their payments."""

import json

import boto3
from moto import mock_aws

from operations.dead_letters.examine import examine
from operations.dead_letters.letter import Reason
from operations.dead_letters.queue import DeadLetterQueue
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
    queue = DeadLetterQueue(sqs, url, url, wait_seconds=0)

    found = examine(queue, LedgerReader(ledger, TABLE), most=10, most_redrives=2)
    some = examine(queue, LedgerReader(ledger, TABLE), most=5, most_redrives=2)

    assert sorted((each.letter.payment_id or "", each.reason) for each in found.letters) == [
        ("", Reason.MALFORMED),
        ("new-payment", Reason.UNRECORDED),
        ("notified", Reason.CONFLICT),
        ("notified", Reason.SETTLED),
        ("recorded", Reason.UNNOTIFIED),
    ]
    assert (found.complete, some.complete) == (True, False)
