"""What a verifier may do: send synthetic payments, see what becomes of them, and take them away again."""

from components import iam
from components.deployer_access.processor_parts import ProcessorParts
from components.ownership import own
from components.placement import Placement

RESERVED_KEYS = "PAYMENT#verification:*"
"""Partition keys of the ledger that are synthetic payments' alone (operations/verification/probes.py)."""


def verifier_permissions(placement: Placement, parts: ProcessorParts) -> list[iam.Statement]:
    """The calls of scripts/verify.py, on this environment: synthetic payments in the ledger and their queues.

    Customers' messages are in other queues, which a verifier can neither read nor write.
    """
    return [
        iam.Statement(
            sid="ReservedPayments",
            actions=["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"],
            resources=parts.tables,
            # ForAllValues alone would hold for a request without keys.
            conditions={
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [RESERVED_KEYS]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
        iam.Statement(
            sid="SendPayments",
            actions=["sqs:SendMessage"],
            resources=parts.verification_queues,
        ),
        iam.Statement(
            sid="CompareQueues",
            actions=["sqs:GetQueueAttributes"],
            resources=parts.all_queues,
        ),
        # Every resource: Lambda lists mappings as a whole.
        iam.Statement(sid="CompareMappings", actions=["lambda:ListEventSourceMappings"], resources=["*"]),
        iam.Statement(
            sid="TakeDeadLetters",
            actions=["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
            resources=parts.verification_dead_letter_queues,
        ),
        iam.Statement(
            sid="UseOwnKeys",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[placement.arn("kms", "key/*")],
            conditions={
                "StringEquals": {
                    **own(placement),
                    "kms:ViaService": [
                        f"{service}.{placement.region}.amazonaws.com" for service in ("dynamodb", "sqs")
                    ],
                }
            },
        ),
        # Alarms are described as a whole, whatever is asked for.
        iam.Statement(
            sid="DescribeAlarms",
            actions=["cloudwatch:DescribeAlarms"],
            resources=[placement.arn("cloudwatch", "alarm:*")],
        ),
    ]
