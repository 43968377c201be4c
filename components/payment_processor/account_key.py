"""The table that holds the key of pseudonymised account references, apart from the ledger and its exports.

The function creates the key with the first payment, and nobody else may read or write the table. Deleting the
table makes every pseudonym in the ledger and in its backups untraceable.
"""

import pulumi
import pulumi_aws as aws

from components.payment_processor.ledger import TIME_TO_LIVE_ATTRIBUTE
from components.placement import Placement


def account_key_table(name: str) -> str:
    """Return the resource type, in names, of a processor's key table."""
    return f"{name}-account-key-table"


class AccountKey(pulumi.ComponentResource):
    """A table of one item, encrypted with the processor's key."""

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        key_arn: pulumi.Input[str],
        point_in_time_recovery: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:payments:AccountKey", f"{name}-account-key", None, opts)
        aws.dynamodb.Table(
            account_key_table(name),
            name=placement.names(account_key_table(name)),
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
            # A lost key makes a retry of every earlier payment a conflict.
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=point_in_time_recovery),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=key_arn
            ),
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TIME_TO_LIVE_ATTRIBUTE, enabled=False),
            deletion_protection_enabled=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
