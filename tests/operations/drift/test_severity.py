import pytest

from operations.drift.report import Severity
from operations.drift.severity import severity

QUEUE, FUNCTION, ROLE = "aws:sqs/queue:Queue", "aws:lambda/function:Function", "aws:iam/role:Role"


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        (ROLE, "assumeRolePolicy.Statement[0]", Severity.CRITICAL),
        (ROLE, "", Severity.CRITICAL),
        ("aws:ec2/securityGroup:SecurityGroup", "ingress[0].fromPort", Severity.CRITICAL),
        (QUEUE, "kmsMasterKeyId", Severity.CRITICAL),
        (QUEUE, "policy.Statement[0].Effect", Severity.CRITICAL),
        (FUNCTION, "vpcConfig.subnetIds[0]", Severity.CRITICAL),
        ("aws:dynamodb/table:Table", "pointInTimeRecovery.enabled", Severity.HIGH),
        (QUEUE, "redrivePolicy.deadLetterTargetArn", Severity.HIGH),
        (QUEUE, "", Severity.HIGH),
        (QUEUE, "(protect)", Severity.HIGH),
        (QUEUE, "redrivePolicy.maxReceiveCount", Severity.MEDIUM),
        (FUNCTION, "memorySize", Severity.MEDIUM),
        (QUEUE, "tags.Environment", Severity.CRITICAL),
        ("aws:kms/key:Key", "tags.EnvironmentSuffix", Severity.CRITICAL),
        (QUEUE, "tags", Severity.CRITICAL),
        (ROLE, "tags.Owner", Severity.LOW),
        (ROLE, "description", Severity.LOW),
    ],
)
def test_access_and_encryption_come_before_data_then_capacity_then_cosmetics(
    type_: str, path: str, expected: Severity
) -> None:
    assert severity(type_, path) is expected
