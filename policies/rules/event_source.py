"""Event sources and asynchronous invocations: what a failure costs, and how often it is tried again."""

from collections.abc import Iterator

from policies.properties import Props, block, number, text, texts, whole
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity

MAPPING = frozenset({"aws:lambda/eventSourceMapping:EventSourceMapping"})
INVOKE_CONFIG = frozenset({"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"})
LAMBDA_DOCS = "https://docs.aws.amazon.com/lambda/latest/dg"
STREAMS = ("dynamodb", "kinesis")
LEAST_CONCURRENCY = 2
"""The least maximum concurrency that AWS takes for a mapping."""
MOST_RETRIES = 2
"""The most retries that AWS takes for asynchronous invocations."""


def _from_queue(props: Props) -> bool:
    return ":sqs:" in (text(props, "eventSourceArn") or "")


def _check_destination(props: Props) -> Iterator[str]:
    source = text(props, "eventSourceArn") or ""
    if any(f":{service}:" in source for service in STREAMS):
        failure = block(block(props, "destinationConfig") or {}, "onFailure") or {}
        if not text(failure, "destinationArn"):
            yield "destinationConfig.onFailure.destinationArn is not set."
        if (number(props, "maximumRetryAttempts") or -1) < 0:
            yield "maximumRetryAttempts is not set: one bad record stops the stream until it expires."


def _check_partial(props: Props) -> Iterator[str]:
    if _from_queue(props) and "ReportBatchItemFailures" not in texts(props, "functionResponseTypes"):
        yield "functionResponseTypes lacks ReportBatchItemFailures."


def _check_concurrency(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    if not _from_queue(resource.props):
        return
    found = number(block(resource.props, "scalingConfig") or {}, "maximumConcurrency")
    reserved = context.stack.declared_number("reservedConcurrency")
    wanted = max(LEAST_CONCURRENCY, reserved)
    if found is None or found > wanted:
        shown = "not set" if found is None else whole(found)
        yield (
            f"scalingConfig.maximumConcurrency is {shown}; "
            f"with reservedConcurrency {whole(reserved)} it may be {whole(wanted)}."
        )


def _check_retries(resource: CheckedResource, context: RuleContext) -> Iterator[str]:
    found = number(resource.props, "maximumRetryAttempts")
    wanted = min(MOST_RETRIES, context.stack.declared_number("maxReceiveCount"))
    if found != wanted:
        shown = "not set" if found is None else whole(found)
        yield f"maximumRetryAttempts is {shown}; {context.stack.environment} declares {whole(wanted)}."


RULES = (
    PropertyRule(
        id="event-source-failure-destination",
        severity=RuleSeverity.HIGH,
        types=MAPPING,
        title="What a function gives up of a stream is parked.",
        why="A record that always fails blocks its shard, and is lost when the stream forgets it.",
        fix="set destinationConfig.onFailure.destinationArn to a queue, and maximumRetryAttempts.",
        url=f"{LAMBDA_DOCS}/services-dynamodb-errors.html",
        check=_check_destination,
    ),
    PropertyRule(
        id="event-source-partial-failures",
        severity=RuleSeverity.HIGH,
        types=MAPPING,
        title="A function that takes batches from a queue reports which messages failed.",
        why=(
            "Otherwise one bad payment sends its whole batch round again, and in the end to the dead-letter "
            "queue."
        ),
        fix="set functionResponseTypes to ReportBatchItemFailures.",
        url=f"{LAMBDA_DOCS}/services-sqs-errorhandling.html",
        check=_check_partial,
    ),
    ResourceRule(
        id="event-source-concurrency",
        severity=RuleSeverity.MEDIUM,
        types=MAPPING,
        title="A queue's pollers take no more batches than the function may run at once.",
        why="What they take beyond is throttled, and each throttle uses up one of the message's receives.",
        fix="set scalingConfig.maximumConcurrency to the larger of 2 and the reserved concurrency.",
        url=f"{LAMBDA_DOCS}/services-sqs-scaling.html",
        check=_check_concurrency,
    ),
    ResourceRule(
        id="function-asynchronous-retries",
        severity=RuleSeverity.MEDIUM,
        types=INVOKE_CONFIG,
        title=(
            "Asynchronous invocations are retried as often as the environment declares, within AWS's limit "
            "of two."
        ),
        why="Retry counts are a controlled variation: what is declared and what is deployed must be one.",
        fix="set maximumRetryAttempts to the smaller of 2 and the stack's maxReceiveCount.",
        url=f"{LAMBDA_DOCS}/invocation-async-configuring.html",
        check=_check_retries,
    ),
)
