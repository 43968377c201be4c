"""What the destroyer may do beyond the deployer: create, open and delete what holds payments or evidence.

Deleting a table, switching recovery or alarms off, shortening a retention, and changing who may use a key,
queue or topic have this in common: the daily role never needs them, and a thief would.
"""

from components import iam
from components.deployer_access.processor_parts import ProcessorParts
from components.ownership import becoming_own, own
from components.placement import Placement


def data_permissions(placement: Placement, parts: ProcessorParts) -> list[iam.Statement]:
    """Return the permissions on tables, queues, topics, alarms and log groups."""
    log_groups = placement.arn("logs", f"log-group:{placement.names.any}")

    def manage(sid: str, service: str, actions: str, *resources: str) -> iam.Statement:
        return iam.Statement(
            sid=sid, actions=[f"{service}:{action}" for action in actions.split()], resources=resources
        )

    return [
        manage(
            "Tables",
            "dynamodb",
            "CreateTable DeleteTable UpdateContinuousBackups UpdateTable UpdateTimeToLive",
            *parts.tables,
        ),
        manage(
            "Queues",
            "sqs",
            "CreateQueue DeleteQueue SetQueueAttributes",
            *parts.all_queues,
        ),
        manage("Topics", "sns", "CreateTopic DeleteTopic SetTopicAttributes", *parts.topics),
        # Every resource: subscriptions are no resource type of SNS.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
        manage("Subscriptions", "sns", "SetSubscriptionAttributes Unsubscribe", "*"),
        manage(
            "Alarms",
            "cloudwatch",
            "DeleteAlarms",
            placement.arn("cloudwatch", f"alarm:{placement.names.any}"),
        ),
        manage(
            "LogGroups",
            "logs",
            "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey "
            "PutRetentionPolicy",
            log_groups,
            f"{log_groups}:*",
        ),
        # Without a condition on the network, in case AWS has no ids for an update that names no network.
        manage("ConfigureFunctions", "lambda", "UpdateFunctionConfiguration", *parts.functions),
    ]


def key_permissions(placement: Placement) -> list[iam.Statement]:
    """Return the permissions on keys that carry this environment's tags, and on their aliases."""
    keys = placement.arn("kms", "key/*")
    owned = {"StringEquals": own(placement)}
    return [
        # Every resource: the key has no ARN yet.
        iam.Statement(
            sid="CreateKeys",
            actions=["kms:CreateKey"],
            resources=["*"],
            conditions={"StringEquals": becoming_own(placement)},
        ),
        # A new key has neither tags nor an alias. KMS has no condition that tells tagging a new key from
        # tagging an old one, so a key that nobody tagged and nobody named could be adopted.
        iam.Statement(
            sid="TagNewKeys",
            actions=["kms:TagResource"],
            resources=[keys],
            conditions={
                "StringEquals": becoming_own(placement),
                "Null": {**dict.fromkeys(own(placement), "true"), "kms:ResourceAliases": "true"},
            },
        ),
        iam.Statement(
            sid="ManageOwnKeys",
            actions=[
                "kms:CreateAlias",
                "kms:DeleteAlias",
                "kms:DisableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateAlias",
            ],
            resources=[keys],
            conditions=owned,
        ),
        iam.Statement(
            sid="NameOwnKeys",
            actions=["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            resources=[placement.arn("kms", f"alias/{placement.names.any}")],
        ),
        # Creating a table encrypts with the key on the caller's behalf.
        iam.Statement(
            sid="UseOwnKeysForTables",
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
                    "kms:ViaService": f"dynamodb.{placement.region}.amazonaws.com",
                }
            },
        ),
    ]
