"""How queues hang together: what is given up is parked, seen, kept long enough, and confined."""

from collections.abc import Iterator

from policies.properties import Props, UnknownPropertyError, block, blocks, number, text, whole
from policies.resource import CheckedResource
from policies.rule import RuleContext, RuleSeverity, StackRule
from policies.rules.event_source import MAPPING
from policies.rules.queue import QUEUE, REDRIVE, REDRIVE_ALLOW, SQS_DOCS, json_object
from policies.rules.resource_policy import allows_http

FUNCTION = "aws:lambda/function:Function"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
MAPPING_TYPE = next(iter(MAPPING))

PARKING = {
    QUEUE: "redrivePolicy",
    REDRIVE: "redrivePolicy",
    FUNCTION: "deadLetterConfig",
    SUBSCRIPTION: "redrivePolicy",
}
"""Types that give messages up, and the property that says to which queue."""

VISIBILITY_FACTOR = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
DEFAULT_VISIBILITY_SECONDS = 30
DEFAULT_RETENTION_SECONDS = 345_600
DEFAULT_TIMEOUT_SECONDS = 3
RISING = frozenset({"GreaterThanThreshold", "GreaterThanOrEqualToThreshold"})
DEPTH = "ApproximateNumberOfMessagesVisible"


def _parked_by(queue: CheckedResource, context: RuleContext) -> list[CheckedResource]:
    """Return who gives messages up to a queue; not empty for a dead-letter queue."""
    found: list[CheckedResource] = []
    unknown = None
    for kind, key in PARKING.items():
        try:
            found += context.graph.referring(queue, key, kind)
        except UnknownPropertyError as reason:
            unknown = reason
    found = [source for source in found if source.urn != queue.urn]
    if not found and unknown is not None:
        raise unknown
    return found


def _targets(queue: CheckedResource, context: RuleContext) -> list[CheckedResource]:
    """The queues of the stack to which a queue gives messages up, by its own property or by a resource."""
    graph = context.graph
    return [
        target
        for source in (queue, *graph.referring(queue, "queueUrl", REDRIVE))
        for target in graph.linked(source, "redrivePolicy", QUEUE)
    ]


def _names_a_target(queue: CheckedResource, context: RuleContext) -> bool:
    sources = (queue, *context.graph.referring(queue, "queueUrl", REDRIVE))
    policies = [json_object(source.props, "redrivePolicy") or {} for source in sources]
    return any(text(policy, "deadLetterTargetArn") for policy in policies)


def _comes_back(queue: CheckedResource, context: RuleContext) -> bool:
    """Return whether what a queue gives up ends in it again, by however many others."""
    seen: set[str] = set()
    ahead = _targets(queue, context)
    while ahead:
        current = ahead.pop()
        if current.urn == queue.urn:
            return True
        if current.urn not in seen:
            seen.add(current.urn)
            ahead += _targets(current, context)
    return False


