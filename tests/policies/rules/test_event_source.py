"""What the rules about event sources say of which mapping and invoke configuration."""

import pytest

from tests.policies.cases import Case, Cases
from tests.policies.compliant import INVOKE_CONFIG, MAPPING
from tests.policies.engine import UNKNOWN

CASES = Cases()
STREAM = "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/1"

LACKING = "functionResponseTypes lacks ReportBatchItemFailures."
(
    CASES.about("event-source-partial-failures", MAPPING)
    .reads("functionResponseTypes", "a list", LACKING)
    .broken({"functionResponseTypes": []}, LACKING)
    .fine({"eventSourceArn": STREAM, "functionResponseTypes": []})
    .reads("eventSourceArn", "a string")
)
UNPARKED = "destinationConfig.onFailure.destinationArn is not set."
FOREVER = "maximumRetryAttempts is not set: one bad record stops the stream until it expires."
PARKED = {"onFailure": {"destinationArn": "arn:aws:sqs:us-east-1:111111111111:failed"}}
for stream in (STREAM, "arn:aws:kinesis:us-east-1:111111111111:stream/s"):
    (
        CASES.about("event-source-failure-destination", MAPPING)
        .broken({"eventSourceArn": stream}, UNPARKED, FOREVER)
        .broken({"eventSourceArn": stream, "destinationConfig": PARKED}, FOREVER)
        .broken({"eventSourceArn": stream, "maximumRetryAttempts": 3}, UNPARKED)
        .fine({"eventSourceArn": stream, "destinationConfig": PARKED, "maximumRetryAttempts": 3})
        .unknown(
            {"eventSourceArn": stream, "destinationConfig": UNKNOWN, "maximumRetryAttempts": 3},
            "destinationConfig",
        )
    )
CASES.about("event-source-failure-destination", MAPPING).reads("eventSourceArn", "a string")
NOT_SET = "scalingConfig.maximumConcurrency is not set; with reservedConcurrency 1 it may be 2."
(
    CASES.about("event-source-concurrency", MAPPING)
    .reads("scalingConfig", "an object", NOT_SET)
    .reads("scalingConfig.maximumConcurrency", "a number", NOT_SET)
    .broken(
        {"scalingConfig.maximumConcurrency": 10},
        "scalingConfig.maximumConcurrency is 10; with reservedConcurrency 1 it may be 2.",
    )
    .fine({"eventSourceArn": STREAM, "scalingConfig": None})
    .reads("eventSourceArn", "a string")
)
CASES.about("event-source-concurrency", MAPPING, environment="prod").fine(
    {"scalingConfig.maximumConcurrency": 50}
).broken(
    {"scalingConfig.maximumConcurrency": 101},
    "scalingConfig.maximumConcurrency is 101; with reservedConcurrency 100 it may be 100.",
)
(
    CASES.about("function-asynchronous-retries", INVOKE_CONFIG)
    .reads("maximumRetryAttempts", "a number", "maximumRetryAttempts is not set; dev declares 2.")
    .broken({"maximumRetryAttempts": 0}, "maximumRetryAttempts is 0; dev declares 2.")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
