"""The payment processor of an environment."""

from pathlib import Path

import pulumi

from components import artifact
from components.contract import contract_digest
from components.payment_processor import (
    NetworkAttachment,
    PaymentProcessor,
    PaymentProcessorArgs,
    PaymentRules,
)
from components.placement import Placement
from components.project_settings import PaymentsIdentity, PaymentsScaling
from components.promotion import enforce_promotion_gate
from components.provider import deployer_provider
from components.settings import load
from components.stacks import BootstrapIamOutputs, NetworkOutputs, PaymentsOutputs
from components.workload_roles import function_role

settings = load(PaymentsIdentity, PaymentsScaling, project_directory=Path(__file__).parent)
code = artifact.build("payment_processor")
standing = enforce_promotion_gate(settings, Path(__file__).parent, code.digest)
access = BootstrapIamOutputs.of(settings.environment)
network = NetworkOutputs.of(settings.environment)
upstreams = [PaymentsOutputs.of(environment) for environment in settings.upstreams]
processor = PaymentProcessor(
    "payments",
    PaymentProcessorArgs(
        placement=Placement.of(settings),
        scaling=settings.scaling,
        artifact=code,
        network=NetworkAttachment(
            subnet_ids=network.private_subnet_ids,
            security_group_id=network.function_security_group_id,
        ),
        function_role_arn=access.workload_role_arn(function_role("payments")),
        rules=PaymentRules(
            maximum_amounts=settings.identity.maximum_amounts,
            near_duplicate_seconds=settings.identity.near_duplicate_seconds,
            retention_days=settings.identity.retention_days,
            pseudonymise_accounts=settings.identity.pseudonymise_accounts,
        ),
        notification_emails=settings.identity.notification_emails,
        operator_emails=settings.identity.operator_emails,
        subscriber_account_ids=settings.identity.subscriber_account_ids,
    ),
    opts=pulumi.ResourceOptions(provider=deployer_provider(settings, access)),
)
PaymentsOutputs(
    account_id=settings.identity.account_id,
    table_arn=processor.table_arn,
    table_name=processor.table_name,
    upstream_table_arns=pulumi.Output.all(*(upstream.table_arn for upstream in upstreams)).apply(list),
    queue_url=processor.queue_url,
    queue_arn=processor.queue_arn,
    dead_letter_queue_url=processor.dead_letter_queue_url,
    dead_letter_queue_arn=processor.dead_letter_queue_arn,
    verification_queue_url=processor.verification_queue_url,
    verification_dead_letter_queue_url=processor.verification_dead_letter_queue_url,
    topic_arn=processor.topic_arn,
    alarm_topic_arn=processor.alarm_topic_arn,
    function_name=processor.function_name,
    function_arn=processor.function_arn,
    configuration_digest=settings.configuration_digest,
    contract_digest=contract_digest(),
    **standing.as_outputs(),
).export()
