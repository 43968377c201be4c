"""What the rules about how queues hang together say of which stack."""

import json

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    ALARM,
    FUNCTION,
    MAPPING,
    QUEUE,
    QUEUE_POLICY,
    REDRIVE,
    REDRIVE_ALLOW,
    SUBSCRIPTION,
    arn,
    deny_plain,
    named,
    policy,
    resource,
)
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()
QUEUE_NAME, PARKING_NAME = named("payments-queue"), named("payments-dead-letter-queue")


def _queue(name: str, physical: str, **props: object) -> Made:
    made = resource(QUEUE, name=name)
    outputs = {"name": physical, "arn": arn("sqs", physical), "url": f"https://sqs/{physical}", **props}
    return made.but(props={**made.props, **outputs})


def queue(**props: object) -> Made:
    return _queue("queue", QUEUE_NAME, **props)


def parking(**props: object) -> Made:
    made = _queue("parking", PARKING_NAME, messageRetentionSeconds=1209600, **props)
    return made.but(props={key: value for key, value in made.props.items() if key != "redrivePolicy"})


def of(kind: str, name: str, **props: object) -> Made:
    made = resource(kind, name=name)
    return made.but(props={**made.props, **props})


ALLOW, POLICY = of(REDRIVE_ALLOW, "allow"), of(QUEUE_POLICY, "policy")
FUNCTION_MADE = of(FUNCTION, "function", arn=arn("lambda", f"function:{named('payments-function')}"))
MAPPING_MADE, DEPTH_ALARM = of(MAPPING, "mapping"), of(ALARM, "alarm")
BACK = "what it gives up comes back to it."
ELSEWHERE = "its dead-letter queue is not of this stack, so that nobody can say whether it is alarmed."


def _to(physical: str) -> str:
    return json.dumps({"deadLetterTargetArn": arn("sqs", physical), "maxReceiveCount": 2})


LOST = "it has no redrivePolicy and is no dead-letter queue either."

(
    CASES.about_stack("relation-queue-dead-letter", queue(), parking(), FUNCTION_MADE)
    .broken({"queue.redrivePolicy": MISSING}, LOST)
    .broken({"queue.redrivePolicy": None}, LOST)
    .broken({"queue.redrivePolicy": ""}, LOST)
    .broken({"queue.redrivePolicy": '{"maxReceiveCount": 2}'}, LOST)
    .broken({"queue.redrivePolicy": "no JSON"}, "redrivePolicy must be a JSON object, but it is a string.")
    .unknown({"queue.redrivePolicy": UNKNOWN}, "queue.redrivePolicy")
    .having("a queue on its own", _queue("lonely", "lonely-queue", redrivePolicy=""), messages=[LOST])
    .broken({"queue.redrivePolicy": _to(QUEUE_NAME)}, BACK)
    .broken({"parking.redrivePolicy": _to(QUEUE_NAME)}, BACK, BACK)
    .broken({"queue.redrivePolicy": _to("parking-of-somebody-else")}, ELSEWHERE)
    .fine({"queue.name": UNKNOWN})
    .having(
        "queues that go round in a ring",
        _queue("second", "second-queue", redrivePolicy=_to("third-queue")),
        _queue("third", "third-queue", redrivePolicy=_to("second-queue")),
        messages=[BACK, BACK],
    )
    .broken(
        {"queue.redrivePolicy": '{"deadLetterTargetArn": 7}'},
        "deadLetterTargetArn must be a string, but it is a number.",
    )
)
CASES.about_stack(
    "relation-queue-dead-letter",
    _queue("queue", QUEUE_NAME, redrivePolicy=None),
    parking(),
    of(REDRIVE, "redrive", queueUrl=f"https://sqs/{QUEUE_NAME}"),
).without("redrive", LOST, LOST)
CASES.about_stack("relation-queue-dead-letter", parking(), FUNCTION_MADE).without("function", LOST)
DECOY = _queue("decoy", "decoy-queue", redrivePolicy=_to(QUEUE_NAME))
(
    CASES.about_stack("relation-queue-dead-letter", queue(), parking(), MAPPING_MADE, DECOY)
    .broken(
        {"queue.redrivePolicy": MISSING},
        "it has no redrivePolicy, although a function takes its messages.",
        LOST,
    )
    .unknown({"queue.redrivePolicy": MISSING, "mapping.eventSourceArn": UNKNOWN}, "eventSourceArn")
)
CASES.about_stack(
    "relation-queue-dead-letter",
    parking(),
    of(
        SUBSCRIPTION,
        "subscription",
        redrivePolicy=json.dumps({"deadLetterTargetArn": arn("sqs", PARKING_NAME)}),
    ),
).without("subscription", LOST)
CASES.about_stack("relation-queue-dead-letter", parking(), FUNCTION_MADE).having(
    "an ARN that is known outranks a name that fits",
    _queue("elsewhere", "elsewhere-queue", redrivePolicy=""),
    of(
        FUNCTION,
        "other",
        deadLetterConfig={"targetArn": "arn:aws:sqs:us-east-1:999999999999:elsewhere-queue"},
    ),
    messages=[LOST],
)

