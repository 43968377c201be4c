import json

import pytest

from tests.components.payment_processor.recorded import plain, scaled

QUEUE = "arn:aws:sqs:us-east-1:111111111111:payments-queue-dev-acme"
DEAD_LETTER_QUEUE = "arn:aws:sqs:us-east-1:111111111111:payments-dead-letter-queue-dev-acme"
DAY = 86_400


@pytest.mark.parametrize("receives", [2, 3, 5])
def test_a_payment_goes_to_the_dead_letter_queue_after_the_configured_receives(receives: int) -> None:
    queue = scaled(max_receive_count=receives).one("sqs/queue:Queue", "payments-queue")
    assert json.loads(queue.inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": DEAD_LETTER_QUEUE,
        "maxReceiveCount": receives,
    }


def test_only_the_request_queue_may_redrive_to_the_dead_letter_queue() -> None:
    policy = plain().one("RedriveAllowPolicy", "payments-dead-letter-queue-redrive-allow-policy")
    assert policy.inputs["queueUrl"] == "https://queue/payments-dead-letter-queue"
    assert json.loads(policy.inputs["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [QUEUE],
    }


def test_dead_letters_outlive_the_messages_age_in_the_request_queue() -> None:
    queues = {
        each.name: each.inputs["messageRetentionSeconds"] for each in plain().of_type("sqs/queue:Queue")
    }
    assert queues == {
        "payments-queue": 4 * DAY,
        "payments-dead-letter-queue": 14 * DAY,
        "payments-verification-queue": 4 * DAY,
        "payments-verification-dead-letter-queue": 14 * DAY,
    }


def test_a_message_stays_hidden_for_six_timeouts_and_the_batching_window() -> None:
    recorder = plain()
    timeout = recorder.one("lambda/function:Function").inputs["timeout"]
    for name in ("payments", "payments-verification"):
        mapping = recorder.one("EventSourceMapping", f"{name}-event-source-mapping")
        queue = recorder.one("sqs/queue:Queue", f"{name}-queue")
        window = mapping.inputs["maximumBatchingWindowInSeconds"]
        assert queue.inputs["visibilityTimeoutSeconds"] == 6 * timeout + window == 181


def test_the_dead_letter_queue_is_there_first() -> None:
    recorder = plain()
    dead_letter_queue = recorder.one("sqs/queue:Queue", "payments-dead-letter-queue")
    assert dead_letter_queue.urn in recorder.one("sqs/queue:Queue", "payments-queue").dependencies


@pytest.mark.parametrize(
    ("name", "arn"), [("payments-queue", QUEUE), ("payments-dead-letter-queue", DEAD_LETTER_QUEUE)]
)
def test_a_queue_is_reached_through_tls_only(name: str, arn: str) -> None:
    policy = plain().one("QueuePolicy", f"{name}-policy")
    assert policy.inputs["queueUrl"] == f"https://queue/{name}"
    (statement,) = policy.document()["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "sqs:*", arn)
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
