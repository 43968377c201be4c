"""What the rules about queues say of which queue."""

import json

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import QUEUE, REDRIVE, REDRIVE_ALLOW
from tests.policies.engine import UNKNOWN

CASES = Cases()
TARGET = "arn:aws:sqs:us-east-1:111111111111:payments-dead-letter-queue-dev-acme"

(
    CASES.about("queue-encryption", QUEUE)
    .reads("kmsMasterKeyId", "a string", "kmsMasterKeyId is not set.")
    .broken({"kmsMasterKeyId": ""}, "kmsMasterKeyId is not set.")
    .broken({"kmsMasterKeyId": MISSING, "sqsManagedSseEnabled": True}, "kmsMasterKeyId is not set.")
    .broken({"kmsMasterKeyId": "alias/aws/sqs"}, "kmsMasterKeyId is alias/aws/sqs, a key of AWS's own.")
    .broken(
        {"kmsMasterKeyId": "arn:aws:kms:us-east-1:111111111111:alias/aws/sqs"},
        "kmsMasterKeyId is arn:aws:kms:us-east-1:111111111111:alias/aws/sqs, a key of AWS's own.",
    )
    .broken(
        {"kmsMasterKeyId": "arn:aws:kms:us-east-1:222222222222:key/1"},
        "kmsMasterKeyId is arn:aws:kms:us-east-1:222222222222:key/1, a key of another account.",
    )
    .fine({"kmsMasterKeyId": "alias/payments-key-dev-acme"})
)
DECLARED = "dev declares maxReceiveCount 2."
NOT_SET = f"redrivePolicy.maxReceiveCount is not set; {DECLARED}"
(
    CASES.about("queue-receive-count", QUEUE)
    .reads("redrivePolicy", "a JSON object")
    .broken(
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": TARGET, "maxReceiveCount": 5})},
        f"redrivePolicy.maxReceiveCount is 5; {DECLARED}",
    )
    .broken(
        {"redrivePolicy": {"deadLetterTargetArn": TARGET, "maxReceiveCount": 1}},
        f"redrivePolicy.maxReceiveCount is 1; {DECLARED}",
    )
    .broken({"redrivePolicy": json.dumps({"deadLetterTargetArn": TARGET})}, NOT_SET)
    .broken({"redrivePolicy": "[]"}, "redrivePolicy must be a JSON object, but it is a string.")
    .broken(
        {"redrivePolicy": json.dumps({"maxReceiveCount": "many"})},
        "maxReceiveCount must be a number, but it is a string.",
    )
    .fine({"redrivePolicy": json.dumps({"deadLetterTargetArn": TARGET, "maxReceiveCount": "2"})})
    .fine({"redrivePolicy": ""})
)
(
    CASES.about("queue-receive-count", REDRIVE, environment="prod")
    .broken(
        {"redrivePolicy": MISSING},
        "redrivePolicy.maxReceiveCount is not set; prod declares maxReceiveCount 5.",
    )
    .unknown({"redrivePolicy": UNKNOWN}, "redrivePolicy")
)
ALLOW_ALL = "redriveAllowPolicy.redrivePermission is not set, which means allowAll."
(
    CASES.about("queue-redrive-allow", REDRIVE_ALLOW)
    .reads("redriveAllowPolicy", "a JSON object", ALLOW_ALL)
    .broken({"redriveAllowPolicy": "{}"}, ALLOW_ALL)
    .broken(
        {"redriveAllowPolicy": '{"redrivePermission": "allowAll"}'},
        "redriveAllowPolicy.redrivePermission is allowAll.",
    )
    .broken(
        {"redriveAllowPolicy": '{"redrivePermission": "byQueue"}'},
        "redriveAllowPolicy.sourceQueueArns is empty.",
    )
    .fine({"redriveAllowPolicy": '{"redrivePermission": "denyAll"}'})
)
(
    CASES.about("queue-redrive-allow", QUEUE)
    .reads_nothing_without("redriveAllowPolicy", "a JSON object")
    .broken(
        {"redriveAllowPolicy": '{"redrivePermission": "allowAll"}'},
        "redriveAllowPolicy.redrivePermission is allowAll.",
    )
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
