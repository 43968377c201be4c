"""The payment function: its code's configuration, its log group, and the mapping that feeds it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.artifact import ARCHITECTURE, RUNTIME, Artifact
from components.payment_processor.account_key import account_key_table
from components.payment_processor.rules import PaymentRules
from components.payment_processor.timing import (
    BATCH_SIZE,
    BATCHING_WINDOW_SECONDS,
    FUNCTION_TIMEOUT_SECONDS,
    LEAST_MAXIMUM_CONCURRENCY,
    asynchronous_retries,
    maximum_concurrency,
)
from components.placement import Placement
from components.project_settings import PaymentsScaling

HANDLER = "payment_processor.handler.handler"
MAXIMUM_EVENT_AGE_SECONDS = 3600
"""How long an asynchronous invocation is retried when the function is throttled, before it is parked."""


@dataclass(frozen=True, kw_only=True)
class NetworkAttachment:
    """The subnets and the security group that a function runs in."""

    subnet_ids: pulumi.Input[list[str]]
    security_group_id: pulumi.Input[str]


class PaymentFunction(pulumi.ComponentResource):
    """The function, fed by the queue; failed asynchronous invocations go to the same dead-letter queue."""

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        scaling: PaymentsScaling,
        artifact: Artifact,
        rules: PaymentRules,
        network: NetworkAttachment,
        role_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:PaymentFunction", f"{name}-payment-function", None, opts)
        names = placement.names
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log-group",
            name=names(f"{name}-log-group"),
            retention_in_days=scaling.log_retention_days,
            kms_key_id=key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        function = aws.lambda_.Function(
            f"{name}-function",
            name=names(f"{name}-function"),
            description="Stores each payment once and publishes what became of it",
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=HANDLER,
            code=pulumi.FileArchive(str(artifact.path)),
            source_code_hash=artifact.source_code_hash,
            code_sha256=artifact.source_code_hash,  # is read back from Lambda: other code is drift
            role=role_arn,
            memory_size=scaling.memory_mb,
            timeout=FUNCTION_TIMEOUT_SECONDS,
            reserved_concurrent_executions=scaling.reserved_concurrency,
            kms_key_arn=key_arn,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_variables(name, placement, rules)),
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=network.subnet_ids, security_group_ids=[network.security_group_id]
            ),
            dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(
                target_arn=placement.arn("sqs", names(f"{name}-dead-letter-queue"))
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=log_group.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-function-event-invoke-config",
            function_name=function.name,
            maximum_retry_attempts=asynchronous_retries(scaling.max_receive_count),
            maximum_event_age_in_seconds=MAXIMUM_EVENT_AGE_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        concurrencies = {
            name: maximum_concurrency(scaling.reserved_concurrency),
            f"{name}-verification": LEAST_MAXIMUM_CONCURRENCY,  # a verification is a handful of messages
        }
        for prefix, concurrency in concurrencies.items():
            aws.lambda_.EventSourceMapping(
                f"{prefix}-event-source-mapping",
                event_source_arn=placement.arn("sqs", names(f"{prefix}-queue")),
                function_name=function.arn,
                batch_size=BATCH_SIZE,
                maximum_batching_window_in_seconds=BATCHING_WINDOW_SECONDS,
                function_response_types=["ReportBatchItemFailures"],
                scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                    maximum_concurrency=concurrency
                ),
                tags={"Name": names(f"{prefix}-event-source-mapping")},
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.function_name, self.function_arn = function.name, function.arn
        self.register_outputs({})


def _variables(name: str, placement: Placement, rules: PaymentRules) -> dict[str, str]:
    """The function's configuration, none of it secret."""
    key_table = {"ACCOUNT_KEY_TABLE": placement.names(account_key_table(name))}
    return {
        "ENVIRONMENT": placement.names.environment,
        "TABLE_NAME": placement.names(f"{name}-table"),
        "TOPIC_ARN": placement.arn("sns", placement.names(f"{name}-notification-topic")),
        "VERIFICATION_QUEUE_ARN": placement.arn("sqs", placement.names(f"{name}-verification-queue")),
        **(key_table if rules.pseudonymise_accounts else {}),
        **rules.variables,
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "Payments",
    }
