"""The yardstick: the controls that public scanners apply to these services, and what the pack does about
each.

Ids: CKV Checkov, AwsSolutions/NIST/HIPAA cdk-nag, W and F cfn_nag, AWS-nnnn Trivy, FSBP AWS Foundational
Security Best Practices.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control: the rules that apply it, or the reason why none does."""

    area: str
    name: str
    ids: tuple[str, ...]
    rules: tuple[str, ...] = ()
    left_out: str = ""


def _control(area: str, name: str, ids: str, rules: str = "", left_out: str = "") -> Control:
    return Control(
        area=area,
        name=name,
        ids=tuple(part.strip() for part in ids.split(",")),
        rules=tuple(rules.split()),
        left_out=left_out,
    )


CONTROLS: tuple[Control, ...] = (
    _control(
        "Lambda",
        "No public invocation",
        "CKV_AWS_301, F13, FSBP Lambda.1",
        "function-public function-permission-action resource-policy-public",
    ),
    _control(
        "Lambda", "Supported runtime", "CKV_AWS_363, AwsSolutions-L1, FSBP Lambda.2", "function-runtime"
    ),
    _control("Lambda", "In a VPC", "CKV_AWS_117, W89", "function-network function-security-group"),
    _control("Lambda", "In several zones", "FSBP Lambda.5", "function-zones"),
    _control(
        "Lambda",
        "Dead-letter queue",
        "CKV_AWS_116, NIST.800.53.R5-LambdaDLQ, HIPAA.Security-LambdaDLQ",
        "function-dead-letter-queue relation-function-dead-letter",
    ),
    _control("Lambda", "Reserved concurrency", "CKV_AWS_115, W92", "function-reserved-concurrency"),
    _control("Lambda", "Tracing", "CKV_AWS_50, AWS-0066", "function-tracing"),
    _control("Lambda", "Environment encrypted with a key of ours", "CKV_AWS_173", "function-environment-key"),
    _control("Lambda", "No secrets in the environment", "CKV_AWS_45", "function-environment-secrets"),
    _control(
        "Lambda",
        "Code signing",
        "CKV_AWS_272",
        left_out=(
            "The artifact is built reproducibly from the commit, and production's program refuses one whose"
            " digest is not what staging's outputs show. A signing profile would be a dependency outside of"
            " the stack, which the brief allows for IAM roles only."
        ),
    ),
    _control(
        "Lambda",
        "Permission names its source",
        "CKV_AWS_364, AWS-0067",
        "function-permission-source function-permission-account",
    ),
    _control("Lambda", "Function URL asks who is calling", "CKV_AWS_258", "function-url-authorization"),
    _control("Lambda", "Role may write logs", "W58", "relation-function-logging"),
    _control(
        "DynamoDB",
        "Point-in-time recovery",
        "CKV_AWS_28, AwsSolutions-DDB3, W78, AWS-0024, FSBP DynamoDB.2",
        "table-point-in-time-recovery table-declared-recovery",
    ),
    _control("DynamoDB", "Customer-managed key", "CKV_AWS_119, W74, AWS-0025", "table-encryption"),
    _control(
        "DynamoDB",
        "On demand or autoscaled",
        "FSBP DynamoDB.1, W73, CKV2_AWS_16",
        "table-on-demand table-no-capacity table-no-autoscaling",
    ),
    _control(
        "DynamoDB",
        "Deletion protection",
        "FSBP DynamoDB.6",
        left_out=(
            "The brief asks for the opposite: everything must be destroyable, so "
            "destroyable-deletion-protection refuses it. Point-in-time recovery and promotion's "
            "confirmation guard the data instead."
        ),
    ),
    _control(
        "DynamoDB",
        "In a backup plan",
        "NIST.800.53.R5-DynamoDBInBackupPlan, HIPAA.Security-DynamoDBInBackupPlan",
        left_out=(
            "Point-in-time recovery restores any second of the last 35 days. A backup plan and its vault "
            "would outlive the stack, against the brief; an organisation that needs older copies keeps them"
            " centrally."
        ),
    ),
    _control(
        "SQS",
        "Encrypted with a customer-managed key",
        "CKV_AWS_27, AwsSolutions-SQS2, W48, AWS-0096, FSBP SQS.1, CKV2_AWS_73, AWS-0135",
        "queue-encryption",
    ),
    _control(
        "SQS",
        "Dead-letter queue",
        "AwsSolutions-SQS3",
        "relation-queue-dead-letter queue-receive-count queue-redrive-allow relation-dead-letter-allow",
    ),
    _control("SQS", "TLS only", "AwsSolutions-SQS4", "resource-policy-tls relation-queue-policy"),
    _control(
        "SQS", "No public principal", "CKV_AWS_168, CKV_AWS_387, F21, FSBP SQS.3", "resource-policy-public"
    ),
    _control("SQS", "No wildcard action", "CKV_AWS_72, F20, AWS-0097", "resource-policy-wildcard-action"),
    _control("SQS", "No NotPrincipal", "F7", "resource-policy-not-principal"),
    _control(
        "SNS",
        "Encrypted with a customer-managed key",
        "CKV_AWS_26, W47, AWS-0095, FSBP SNS.1, AWS-0136",
        "topic-encryption",
    ),
    _control(
        "SNS",
        "TLS only",
        "AwsSolutions-SNS3",
        "resource-policy-tls relation-topic-policy topic-subscription-protocol",
    ),
    _control("SNS", "Not public", "CKV_AWS_169, F18, FSBP SNS.4", "resource-policy-public"),
    _control("SNS", "No undeclared account", "CKV_AWS_385", "resource-policy-foreign-account"),
    _control(
        "S3",
        "Public access blocked",
        "CKV2_AWS_6, CKV_AWS_53, CKV_AWS_54, CKV_AWS_55, CKV_AWS_56, AwsSolutions-S2, AWS-0094, FSBP S3.8",
        "bucket-public-access relation-bucket-public-access",
    ),
    _control("S3", "No ACLs", "CKV_AWS_20, CKV_AWS_57, F14, W31, FSBP S3.12", "bucket-acl"),
    _control(
        "S3",
        "Encrypted with a customer-managed key",
        "CKV_AWS_19, CKV_AWS_145, W41, AWS-0132, FSBP S3.17",
        "bucket-encryption relation-bucket-encryption",
    ),
    _control(
        "S3",
        "Versioning",
        "CKV_AWS_21, AWS-0090, NIST.800.53.R5-S3BucketVersioningEnabled, FSBP S3.14",
        "bucket-versioning relation-bucket-versioning",
    ),
    _control("S3", "TLS only", "AwsSolutions-S10, FSBP S3.5", "resource-policy-tls relation-bucket-policy"),
    _control(
        "S3",
        "Access logging",
        "CKV_AWS_18, AwsSolutions-S1, W35, AWS-0089, FSBP S3.9",
        left_out=(
            "Who uses the bucket's key is in CloudTrail already; a bucket of access logs would be one more "
            "bucket to protect, and one more that needs access logs."
        ),
    ),
    _control(
        "Network",
        "Flow logs",
        "CKV2_AWS_11, AwsSolutions-VPC7, W60, AWS-0178, FSBP EC2.6",
        "relation-vpc-flow-log",
    ),
    _control(
        "Network",
        "Default security group closed",
        "CKV2_AWS_12, AWS-0173, FSBP EC2.2",
        "network-default-security-group relation-vpc-default-security-group",
    ),
    _control(
        "Network",
        "No automatic public address",
        "CKV_AWS_130, AWS-0164, FSBP EC2.15",
        "network-subnet-public",
    ),
    _control(
        "Network",
        "No default route to an internet gateway",
        "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW, HIPAA.Security-VPCNoUnrestrictedRouteToIGW",
        "network-default-route network-internet-route network-internet-gateway relation-private-subnet",
    ),
    _control(
        "Network",
        "VPC endpoint for EC2",
        "FSBP EC2.10",
        left_out=(
            "It is for networks that call the EC2 API; nothing in this one does. relation-vpc-endpoints "
            "asks for the two services that functions do call."
        ),
    ),
    _control(
        "Network",
        "VPC endpoints for ECR API, Docker registry and Systems Manager",
        "FSBP EC2.55, FSBP EC2.56, FSBP EC2.57",
        left_out="They are for containers and machines; this network has functions only, which use neither.",
    ),
    _control("Network", "Endpoint service accepts by hand", "CKV_AWS_123", "endpoint-service-acceptance"),
    _control(
        "Network",
        "No ingress from the world",
        "AwsSolutions-EC23, W2, CKV_AWS_24, CKV_AWS_25, CKV_AWS_260, CKV_AWS_277, AWS-0107, FSBP EC2.18, "
        "FSBP EC2.19",
        "network-ingress-open",
    ),
    _control(
        "Network",
        "No egress to the world; egress explicit",
        "CKV_AWS_382, W5, AWS-0104, F1000",
        "network-egress-open",
    ),
    _control(
        "Network",
        "Security groups and rules described",
        "CKV_AWS_23, AwsSolutions-EC27, W36, AWS-0099, AWS-0124",
        "network-group-description network-rule-description",
    ),
    _control(
        "IAM",
        "No wildcard action",
        "CKV_AWS_62, CKV_AWS_63, F3, F4, FSBP IAM.1",
        "iam-policy-wildcard-action",
    ),
    _control(
        "IAM",
        "No wildcard resource",
        "CKV_AWS_355, W11, W12, W13, AwsSolutions-IAM5, AWS-0057",
        "iam-policy-wildcard-resource",
    ),
    _control("IAM", "No service:*", "FSBP IAM.21", "iam-policy-service-wildcard iam-policy-not-action"),
    _control("IAM", "No AdministratorAccess", "CKV_AWS_274, W43", "iam-administrator"),
    _control("IAM", "No AWS-managed policies", "AwsSolutions-IAM4", "iam-aws-managed-policy"),
    _control("IAM", "PassRole confined", "F38, F39, F40, AWS-0342", "iam-policy-pass-role"),
    _control(
        "IAM",
        "No privilege escalation",
        "CKV_AWS_286",
        "iam-policy-escalation iam-policy-boundary iam-role-boundary",
    ),
    _control("IAM", "No exfiltration", "CKV_AWS_288", "iam-policy-exfiltration endpoint-policy-resources"),
    _control(
        "IAM",
        "No unconstrained writing or permission management",
        "CKV_AWS_289, CKV_AWS_290",
        "iam-policy-wildcard-resource iam-policy-escalation",
    ),
    _control(
        "IAM",
        "Trust not public",
        "CKV_AWS_60, CKV_AWS_61, F2, F6",
        "iam-trust-public iam-trust-account iam-trust-external-id iam-trust-service-source",
    ),
    _control(
        "IAM", "GitHub OIDC trust pinned", "CKV_AWS_358", "iam-trust-oidc-subject iam-trust-oidc-audience"
    ),
    _control("IAM", "No inline policies", "NIST.800.53.R5-IAMNoInlinePolicy", "iam-inline-policy"),
    _control("KMS", "Rotation", "CKV_AWS_7, AwsSolutions-KMS5", "key-rotation"),
    _control(
        "KMS", "No public principal in a key's policy", "CKV_AWS_33", "resource-policy-public key-grant"
    ),
    _control("KMS", "No decrypting with every key", "FSBP KMS.1, FSBP KMS.2", "iam-policy-decrypt"),
    _control(
        "Logs",
        "Retention",
        "CKV_AWS_66, W86",
        "log-retention log-retention-declared function-log-group relation-function-log-group",
    ),
    _control("Logs", "Retention of a year", "CKV_AWS_338", "log-retention-minimum"),
    _control("Logs", "Customer-managed key", "CKV_AWS_158, W84, AWS-0017", "log-encryption"),
    _control(
        "CloudWatch",
        "Alarms act",
        "CKV_AWS_319, NIST.800.53.R5-CloudWatchAlarmAction",
        "alarm-actions alarm-enabled",
    ),
)
