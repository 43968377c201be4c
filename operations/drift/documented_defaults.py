"""Defaults that the documentation of pulumi-aws or of AWS states: an absent property means the same.

A provider writes a default into the state at one time and leaves it out at another.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "aws:cloudwatch/logGroup:LogGroup": {"skipDestroy": False, "logGroupClass": "STANDARD"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"actionsEnabled": True, "treatMissingData": "missing"},
    "aws:dynamodb/table:Table": {
        "deletionProtectionEnabled": False,
        # Of an index of a table that is billed by request.
        "globalSecondaryIndexes.readCapacity": 0,
        "globalSecondaryIndexes.writeCapacity": 0,
        "pointInTimeRecovery.enabled": False,
        "streamEnabled": False,
        "tableClass": "STANDARD",
        "ttl.enabled": False,
    },
    "aws:ec2/flowLog:FlowLog": {"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
    "aws:ec2/securityGroup:SecurityGroup": {"revokeRulesOnDelete": False},
    "aws:ec2/subnet:Subnet": {
        "assignIpv6AddressOnCreation": False,
        "enableDns64": False,
        "enableResourceNameDnsARecordOnLaunch": False,
        "enableResourceNameDnsAaaaRecordOnLaunch": False,
        "ipv6Native": False,
        "mapCustomerOwnedIpOnLaunch": False,
        "mapPublicIpOnLaunch": False,
    },
    "aws:ec2/vpc:Vpc": {
        "assignGeneratedIpv6CidrBlock": False,
        "enableDnsHostnames": False,
        "enableDnsSupport": True,
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": "default",
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"privateDnsEnabled": False, "vpcEndpointType": "Gateway"},
    "aws:iam/policy:Policy": {"path": "/"},
    "aws:iam/role:Role": {"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
    "aws:kms/key:Key": {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
        "multiRegion": False,
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "bisectBatchOnFunctionError": False,
        "enabled": True,
    },
    "aws:lambda/function:Function": {
        "ephemeralStorage.size": 512,
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "replaceSecurityGroupsOnDestroy": False,
        "reservedConcurrentExecutions": -1,
        "skipDestroy": False,
        "timeout": 3,
        "tracingConfig.mode": "PassThrough",
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {"maximumRetryAttempts": 2},
    "aws:sns/topic:Topic": {"contentBasedDeduplication": False, "fifoTopic": False},
    "aws:sns/topicSubscription:TopicSubscription": {
        "confirmationTimeoutInMinutes": 1,
        "endpointAutoConfirms": False,
        "rawMessageDelivery": False,
    },
    "aws:sqs/queue:Queue": {
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "kmsDataKeyReusePeriodSeconds": 300,
        "messageRetentionSeconds": 345_600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    },
}
"""Type to path to default; paths without positions in lists."""

FREE_TEXT = re.compile(r"^(tags|tagsAll|environment\.variables)\b")
"""Properties whose members a user names: there an empty text is a value."""


def default_of(type_: str, path: str) -> Any:
    """Return the documented default of a property, or None."""
    return DEFAULTS.get(type_, {}).get(_without_positions(path))


@cache
def _without_positions(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)
