"""What an operator may do: read payments, and bring dead letters back to their queue. No infrastructure."""

from components import iam
from components.ownership import own
from components.placement import Placement


def operator_permissions(placement: Placement) -> list[iam.Statement]:
    """The calls of scripts/payment.py and scripts/redrive.py, on data of this environment.

    An operator adds payment requests to a queue, and never takes one from it, nor writes to the ledger: that
    is the function's alone.
    """
    names, keys = placement.names, placement.arn("kms", "key/*")

    def with_own_keys(sid: str, *actions: str, services: tuple[str, ...]) -> iam.Statement:
        via = [f"{service}.{placement.region}.amazonaws.com" for service in services]
        return iam.Statement(
            sid=sid,
            actions=actions,
            resources=[keys],
            conditions={"StringEquals": {**own(placement), "kms:ViaService": via}},
        )

    return [
        iam.Statement(
            sid="ReadPayments",
            actions=["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
            resources=[placement.arn("dynamodb", f"table/{names.any}")],
        ),
        # How many there are, and nothing of any: `scripts/deploy.py destroy` shows the number.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
        iam.Statement(
            sid="CountPayments",
            actions=["dynamodb:Scan"],
            resources=[placement.arn("dynamodb", f"table/{names.any}")],
            conditions={"StringEquals": {"dynamodb:Select": "COUNT"}},
        ),
        iam.Statement(
            sid="TakeDeadLetters",
            actions=["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
            resources=[placement.arn("sqs", names.any_of("dead-letter-queue"))],
        ),
        iam.Statement(
            sid="SendPayments",
            actions=["sqs:GetQueueAttributes", "sqs:SendMessage"],
            resources=[placement.arn("sqs", names.any_of("queue"))],
        ),
        with_own_keys("ReadWithOwnKeys", "kms:Decrypt", services=("dynamodb", "sqs")),
        with_own_keys("SendWithOwnKeys", "kms:GenerateDataKey", services=("sqs",)),
    ]
