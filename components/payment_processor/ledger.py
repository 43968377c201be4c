"""The ledger: one item per payment, which is its idempotency record too, and its audit entries beside it.

The index `by-day` finds payments by day and state. Its keys are attributes of payments alone, so it holds no
audit entries; each day is spread over 16 partitions (functions/payment_processor/ledger.py).
"""

import pulumi
import pulumi_aws as aws

from components.placement import Placement

TIME_TO_LIVE_ATTRIBUTE = "expiresAt"
"""When an item expires, in seconds since 1970; items have it only where `retentionDays` is set."""

INDEX = "by-day"
INDEXED = [
    "amount",
    "chainHead",
    "currency",
    "decision",
    "entries",
    "nearDuplicateOf",
    "notifiedAt",
    "paymentId",
    "recordedAt",
    "state",
]
"""What the index holds besides keys: what lists and sums need, and no account reference."""


class LedgerTable(pulumi.ComponentResource):
    """The table of payments, billed by request and encrypted."""

    table_arn: pulumi.Output[str]
    table_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        point_in_time_recovery: bool,
        expires: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:Ledger", f"{name}-ledger", None, opts)
        table = aws.dynamodb.Table(
            f"{name}-table",
            name=placement.names(f"{name}-table"),
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name="pk", type="S"),
                aws.dynamodb.TableAttributeArgs(name="sk", type="S"),
                aws.dynamodb.TableAttributeArgs(name="indexDay", type="S"),
                aws.dynamodb.TableAttributeArgs(name="indexState", type="S"),
            ],
            global_secondary_indexes=[
                aws.dynamodb.TableGlobalSecondaryIndexArgs(
                    name=INDEX,
                    key_schemas=[
                        aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(
                            attribute_name=name, key_type=key_type
                        )
                        for name, key_type in (("indexDay", "HASH"), ("indexState", "RANGE"))
                    ],
                    projection_type="INCLUDE",
                    non_key_attributes=INDEXED,
                )
            ],
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=point_in_time_recovery),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=key_arn
            ),
            # Declared even where it is off: only then is it drift if somebody switches it on. AWS needs the
            # attribute's name again to switch it off.
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TIME_TO_LIVE_ATTRIBUTE, enabled=expires),
            deletion_protection_enabled=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table_arn, self.table_name = table.arn, table.name
        self.register_outputs({})
