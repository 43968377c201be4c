"""What the deployer may do with keys and log groups: read them, and let services use the keys."""

from components import iam
from components.ownership import own
from components.placement import Placement


def encryption_permissions(placement: Placement) -> list[iam.Statement]:
    """Return the permissions on keys that carry this environment's tags, and on its log groups.

    Key policies, aliases, deletions and retentions are the destroyer's.
    """
    keys = placement.arn("kms", "key/*")
    log_groups = placement.arn("logs", f"log-group:{placement.names.any}")
    owned = {"StringEquals": own(placement)}
    return [
        # Every resource: aliases are listed as a whole.
        iam.Statement(sid="ListAliases", actions=["kms:ListAliases"], resources=["*"]),
        iam.Statement(
            sid="ReadAndKeepOwnKeys",
            actions=[
                "kms:CancelKeyDeletion",
                "kms:DescribeKey",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:UpdateKeyDescription",
            ],
            resources=[keys],
            conditions=owned,
        ),
        iam.Statement(
            sid="LetServicesUseOwnKeys",
            actions=["kms:CreateGrant"],
            resources=[keys],
            conditions={**owned, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        # Configuring a function encrypts its variables with the key on the caller's behalf.
        iam.Statement(
            sid="UseOwnKeysThroughLambda",
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            resources=[keys],
            conditions={
                "StringEquals": {
                    **own(placement),
                    "kms:ViaService": f"lambda.{placement.region}.amazonaws.com",
                }
            },
        ),
        iam.Statement(
            sid="TagLogGroups",
            actions=["logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource"],
            resources=[log_groups, f"{log_groups}:*"],
        ),
        # Every resource: log groups are described by prefix.
        iam.Statement(sid="DescribeLogGroups", actions=["logs:DescribeLogGroups"], resources=["*"]),
    ]
