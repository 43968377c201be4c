"""Timeouts and batches of the path queue → function, which only hold together as a whole."""

FUNCTION_TIMEOUT_SECONDS = 30
"""A batch of ten takes well under a second; the rest is for retries against a slow DynamoDB or SNS."""

BATCH_SIZE = 10
"""Messages per invocation: also the most that one PublishBatch takes.

https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
"""

BATCHING_WINDOW_SECONDS = 1
"""How long the mapping waits for a batch to fill."""

VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS + BATCHING_WINDOW_SECONDS
"""How long a received message stays hidden: six times the function's timeout and the batching window.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
Lambda's pollers retry a throttled batch inside this time. In dev, with one concurrent execution, two pollers
contend for it (below), so a batch may wait for the other to finish; six times is room enough for that.
"""

LEAST_MAXIMUM_CONCURRENCY = 2
"""The least that AWS takes for a mapping's maximum concurrency.

https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html
"""

MOST_ASYNCHRONOUS_RETRIES = 2
"""The most that AWS takes for asynchronous invocations.

https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
"""

QUEUE_RETENTION_DAYS = 4
DEAD_LETTER_RETENTION_DAYS = 14
"""The longest there is. It has to be longer than the queue's: a message keeps its age when it moves.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
"""

SECONDS_A_DAY = 86_400


def maximum_concurrency(reserved_concurrency: int) -> int:
    """How many batches the mapping has in flight: what the function may run at once, but AWS's minimum of 2.

    Were it left open, the pollers would receive more than the function may run, and throttles would use up
    the receives of healthy messages, which then go to the dead-letter queue.
    """
    return max(LEAST_MAXIMUM_CONCURRENCY, reserved_concurrency)


def asynchronous_retries(max_receive_count: int) -> int:
    """Retries of an asynchronous invocation: like the queue's receives, as far as Lambda goes."""
    return min(MOST_ASYNCHRONOUS_RETRIES, max_receive_count)
