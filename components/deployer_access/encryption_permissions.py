"""What the deployer may do with keys and log groups."""

from components import iam
from components.ownership import becoming_own, own
from components.placement import Placement


def encryption_permissions(placement: Placement) -> list[iam.Statement]:
    """Keys that carry this environment's tags, their aliases, and the log groups that they encrypt."""
    keys = placement.arn("kms", "key/*")
    aliases = placement.arn("kms", f"alias/{placement.names.any}")
    log_groups = placement.arn("logs", f"log-group:{placement.names.any}")
    owned = {"StringEquals": own(placement)}
    return [
        # Every resource: the key has no ARN yet, and aliases are listed as a whole.
        iam.Statement(
            sid="CreateKeys",
            actions=["kms:CreateKey"],
            resources=["*"],
            conditions={"StringEquals": becoming_own(placement)},
        ),
        # A new key has no tags yet. One that carries another deployment's may not be made this one's.
        iam.Statement(
            sid="TagNewKeys",
            actions=["kms:TagResource"],
            resources=[keys],
            conditions={
                "StringEquals": becoming_own(placement),
                "Null": dict.fromkeys(own(placement), "true"),
            },
        ),
        iam.Statement(sid="ListAliases", actions=["kms:ListAliases"], resources=["*"]),
        iam.Statement(
            sid="ManageOwnKeys",
            actions=[
                "kms:CancelKeyDeletion",
                "kms:CreateAlias",
                "kms:DeleteAlias",
                "kms:DescribeKey",
                "kms:DisableKeyRotation",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateAlias",
                "kms:UpdateKeyDescription",
            ],
            resources=[keys],
            conditions=owned,
        ),
        iam.Statement(
            sid="NameOwnKeys",
            actions=["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            resources=[aliases],
        ),
        iam.Statement(
            sid="LetServicesUseOwnKeys",
            actions=["kms:CreateGrant"],
            resources=[keys],
            conditions={**owned, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        # Creating a table and configuring a function encrypt with the key on the caller's behalf.
        iam.Statement(
            sid="UseOwnKeysThroughServices",
            actions=[
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resources=[keys],
            conditions={
                "StringEquals": {
                    **own(placement),
                    "kms:ViaService": [
                        f"{service}.{placement.region}.amazonaws.com" for service in ("dynamodb", "lambda")
                    ],
                }
            },
        ),
        iam.Statement(
            sid="ManageLogGroups",
            actions=[
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:DisassociateKmsKey",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ],
            resources=[log_groups, f"{log_groups}:*"],
        ),
        # Every resource: log groups are described by prefix.
        iam.Statement(sid="DescribeLogGroups", actions=["logs:DescribeLogGroups"], resources=["*"]),
    ]
