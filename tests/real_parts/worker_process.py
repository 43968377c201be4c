"""One worker: receives batches, and has the function's own handler process them, until it is killed.

    python -m tests.real_parts.worker_process QUEUE_URL

What Lambda's poller does is done here; handler, clients and their settings are the function's.
"""

import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.payment_processor import handler
from sandbox.delivery.event import sqs_event

BATCH = 10


class Context:
    """What the handler asks of Lambda's context."""

    aws_request_id = "worker"

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._deadline - time.monotonic()) * 1000)


def main(url: str, seconds: float) -> None:
    sqs = boto3.client("sqs")
    while True:
        try:
            received = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not received:
                continue
            try:
                answer = handler.handler(
                    sqs_event(received, "arn:aws:sqs:us-east-1:000000000000:payments"), Context(seconds)
                )
            except (handler.ProcessingError, handler.UnreadableEventError):
                continue  # as Lambda: the whole batch comes back
            kept = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message in received:
                if message["MessageId"] not in kept:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        except (ClientError, BotoCoreError):
            time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
