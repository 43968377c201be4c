"""The payment processor with arguments that every language of Pulumi has.

    program in any language ──▶ engine ──Construct──▶ PaymentProcessor ──▶ components.payment_processor

The SDK infers the plugin's schema from the annotations here. It understands neither `Annotated` nor pydantic,
so the arguments are plain types. Their values are checked as the settings of stack files are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import pulumi
from pydantic.alias_generators import to_camel

from components import artifact, payment_processor
from components.configuration import InvalidConfiguration
from components.payment_processor import NetworkAttachment, PaymentRules
from components.placement import Placement
from components.project_settings import PaymentsIdentity, PaymentsScaling
from components.settings import Settings, parse

NAME, NAMESPACE, VERSION = "fintech-payments", "acme", "0.1.0"
_RESOURCE_ARGUMENTS = frozenset({"environment", "subnet_ids", "security_group_id", "function_role_arn"})
"""Arguments that are no settings of the project `payments`."""
_NO_PROMOTION = {"breakGlass": "{}", "previewUnverified": "false", "verificationResult": ""}
"""The promotion settings of a program that the promotion gate knows nothing of."""


@dataclass(kw_only=True)
class PaymentProcessorArgs:
    """Arguments of a payment processor."""

    environment: str
    """Environment, part of every name."""
    environment_suffix: str
    """Last part of every name."""
    account_id: str
    """AWS account, 12 digits."""
    region: str
    """AWS region."""
    subnet_ids: pulumi.Input[list[pulumi.Input[str]]]
    """Private subnets of the function, with endpoints for DynamoDB and SNS."""
    security_group_id: pulumi.Input[str]
    """Security group of the function."""
    function_role_arn: pulumi.Input[str]
    """Role of the function."""
    notification_emails: list[str]
    """Addresses that receive payment notifications."""
    operator_emails: list[str]
    """Addresses that receive alarms."""
    subscriber_account_ids: list[str] | None
    """Other accounts that may subscribe queues to the notification topic; none by default."""
    maximum_amounts: dict[str, int]
    """Enabled currency (ISO 4217) to the largest amount of one payment, in minor units."""
    near_duplicate_seconds: int
    """Seconds within which a similar payment is flagged; 0 for never."""
    retention_days: int
    """Days for which a payment is kept; 0 for ever."""
    pseudonymise_accounts: bool
    """Whether the ledger holds keyed digests in place of account references."""
    reserved_concurrency: int
    """Reserved concurrency of the function."""
    memory_mb: int
    """Memory of the function, in MB."""
    point_in_time_recovery: bool
    """Whether the ledger has continuous backups."""
    max_receive_count: int
    """Deliveries before a message moves to the dead-letter queue."""
    dead_letter_alarm_threshold: int
    """Messages in the dead-letter queue that raise the alarm."""
    error_alarm_threshold: int
    """Function errors per minute that raise the alarm."""
    throttle_alarm_threshold: int
    """Throttles per minute that raise the alarm."""
    oldest_message_alarm_seconds: int
    """Age of the oldest waiting payment that raises the alarm, in seconds."""
    log_retention_days: int
    """Retention of the function's log, in days."""


class PaymentProcessor(payment_processor.PaymentProcessor):
    """Queue, dead-letter queue, function, ledger, topics, alarms, dashboard and key."""

    def __init__(
        self, name: str, args: PaymentProcessorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, native_arguments(cast("Mapping[str, Any]", args)), opts)  # as the SDK calls it


def native_arguments(arguments: Mapping[str, Any]) -> payment_processor.PaymentProcessorArgs:
    """Return the component's arguments; the SDK passes `arguments` as a map of snake_case names.

    Raises InputPropertiesError listing every invalid property.
    """
    settings = _settings(arguments)
    identity = settings.identity
    return payment_processor.PaymentProcessorArgs(
        placement=Placement.of(settings),
        scaling=settings.scaling,
        artifact=artifact.build("payment_processor"),
        network=NetworkAttachment(
            subnet_ids=arguments["subnet_ids"], security_group_id=arguments["security_group_id"]
        ),
        function_role_arn=arguments["function_role_arn"],
        rules=PaymentRules(
            maximum_amounts=identity.maximum_amounts,
            near_duplicate_seconds=identity.near_duplicate_seconds,
            retention_days=identity.retention_days,
            pseudonymise_accounts=identity.pseudonymise_accounts,
        ),
        notification_emails=identity.notification_emails,
        operator_emails=identity.operator_emails,
        subscriber_account_ids=identity.subscriber_account_ids,
    )


def _settings(arguments: Mapping[str, Any]) -> Settings[PaymentsIdentity, PaymentsScaling]:
    plain = {
        name: value
        for name, value in arguments.items()
        if name not in _RESOURCE_ARGUMENTS and value is not None
    }
    plain.setdefault("subscriber_account_ids", [])
    late = [name for name in ("environment", *plain) if isinstance(arguments.get(name), pulumi.Output)]
    if late:
        _refuse({to_camel(name): "must be a plain value: names depend on it, got an output" for name in late})
    environment = arguments["environment"]
    values = {to_camel(name): _as_configuration(value) for name, value in plain.items()} | _NO_PROMOTION
    try:
        return parse(PaymentsIdentity, PaymentsScaling, values, project=NAME, environment=environment)
    except InvalidConfiguration as error:
        _refuse(
            {
                mistake.key.removeprefix(f"{NAME}:"): f"must be {mistake.allowed}, got {mistake.value!r}"
                for mistake in error.mistakes
            }
        )


def _as_configuration(value: Any) -> str:
    """Return a value as stack files hold it: text, with JSON for all but strings."""
    return value if isinstance(value, str) else json.dumps(_whole(value))


def _whole(value: Any) -> Any:
    """Return whole numbers as integers: the engine passes every number as a float."""
    if isinstance(value, Mapping):
        return {key: _whole(element) for key, element in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refuse(reasons: Mapping[str, str]) -> NoReturn:
    raise pulumi.InputPropertiesError(
        # The engine shows the message, and of the list below nothing.
        "; ".join(f"{path} {reason}" for path, reason in reasons.items()),
        [{"property_path": path, "reason": reason} for path, reason in reasons.items()],
    )
