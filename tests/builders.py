"""Valid values of everything that components are made from; a test spoils or changes one field."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from components.artifact import Artifact
from components.deployer_access import DeployerAccessArgs, People, Subscribers
from components.naming import Names
from components.payment_processor import NetworkAttachment, PaymentProcessorArgs, PaymentRules
from components.placement import Placement
from components.private_network import PrivateNetworkArgs
from components.project_settings import (
    BootstrapIamIdentity,
    BootstrapIamScaling,
    NetworkIdentity,
    NetworkScaling,
    PaymentsIdentity,
    PaymentsScaling,
)
from components.promotion_gate import PromotionState, Verified
from components.release import Release
from components.settings import Identity, Scaling, Settings, parse

BOUNDARY = "arn:aws:iam::111111111111:policy/payments/dev/workload-boundary-policy-dev-acme"
FUNCTION_ROLE = "arn:aws:iam::111111111111:role/payments/dev/payments-function-role-dev-acme"
FLOW_LOG_ROLE = "arn:aws:iam::111111111111:role/payments/dev/flow-log-role-dev-acme"

ARTIFACT = Artifact(path=Path("payment_processor.zip"), digest="ab" * 32)
"""Of a function that nobody built: the recorder reads no files."""

CONTENT = "ce" * 32
"""Digest of a release's content."""

RELEASE = Release(
    commit="c0" * 20,
    artifact_digest=ARTIFACT.digest,
    content_digest=CONTENT,
    component_version="0.1.0",
    policy_pack_version="1.0.0",
    sdk_versions={"pulumi": "3.259.0"},
)
EVERY_PROJECT = ("bootstrap-iam", "network", "payments")
STANDING = PromotionState(
    artifact_digest=ARTIFACT.digest,
    content_digest=CONTENT,
    projects=EVERY_PROJECT,
    release=RELEASE.id,
    release_commit=RELEASE.commit,
    verified=(
        Verified(
            artifact_digest=ARTIFACT.digest,
            content_digest=CONTENT,
            projects=EVERY_PROJECT,
            release=RELEASE.id,
            release_commit=RELEASE.commit,
            at="2026-01-31T12:00:00Z",
        ),
    ),
)
"""Of an environment that runs this release, and has verified it."""

IDENTITY = {"accountId": "111111111111", "region": "us-east-1", "environmentSuffix": "acme"}

COMMON = IDENTITY | {"breakGlass": "{}", "previewUnverified": "false"}

BOOTSTRAP_IAM_VALUES = COMMON | {
    "deployerPrincipals": '["arn:aws:iam::111111111111:role/platform-engineer"]',
    "externalId": "payments-deployer-dev",
    "destroyerPrincipals": '["arn:aws:iam::111111111111:role/payments-owner"]',
    "destroyerExternalId": "payments-destroyer-dev",
    "operatorPrincipals": '["arn:aws:iam::111111111111:role/payments-operator"]',
    "operatorExternalId": "payments-operator-dev",
    "peopleNeedMfa": "false",
    "emailDomains": '["example.com"]',
    "subscriberAccountIds": "[]",
    "githubSubject": "",
    "readerPrincipals": "[]",
    "githubReaderSubjects": "[]",
    "administratorRole": "OrganizationAccountAccessRole",
    "processors": '["payments"]',
    "declaredNetwork": "{}",
    "securityEmails": "[]",
}
NETWORK_VALUES = COMMON | {
    "vpcCidr": "10.10.0.0/20",
    "availabilityZoneIds": "[]",
    "flowLogRetentionDays": "7",
}
PAYMENTS_VALUES = COMMON | {
    "notificationEmails": '["payments+dev@example.com"]',
    "operatorEmails": '["payments-oncall+dev@example.com"]',
    "subscriberAccountIds": "[]",
    "maximumAmounts": '{"EUR": 10000000, "JPY": 10000000}',
    "nearDuplicateSeconds": "3600",
    "retentionDays": "0",
    "pseudonymiseAccounts": "false",
    "reservedConcurrency": "1",
    "memoryMb": "512",
    "pointInTimeRecovery": "false",
    "maxReceiveCount": "2",
    "deadLetterAlarmThreshold": "10",
    "errorAlarmThreshold": "5",
    "throttleAlarmThreshold": "100",
    "oldestMessageAlarmSeconds": "3600",
    "logRetentionDays": "30",
    "verificationResult": "",
}
SECTIONS: dict[str, tuple[type[Identity], type[Scaling], dict[str, str]]] = {
    "bootstrap-iam": (BootstrapIamIdentity, BootstrapIamScaling, BOOTSTRAP_IAM_VALUES),
    "network": (NetworkIdentity, NetworkScaling, NETWORK_VALUES),
    "payments": (PaymentsIdentity, PaymentsScaling, PAYMENTS_VALUES),
}
"""Project to its sections, and to values as the engine hands them over: text, JSON for all but strings."""


