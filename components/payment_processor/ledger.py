"""The ledger: one item a payment, which is its idempotency record too, and its audit events beside it."""

import pulumi
import pulumi_aws as aws

from components.placement import Placement

TIME_TO_LIVE_ATTRIBUTE = "expiresAt"
"""An attribute that no item has: payments are kept."""


class Ledger(pulumi.ComponentResource):
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
            ],
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=point_in_time_recovery),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=key_arn
            ),
            # Declared off: only then is it drift if somebody switches it on. AWS needs the attribute's name
            # again to switch it off.
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TIME_TO_LIVE_ATTRIBUTE, enabled=False),
            deletion_protection_enabled=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table_arn, self.table_name = table.arn, table.name
        self.register_outputs({})