def _check_dead_letter(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    if _targets(queue, context):
        if _comes_back(queue, context):
            yield "what it gives up comes back to it."
    elif _names_a_target(queue, context):
        yield "its dead-letter queue is not of this stack, so that nobody can say whether it is alarmed."
    elif context.graph.referring(queue, "eventSourceArn", MAPPING_TYPE):
        yield "it has no redrivePolicy, although a function takes its messages."
    elif not _parked_by(queue, context):
        yield "it has no redrivePolicy and is no dead-letter queue either."


def _check_allow(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    sources = [source for source in _parked_by(queue, context) if source.type in {QUEUE, REDRIVE}]
    inline = json_object(queue.props, "redriveAllowPolicy")
    if sources and not inline and not context.graph.referring(queue, "queueUrl", REDRIVE_ALLOW):
        yield "it is a dead-letter queue that every queue of the account may use."


def _check_policy(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not context.graph.referring(queue, "queueUrl", QUEUE_POLICY) and allows_http(queue, context):
        yield "it has no policy of its own that refuses what doesn't come over TLS."


def _check_visibility(mapping: CheckedResource, context: RuleContext) -> Iterator[str]:
    queues = context.graph.linked(mapping, "eventSourceArn", QUEUE)
    functions = context.graph.linked(mapping, "functionName", FUNCTION)
    source = text(mapping.props, "eventSourceArn") if not queues else ""
    if not queues and source and ":sqs:" not in source:
        return
    if not queues or not functions:
        missing = "function" if queues else "queue"
        yield f"its {missing} is not of this stack, so that their times can't be compared."
    window = number(mapping.props, "maximumBatchingWindowInSeconds") or 0
    for queue in queues:
        for function in functions:
            timeout = number(function.props, "timeout") or DEFAULT_TIMEOUT_SECONDS
            found = number(queue.props, "visibilityTimeoutSeconds")
            visible = DEFAULT_VISIBILITY_SECONDS if found is None else found
            wanted = VISIBILITY_FACTOR * timeout + window
            if visible < wanted:
                yield (
                    f"{queue.name} hides a message for {whole(visible)} s; {function.name} with a timeout of "
                    f"{whole(timeout)} s and a window of {whole(window)} s needs {whole(wanted)} s."
                )


def _metrics(alarm: CheckedResource) -> Iterator[Props]:
    yield alarm.props
    for query in blocks(alarm.props, "metricQueries"):
        metric = block(query, "metric")
        if metric is not None:
            yield metric


def _depth_alarms(queue: CheckedResource, context: RuleContext) -> list[CheckedResource]:
    """Return the alarms on too many messages that wait in a queue."""
    watching = [
        *context.graph.referring(queue, "dimensions", ALARM),
        *context.graph.referring(queue, "metricQueries", ALARM),
    ]
    return [
        alarm
        for alarm in watching
        if text(alarm.props, "comparisonOperator") in RISING
        and any(
            text(found, "metricName") == DEPTH and text(found, "namespace") == "AWS/SQS"
            for found in _metrics(alarm)
        )
    ]


def _check_alarm(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    if _parked_by(queue, context) and not _depth_alarms(queue, context):
        yield f"it is a dead-letter queue without an alarm on {DEPTH}."


def _check_threshold(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _parked_by(queue, context):
        return
    for alarm in _depth_alarms(queue, context):
        found, wanted = (
            number(alarm.props, "threshold"),
            context.stack.declared_number("deadLetterAlarmThreshold"),
        )
        if found != wanted:
            shown = "not set" if found is None else whole(found)
            yield (
                f"the threshold of {alarm.name} is {shown}; "
                f"{context.stack.environment} declares deadLetterAlarmThreshold {whole(wanted)}."
            )


def _check_function(function: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not context.graph.linked(function, "deadLetterConfig", QUEUE):
        yield "its dead-letter queue is not of this stack, so that nobody can say whether it is alarmed."


def _check_retention(queue: CheckedResource, context: RuleContext) -> Iterator[str]:
    kept = number(queue.props, "messageRetentionSeconds") or DEFAULT_RETENTION_SECONDS
    for source in _parked_by(queue, context):
        if source.type == QUEUE:
            before = number(source.props, "messageRetentionSeconds") or DEFAULT_RETENTION_SECONDS
            if kept <= before:
                yield f"it keeps messages for {whole(kept)} s, {source.name} for {whole(before)} s already."


QUEUES = frozenset({QUEUE})
PARKERS = frozenset(PARKING)

RULES = (
    StackRule(
        id="relation-queue-dead-letter",
        severity=RuleSeverity.HIGH,
        types=QUEUES,
        reads=PARKERS | MAPPING,
        title="Every queue has a dead-letter queue of its stack or is one.",
        why="Without one a message that always fails comes round until it expires, and is lost then.",
        fix="set redrivePolicy to a dead-letter queue.",
        url=f"{SQS_DOCS}/sqs-dead-letter-queues.html",
        references=("AwsSolutions-SQS3",),
        check=_check_dead_letter,
    ),
    StackRule(
        id="relation-dead-letter-allow",
        severity=RuleSeverity.MEDIUM,
        types=QUEUES,
        reads=PARKERS | {REDRIVE_ALLOW},
        title="Every dead-letter queue says which queues may use it.",
        why="By default any queue of the account may park its messages among failed payments.",
        fix="add a redriveAllowPolicy.",
        url=(
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
        ),
        check=_check_allow,
    ),
    StackRule(
        id="relation-queue-policy",
        severity=RuleSeverity.HIGH,
        types=QUEUES,
        reads=frozenset({QUEUE_POLICY}),
        title="Every queue has a policy that refuses what doesn't come over TLS.",
        why=(
            "The policy that AWS gives it denies nothing: anybody on the way could read a payment or change "
            "it."
        ),
        fix="add a QueuePolicy that denies everyone where aws:SecureTransport is false.",
        url=f"{SQS_DOCS}/sqs-security-best-practices.html",
        references=("AwsSolutions-SQS4",),
        check=_check_policy,
    ),
    StackRule(
        id="relation-visibility-timeout",
        severity=RuleSeverity.HIGH,
        types=frozenset({MAPPING_TYPE}),
        reads=frozenset({QUEUE, FUNCTION}),
        title=(
            "A queue hides a message six times as long as its function may take, and for the batching window."
        ),
        why="A message that shows up again while it is being worked on is worked on twice.",
        fix="raise the queue's visibilityTimeoutSeconds or lower the function's timeout.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
        check=_check_visibility,
    ),
    StackRule(
        id="relation-dead-letter-alarm",
        severity=RuleSeverity.HIGH,
        types=QUEUES,
        reads=PARKERS | {ALARM},
        title="Every dead-letter queue is alarmed.",
        why="Payments that failed wait there for fourteen days; somebody has to know.",
        fix=f"add an alarm on {DEPTH} with the queue's name as its dimension.",
        url=f"{SQS_DOCS}/dead-letter-queues-alarms-cloudwatch.html",
        check=_check_alarm,
    ),
    StackRule(
        id="relation-dead-letter-threshold",
        severity=RuleSeverity.MEDIUM,
        types=QUEUES,
        reads=PARKERS | {ALARM},
        title="A dead-letter queue is alarmed at the depth that its environment declares.",
        why="The threshold is a controlled variation: what is declared and what is deployed must be one.",
        fix="set the alarm's threshold from the stack's deadLetterAlarmThreshold.",
        url=f"{SQS_DOCS}/dead-letter-queues-alarms-cloudwatch.html",
        check=_check_threshold,
    ),
    StackRule(
        id="relation-function-dead-letter",
        severity=RuleSeverity.HIGH,
        types=frozenset({FUNCTION}),
        reads=QUEUES,
        title="Every function's dead-letter queue belongs to its stack.",
        why="A queue elsewhere is neither alarmed nor encrypted nor emptied by those who run the function.",
        fix="set deadLetterConfig.targetArn to a queue of the stack.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        references=("CKV_AWS_116",),
        check=_check_function,
    ),
    StackRule(
        id="relation-dead-letter-retention",
        severity=RuleSeverity.MEDIUM,
        types=QUEUES,
        reads=PARKERS,
        title="A dead-letter queue keeps messages longer than the queues that park them there.",
        why="A message keeps its age when it is parked: with the same retention it may be gone the same day.",
        fix="raise the dead-letter queue's messageRetentionSeconds.",
        url=f"{SQS_DOCS}/setting-up-dead-letter-queue-retention.html",
        check=_check_retention,
    ),
)
