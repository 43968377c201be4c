"""What an environment is set to, read back from the services rather than from its configuration."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.box import Sandbox


def variations(box: Sandbox, environment: str, outputs: Mapping[str, Any]) -> dict[str, str]:
    """The controlled variations of an environment, and what is the same in all, by name, in words.

    `outputs` are those of the environment's payments stack.
    """
    account = box.account(environment)
    session = box.session(environment)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=box.url)

    functions, ledger = client("lambda"), client("dynamodb")
    name, table = outputs["functionName"], outputs["tableName"]
    function = functions.get_function(FunctionName=name)
    configuration = function["Configuration"]
    mappings = functions.list_event_source_mappings(EventSourceArn=outputs["queueArn"])
    mapping = mappings["EventSourceMappings"][0]
    retries = functions.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=outputs["queueUrl"], AttributeNames=["All"])
    redrive = json.loads(attributes["Attributes"]["RedrivePolicy"])
    backups = ledger.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    billing = ledger.describe_table(TableName=table)["Table"]["BillingModeSummary"]["BillingMode"]
    group = configuration["LoggingConfig"]["LogGroup"]
    groups = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    ending = f"-{environment}-{account.suffix}"
    return {
        "account": account.id,
        "region": account.region,
        "architecture": ", ".join(configuration["Architectures"]),
        "memory": f"{configuration['MemorySize']} MB",
        "reserved concurrency": str(
            function.get("Concurrency", {}).get("ReservedConcurrentExecutions", "none")
        ),
        "mapping's concurrency": str(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", "none")),
        "receives before dead-letter": str(redrive["maxReceiveCount"]),
        "asynchronous retries": str(retries),
        "point-in-time recovery": recovery.lower(),
        "table billing": billing.lower().replace("_", " "),
        "log retention": f"{groups[0].get('retentionInDays', 'unlimited')} days"
        if groups
        else "no log group",
        **{
            alarm["AlarmName"].removesuffix(ending).replace("-", " "): f"{alarm['Threshold']:g}"
            for alarm in sorted(alarms, key=lambda alarm: str(alarm["AlarmName"]))
            if "Threshold" in alarm
        },
    }
