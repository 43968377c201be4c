"""What an operator may do: read payments, and bring dead letters back to their queue. No infrastructure."""

from components import iam
from components.deployer_access.processor_parts import ProcessorParts
from components.ownership import own
from components.placement import Placement


def operator_permissions(placement: Placement, parts: ProcessorParts) -> list[iam.Statement]:
    """The calls of scripts/payment.py and scripts/redrive.py, on data of this environment.

    An operator adds payment requests to a queue, and never takes one from it, nor writes to payments or audit
    trails: that is the function's alone. In the ledger table it writes how often letters were redriven.
    """
    keys = placement.arn("kms", "key/*")

    def with_own_keys(sid: str, *actions: str, services: tuple[str, ...]) -> iam.Statement:
        via = [f"{service}.{placement.region}.amazonaws.com" for service in services]
        return iam.Statement(
            sid=sid,
            actions=actions,
            resources=[keys],
            conditions={"StringEquals": {**own(placement), "kms:ViaService": via}},
        )

    return [
        # Scan: proves the chains of the whole ledger, and that the index lacks no payment; `scripts/deploy.py
        # destroy` counts payments with it.
        iam.Statement(
            sid="ReadPayments",
            actions=["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
            resources=[*parts.tables, *(f"{table}/index/by-day" for table in parts.tables)],
        ),
        iam.Statement(
            sid="CountRedrives",
            actions=["dynamodb:BatchWriteItem"],
            resources=parts.tables,
            conditions={
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["REDRIVE#*"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
        # Every resource: CloudWatch's metrics are no resource type.
        iam.Statement(
            sid="ReportReconciliations",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": "Payments"}},
        ),
        iam.Statement(
            sid="TakeDeadLetters",
            actions=["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
            resources=parts.dead_letter_queues,
        ),
        iam.Statement(
            sid="SendPayments",
            actions=["sqs:GetQueueAttributes", "sqs:SendMessage"],
            resources=parts.queues,
        ),
        with_own_keys("ReadWithOwnKeys", "kms:Decrypt", services=("dynamodb", "sqs")),
        with_own_keys("SendWithOwnKeys", "kms:GenerateDataKey", services=("sqs",)),
    ]
