"""The request queue and its dead-letter queue."""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import iam
from components.payment_processor.timing import (
    DEAD_LETTER_RETENTION_DAYS,
    QUEUE_RETENTION_DAYS,
    SECONDS_A_DAY,
    VISIBILITY_TIMEOUT_SECONDS,
)
from components.placement import Placement


class Queues(pulumi.ComponentResource):
    """Payment requests, and those that failed too often; both encrypted and reached through TLS only."""

    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    dead_letter_queue_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        max_receive_count: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:Queues", f"{name}-queues", None, opts)
        self._name, self._placement, self._key_arn = name, placement, key_arn
        queue_arn = placement.arn("sqs", placement.names(f"{name}-queue"))
        dead_letter_queue_arn = placement.arn("sqs", placement.names(f"{name}-dead-letter-queue"))
        dead_letter_queue = self._queue(
            f"{name}-dead-letter-queue", message_retention_seconds=DEAD_LETTER_RETENTION_DAYS * SECONDS_A_DAY
        )
        queue = self._queue(
            f"{name}-queue",
            message_retention_seconds=QUEUE_RETENTION_DAYS * SECONDS_A_DAY,
            visibility_timeout_seconds=VISIBILITY_TIMEOUT_SECONDS,
            redrive_policy=_json(
                {"deadLetterTargetArn": dead_letter_queue_arn, "maxReceiveCount": max_receive_count}
            ),
            depends_on=dead_letter_queue,
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-letter-queue-redrive-allow-policy",
            queue_url=dead_letter_queue.url,
            redrive_allow_policy=_json({"redrivePermission": "byQueue", "sourceQueueArns": [queue_arn]}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.queue_url, self.queue_arn = queue.url, queue.arn
        self.dead_letter_queue_url, self.dead_letter_queue_arn = dead_letter_queue.url, dead_letter_queue.arn
        self.register_outputs({})

    def _queue(
        self,
        resource_type: str,
        *,
        message_retention_seconds: int,
        visibility_timeout_seconds: int | None = None,
        redrive_policy: str | None = None,
        depends_on: pulumi.Resource | None = None,
    ) -> aws.sqs.Queue:
        physical_name = self._placement.names(resource_type)
        queue = aws.sqs.Queue(
            resource_type,
            name=physical_name,
            message_retention_seconds=message_retention_seconds,
            visibility_timeout_seconds=visibility_timeout_seconds,
            redrive_policy=redrive_policy,
            kms_master_key_id=self._key_arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[depends_on] if depends_on else None),
        )
        aws.sqs.QueuePolicy(
            f"{resource_type}-policy",
            queue_url=queue.url,
            policy=iam.document(
                iam.deny_insecure_transport(["sqs:*"], self._placement.arn("sqs", physical_name)),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue


def _json(attribute: Mapping[str, object]) -> str:
    """Write a queue attribute as SQS returns it: some versions of the AWS plugin take blanks for a change."""
    return json.dumps(attribute, separators=(",", ":"), sort_keys=True)