OPEN = "it is a dead-letter queue that every queue of the account may use."
(
    CASES.about_stack("relation-dead-letter-allow", queue(), parking(), ALLOW)
    .without("allow", OPEN)
    .broken({"allow.queueUrl": "https://sqs/other"}, OPEN)
    .unknown({"allow.queueUrl": UNKNOWN}, "allow.queueUrl")
    .having("an unused queue", _queue("unused", "unused-queue", redrivePolicy=None))
)
CASES.about_stack(
    "relation-dead-letter-allow", queue(), parking(redriveAllowPolicy='{"redrivePermission": "byQueue"}')
).broken({"parking.redriveAllowPolicy": MISSING}, OPEN).broken(
    {"parking.redriveAllowPolicy": None}, OPEN
).broken(
    {"parking.redriveAllowPolicy": "no JSON"}, "redriveAllowPolicy must be a JSON object, but it is a string."
).unknown({"parking.redriveAllowPolicy": UNKNOWN}, "redriveAllowPolicy").unknown(
    {"queue.redrivePolicy": UNKNOWN}, "queue.redrivePolicy"
)

PLAIN = "it has no policy of its own that refuses what doesn't come over TLS."
(
    CASES.about_stack("relation-queue-policy", queue(), POLICY)
    .without("policy", PLAIN)
    .broken({"policy.queueUrl": "https://sqs/other"}, PLAIN)
    .unknown({"policy.queueUrl": UNKNOWN}, "policy.queueUrl")
)
DENYING = policy(deny_plain("sqs:*", "*"))
CASES.about_stack("relation-queue-policy", queue(policy=DENYING)).broken(
    {"queue.policy": MISSING}, PLAIN
).broken({"queue.policy": None}, PLAIN).broken(
    {"queue.policy": policy(deny_plain("sqs:SendMessage", "*"))}, PLAIN
).broken(
    {"queue.policy": ["x"]}, "policy must be a policy document with statements, but it is a list."
).unknown({"queue.policy": UNKNOWN}, "queue.policy")

TOO_SHORT = "function with a timeout of 30 s and a window of 1 s needs 181 s."
(
    CASES.about_stack("relation-visibility-timeout", MAPPING_MADE, queue(), FUNCTION_MADE)
    .broken({"queue.visibilityTimeoutSeconds": 180}, f"queue hides a message for 180 s; {TOO_SHORT}")
    .broken({"queue.visibilityTimeoutSeconds": 0}, f"queue hides a message for 0 s; {TOO_SHORT}")
    .broken({"queue.visibilityTimeoutSeconds": MISSING}, f"queue hides a message for 30 s; {TOO_SHORT}")
    .broken({"queue.visibilityTimeoutSeconds": None}, f"queue hides a message for 30 s; {TOO_SHORT}")
    .broken(
        {"queue.visibilityTimeoutSeconds": "long"},
        "visibilityTimeoutSeconds must be a number, but it is a string.",
    )
    .unknown({"queue.visibilityTimeoutSeconds": UNKNOWN}, "visibilityTimeoutSeconds")
    .broken(
        {"function.timeout": 31},
        "queue hides a message for 181 s; function with a timeout of 31 s and a window of 1 s needs 187 s.",
    )
    .fine({"function.timeout": MISSING})
    .unknown({"function.timeout": UNKNOWN}, "timeout")
    .broken({"function.timeout": "long"}, "timeout must be a number, but it is a string.")
    .broken(
        {"mapping.maximumBatchingWindowInSeconds": 300},
        "queue hides a message for 181 s; function with a timeout of 30 s and a window of 300 s needs 480 s.",
    )
    .fine({"mapping.maximumBatchingWindowInSeconds": MISSING})
    .broken(
        {"mapping.maximumBatchingWindowInSeconds": "long"},
        "maximumBatchingWindowInSeconds must be a number, but it is a string.",
    )
    .unknown({"mapping.maximumBatchingWindowInSeconds": UNKNOWN}, "maximumBatchingWindowInSeconds")
    .without("queue", "its queue is not of this stack, so that their times can't be compared.")
    .without("function", "its function is not of this stack, so that their times can't be compared.")
    .fine({"mapping.functionName": f"{FUNCTION_MADE.props['arn']}:live"})
    .fine({"mapping.eventSourceArn": "arn:aws:kinesis:us-east-1:111111111111:stream/x"})
    .broken(
        {"mapping.eventSourceArn": MISSING},
        "its queue is not of this stack, so that their times can't be compared.",
    )
    .unknown({"mapping.eventSourceArn": UNKNOWN}, "eventSourceArn")
    .unknown({"mapping.functionName": UNKNOWN}, "functionName")
)
LINKED = MAPPING_MADE.but(
    props={**MAPPING_MADE.props, "eventSourceArn": UNKNOWN, "functionName": UNKNOWN},
    links={"eventSourceArn": (queue().urn,), "functionName": (FUNCTION_MADE.urn,)},
)
CASES.about_stack(
    "relation-visibility-timeout", LINKED, queue(arn=UNKNOWN, url=UNKNOWN), FUNCTION_MADE
).broken({"queue.visibilityTimeoutSeconds": 30}, f"queue hides a message for 30 s; {TOO_SHORT}")