def parsed(
    project: str = "payments", environment: str = "dev", **changed: object
) -> Settings[Identity, Scaling]:
    """A project's settings; keyword arguments replace values."""
    identity, scaling, values = SECTIONS[project]
    return parse(
        identity,
        scaling,
        {**values, **changed},
        project=project,
        environment=environment,
    )


def placement(
    environment: str = "dev",
    *,
    account_id: str = "111111111111",
    region: str = "us-east-1",
    suffix: str = "acme",
) -> Placement:
    return Placement(
        account_id=account_id, region=region, names=Names(environment=environment, suffix=suffix)
    )


def payments_scaling(**changed: Any) -> PaymentsScaling:
    """Dev's; keyword arguments (`memory_mb=1024`) replace fields."""
    scaling = parsed("payments").scaling
    assert isinstance(scaling, PaymentsScaling)
    return PaymentsScaling(**{**scaling.model_dump(by_alias=True), **_aliased(changed)})


def _aliased(fields: dict[str, Any]) -> dict[str, Any]:
    return {str(PaymentsScaling.model_fields[name].alias): value for name, value in fields.items()}


PAYMENT_RULES = PaymentRules(
    maximum_amounts={"EUR": 10_000_000, "JPY": 10_000_000},
    near_duplicate_seconds=3600,
    retention_days=0,
    pseudonymise_accounts=False,
)


def payment_processor_args(**changed: Any) -> PaymentProcessorArgs:
    return PaymentProcessorArgs(
        **{
            "placement": placement(),
            "scaling": payments_scaling(),
            "artifact": ARTIFACT,
            "network": NetworkAttachment(
                subnet_ids=["subnet-a", "subnet-b"],
                security_group_id="sg-function",
            ),
            "function_role_arn": FUNCTION_ROLE,
            "rules": PAYMENT_RULES,
            "notification_emails": ["payments@example.com"],
            "operator_emails": ["oncall@example.com"],
            **changed,
        }
    )


def private_network_args(**changed: Any) -> PrivateNetworkArgs:
    return PrivateNetworkArgs(
        **{
            "placement": placement(),
            "cidr": "10.10.0.0/20",
            "availability_zone_ids": (),
            "flow_log_role_arn": FLOW_LOG_ROLE,
            "flow_log_retention_days": 7,
            **changed,
        }
    )


def deployer_access_args(**changed: Any) -> DeployerAccessArgs:
    return DeployerAccessArgs(
        **{
            "placement": placement(),
            "deployers": People(
                principals=["arn:aws:iam::111111111111:role/platform-engineer"],
                external_id="payments-deployer-dev",
            ),
            "destroyers": People(
                principals=["arn:aws:iam::111111111111:role/payments-owner"],
                external_id="payments-destroyer-dev",
            ),
            "operators": People(
                principals=["arn:aws:iam::111111111111:role/payments-operator"],
                external_id="payments-operator-dev",
            ),
            "subscribers": Subscribers(email_domains=["example.com"]),
            "processors": ["payments"],
            **changed,
        }
    )


def with_provider(make: Callable[[pulumi.ResourceOptions], object]) -> Callable[[], object]:
    """A program that makes a component as the projects do: under one explicit provider."""
    return lambda: make(pulumi.ResourceOptions(provider=aws.Provider("aws", region="us-east-1")))
