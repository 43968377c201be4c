"""What the rules about topics say of which topic and subscription."""

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import SUBSCRIPTION, TOPIC, resource
from tests.policies.engine import UNKNOWN, config_of

CASES = Cases()

(
    CASES.about("topic-encryption", TOPIC)
    .reads("kmsMasterKeyId", "a string", "kmsMasterKeyId is not set.")
    .broken({"kmsMasterKeyId": ""}, "kmsMasterKeyId is not set.")
    .broken({"kmsMasterKeyId": "alias/aws/sns"}, "kmsMasterKeyId is alias/aws/sns, a key of AWS's own.")
    .broken(
        {"kmsMasterKeyId": "arn:aws:kms:us-east-1:222222222222:key/1"},
        "kmsMasterKeyId is arn:aws:kms:us-east-1:222222222222:key/1, a key of another account.",
    )
)


def _elsewhere(domain: str) -> str:
    return f"the subscription goes to the domain {domain!r}; allowed are: example.com."


def _several(endpoint: str) -> str:
    return f"the subscription's endpoint is {endpoint!r}, which is not one address."


(
    CASES.about("topic-email-domain", SUBSCRIPTION)
    .reads("endpoint", "a string", _elsewhere(""))
    .broken({"endpoint": "payments@evil.test"}, _elsewhere("evil.test"))
    .broken({"endpoint": "payments@example.com.evil.test"}, _elsewhere("example.com.evil.test"))
    .broken({"endpoint": "payments@sub.example.com"}, _elsewhere("sub.example.com"))
    .broken({"endpoint": "a@example.com@evil.test"}, _several("a@example.com@evil.test"))
    .broken({"endpoint": "b@evil.test,a@example.com"}, _several("b@evil.test,a@example.com"))
    .broken({"endpoint": "b@evil.test a@example.com"}, _several("b@evil.test a@example.com"))
    .broken({"endpoint": "evil.test;a@example.com"}, _several("evil.test;a@example.com"))
    .broken({"endpoint": "<b@evil.test>a@example.com"}, _several("<b@evil.test>a@example.com"))
    .broken({"endpoint": "example.com"}, _elsewhere("example.com"))
    .broken({"endpoint": "payments@evil.test", "protocol": "email-json"}, _elsewhere("evil.test"))
    .broken({"endpoint": "payments@evil.test", "protocol": "EMAIL"}, _elsewhere("evil.test"))
    .fine({"endpoint": "Payments@EXAMPLE.com"})
    .fine({"protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:111111111111:queue"})
    .reads("protocol", "a string")
)
HOST = "the subscription goes to the host {!r}; allowed are: none."
FOREIGN = "the subscription goes to {}, whose account the stack doesn't declare."
OTHER_QUEUE = "arn:aws:sqs:us-east-1:222222222222:queue"
(
    CASES.about("topic-subscription-endpoint", SUBSCRIPTION)
    .fine({"protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:111111111111:queue"})
    .fine({"protocol": "EMAIL-JSON"})
    .broken({"protocol": "sqs", "endpoint": OTHER_QUEUE}, FOREIGN.format(OTHER_QUEUE))
    .broken({"protocol": "lambda", "endpoint": OTHER_QUEUE}, FOREIGN.format(OTHER_QUEUE))
    .broken({"protocol": "firehose", "endpoint": OTHER_QUEUE}, FOREIGN.format(OTHER_QUEUE))
    .broken({"protocol": "https", "endpoint": "https://evil.test/hook"}, HOST.format("evil.test"))
    .broken({"protocol": "https", "endpoint": "https://a@evil.test/hook"}, HOST.format("evil.test"))
    .broken({"protocol": "HTTP", "endpoint": "http://evil.test/hook"}, HOST.format("evil.test"))
    .broken({"protocol": "https", "endpoint": MISSING}, HOST.format(""))
    .broken({"protocol": "sms", "endpoint": "+15550100"}, "the subscription goes to a telephone.")
    .reads("protocol", "a string", FOREIGN.format("payments@example.com"))
    .reads_nothing_without("endpoint", "a string")
)
CASES.about(
    "topic-subscription-endpoint",
    resource(SUBSCRIPTION).but(props={"protocol": "sqs", "endpoint": OTHER_QUEUE}),
    config={**config_of("dev"), "payments:subscriberAccountIds": '["222222222222"]'},
)
PARKED = '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:111111111111:dead"}'
for protocol in ("firehose", "http", "https", "lambda", "SQS"):
    (
        CASES.about("topic-subscription-dead-letter", SUBSCRIPTION)
        .broken(
            {"protocol": protocol},
            f"redrivePolicy is not set: what SNS can't deliver by {protocol.lower()} is lost.",
        )
        .fine({"protocol": protocol, "redrivePolicy": PARKED})
        .broken(
            {"protocol": protocol, "redrivePolicy": "no JSON"},
            "redrivePolicy must be a JSON object, but it is a string.",
        )
        .unknown({"protocol": protocol, "redrivePolicy": UNKNOWN}, "redrivePolicy")
    )
CASES.about("topic-subscription-dead-letter", SUBSCRIPTION).reads("protocol", "a string")
(
    CASES.about("topic-subscription-protocol", SUBSCRIPTION)
    .broken({"protocol": "http"}, "protocol is http, which anybody on the way can read.")
    .broken({"protocol": "HTTP"}, "protocol is http, which anybody on the way can read.")
    .fine({"protocol": "https"})
    .reads("protocol", "a string")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
