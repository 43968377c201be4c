"""Which API calls somebody should hear of, as data: the steps of the attacks in docs/security.md.

CloudTrail hands them to EventBridge in the account and region in which they happen. An organisation's or an
account's trail has to be logging (`python scripts/doctor.py` checks that).
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

import json
from collections.abc import Mapping, Sequence

REGIONAL: Mapping[str, Sequence[str]] = {
    "aws.kms": ("DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"),
    "aws.dynamodb": (
        "CreateTableReplica",
        "DeleteBackup",
        "DeleteTable",
        "EnableKinesisStreamingDestination",
        "ExportTableToPointInTime",
        "PutResourcePolicy",
        "UpdateContinuousBackups",
        "UpdateTimeToLive",
    ),
    "aws.sqs": ("AddPermission", "DeleteQueue", "PurgeQueue", "SetQueueAttributes"),
    "aws.sns": ("AddPermission", "DeleteTopic", "SetTopicAttributes", "Subscribe"),
    "aws.lambda": (
        "AddPermission20150331v2",
        "CreateEventSourceMapping20150331",
        "CreateFunctionUrlConfig",
        "DeleteFunction20150331",
        "UpdateFunctionCode20150331v2",
        "UpdateFunctionConfiguration20150331v2",
    ),
    "aws.logs": ("DeleteLogGroup", "PutRetentionPolicy", "PutSubscriptionFilter"),
    "aws.monitoring": ("DeleteAlarms", "DisableAlarmActions"),
    "aws.events": ("DeleteRule", "DisableRule", "PutRule", "RemoveTargets"),
    "aws.cloudtrail": ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"),
    "aws.ec2": ("AttachInternetGateway", "CreateNatGateway", "CreateVpcPeeringConnection"),
}
"""Source to calls that show in the environment's region. CloudTrail adds versions to some of Lambda's."""

GLOBAL: Mapping[str, Sequence[str]] = {
    "aws.iam": (
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreatePolicyVersion",
        "CreateRole",
        "CreateUser",
        "DeleteRolePermissionsBoundary",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
    )
}
"""Source to calls that show in us-east-1, wherever the environment is."""

GLOBAL_REGION = "us-east-1"
"""Where CloudTrail shows IAM's calls.

https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""


def calls_pattern(calls: Mapping[str, Sequence[str]]) -> str:
    """Return the event pattern of API calls."""
    names = sorted({name for each in calls.values() for name in each})
    return _pattern(sorted(calls), {"eventName": names})


def assumption_pattern(role_arns: Sequence[str]) -> str:
    """Return the event pattern of sessions of roles that people use.

    AssumeRole reads, for CloudTrail: the rule's state has to ask for such events too.
    """
    return _pattern(
        ["aws.sts"], {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": list(role_arns)}}
    )


def _pattern(sources: Sequence[str], detail: Mapping[str, object]) -> str:
    pattern = {"source": list(sources), "detail-type": ["AWS API Call via CloudTrail"], "detail": detail}
    return json.dumps(pattern, separators=(",", ":"))