DEPTH = "ApproximateNumberOfMessagesVisible"
UNALARMED = f"it is a dead-letter queue without an alarm on {DEPTH}."
(
    CASES.about_stack("relation-dead-letter-alarm", queue(), parking(), FUNCTION_MADE, DEPTH_ALARM)
    .without("alarm", UNALARMED)
    .broken({"alarm.metricName": "NumberOfMessagesSent"}, UNALARMED)
    .broken({"alarm.metricName": MISSING}, UNALARMED)
    .broken({"alarm.metricName": None}, UNALARMED)
    .broken({"alarm.metricName": 7}, "metricName must be a string, but it is a number.")
    .unknown({"alarm.metricName": UNKNOWN}, "metricName")
    .broken({"alarm.comparisonOperator": "LessThanThreshold"}, UNALARMED)
    .broken({"alarm.comparisonOperator": MISSING}, UNALARMED)
    .fine({"alarm.comparisonOperator": "GreaterThanThreshold"})
    .unknown({"alarm.comparisonOperator": UNKNOWN}, "comparisonOperator")
    .broken({"alarm.namespace": "Payments"}, UNALARMED)
    .broken({"alarm.namespace": MISSING}, UNALARMED)
    .broken({"alarm.dimensions": {"QueueName": QUEUE_NAME}}, UNALARMED)
    .broken({"alarm.dimensions": MISSING}, UNALARMED)
    .unknown({"alarm.dimensions.QueueName": UNKNOWN}, "alarm.dimensions")
    .unknown({"queue.redrivePolicy": UNKNOWN, "function.deadLetterConfig": UNKNOWN}, "deadLetterConfig")
)
QUERIED = {
    "metricName": MISSING,
    "dimensions": MISSING,
    "metricQueries": [
        {"id": "rate", "expression": "depth/60"},
        {
            "id": "depth",
            "metric": {
                "namespace": "AWS/SQS",
                "metricName": DEPTH,
                "dimensions": {"QueueName": PARKING_NAME},
            },
        },
    ],
}
CASES.about_stack("relation-dead-letter-alarm", queue(), parking(), DEPTH_ALARM).fine(
    {f"alarm.{key}": value for key, value in QUERIED.items()}
)
(
    CASES.about_stack("relation-dead-letter-threshold", queue(), parking(), DEPTH_ALARM)
    .broken(
        {"alarm.threshold": 100}, "the threshold of alarm is 100; dev declares deadLetterAlarmThreshold 10."
    )
    .broken(
        {"alarm.threshold": MISSING},
        "the threshold of alarm is not set; dev declares deadLetterAlarmThreshold 10.",
    )
    .broken(
        {"alarm.threshold": None},
        "the threshold of alarm is not set; dev declares deadLetterAlarmThreshold 10.",
    )
    .broken({"alarm.threshold": {}}, "threshold must be a number, but it is an object.")
    .unknown({"alarm.threshold": UNKNOWN}, "threshold")
    .without("queue")
)
(
    CASES.about_stack("relation-function-dead-letter", FUNCTION_MADE, parking())
    .without(
        "parking", "its dead-letter queue is not of this stack, so that nobody can say whether it is alarmed."
    )
    .broken(
        {"function.deadLetterConfig": MISSING},
        "its dead-letter queue is not of this stack, so that nobody can say whether it is alarmed.",
    )
    .unknown({"function.deadLetterConfig.targetArn": UNKNOWN}, "deadLetterConfig.targetArn")
)
CASES.about_stack(
    "relation-function-dead-letter",
    FUNCTION_MADE.but(
        props={**FUNCTION_MADE.props, "deadLetterConfig": {"targetArn": UNKNOWN}},
        links={"deadLetterConfig": (parking().urn,)},
    ),
    parking(arn=UNKNOWN),
)
(
    CASES.about_stack("relation-dead-letter-retention", queue(), parking())
    .broken(
        {"parking.messageRetentionSeconds": 345600},
        "it keeps messages for 345600 s, queue for 345600 s already.",
    )
    .broken(
        {"parking.messageRetentionSeconds": MISSING},
        "it keeps messages for 345600 s, queue for 345600 s already.",
    )
    .broken(
        {"parking.messageRetentionSeconds": None},
        "it keeps messages for 345600 s, queue for 345600 s already.",
    )
    .broken(
        {"parking.messageRetentionSeconds": "long"},
        "messageRetentionSeconds must be a number, but it is a string.",
    )
    .unknown({"parking.messageRetentionSeconds": UNKNOWN}, "messageRetentionSeconds")
    .broken(
        {"queue.messageRetentionSeconds": 1209600},
        "it keeps messages for 1209600 s, queue for 1209600 s already.",
    )
    .fine({"queue.messageRetentionSeconds": MISSING})
    .unknown({"queue.messageRetentionSeconds": UNKNOWN}, "messageRetentionSeconds")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
