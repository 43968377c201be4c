"""The component plugin: its schema, its checks, and a program on the real engine that uses it."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider
from pydantic.alias_generators import to_camel

from components.project_settings import PaymentsIdentity, PaymentsScaling
from operations import REPOSITORY
from operations.engine import ensure_engine
from plugin.payment_processor import NAME, NAMESPACE, VERSION, PaymentProcessor, native_arguments
from sandbox import Sandbox

TOKEN = f"{NAME}:index:PaymentProcessor"
ARGUMENTS: dict[str, Any] = {
    "environment": "dev",
    "environment_suffix": "acme",
    "account_id": "111111111111",
    "region": "us-east-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "security_group_id": "sg-1",
    "function_role_arn": "arn:aws:iam::111111111111:role/payments/dev/payments-function-role-dev-acme",
    "notification_emails": ["payments@example.com"],
    "operator_emails": ["operators@example.com"],
    "maximum_amounts": {"EUR": 10000000.0},
    "near_duplicate_seconds": 0.0,
    "retention_days": 0.0,
    "pseudonymise_accounts": False,
    "reserved_concurrency": 1.0,
    "memory_mb": 512.0,
    "point_in_time_recovery": False,
    "max_receive_count": 2.0,
    "dead_letter_alarm_threshold": 10.0,
    "error_alarm_threshold": 5.0,
    "throttle_alarm_threshold": 100.0,
    "oldest_message_alarm_seconds": 3600.0,
    "log_retention_days": 30.0,
}
PROGRAM = """
import json
import os
import pulumi
import pulumi_aws as aws

role = "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"
provider = aws.Provider(
    "aws", region="us-east-1", allowed_account_ids=["111111111111"], assume_roles=[{"role_arn": role}]
)
pulumi.ComponentResource(
    "fintech-payments:index:PaymentProcessor",
    "refunds",
    json.loads(os.environ["ARGUMENTS"]),
    pulumi.ResourceOptions(providers=[provider]),
    remote=True,
)
"""


@pytest.fixture
def loop() -> Iterator[None]:
    """An event loop, which outputs need; another test may have closed the process's own."""
    created = asyncio.new_event_loop()
    asyncio.set_event_loop(created)
    yield
    created.close()
    asyncio.set_event_loop(None)


def schema() -> dict[str, Any]:
    provider = ComponentProvider([PaymentProcessor], NAME, NAMESPACE, VERSION)
    document: dict[str, Any] = json.loads(provider.schema or "")
    return document


def test_every_setting_of_a_processor_is_an_argument() -> None:
    settings = {
        str(field.alias)
        for section in (PaymentsIdentity, PaymentsScaling)
        for field in section.model_fields.values()
    }
    resource = schema()["resources"][TOKEN]
    assert resource["inputProperties"].keys() - settings == {
        "environment",
        "subnetIds",
        "securityGroupId",
        "functionRoleArn",
    }
    assert settings <= resource["inputProperties"].keys()
    assert resource["inputProperties"].keys() - set(resource["requiredInputs"]) == {"subscriberAccountIds"}


def test_callers_get_every_output_of_the_component() -> None:
    outputs = {to_camel(name) for name in PaymentProcessor.__mro__[1].__annotations__}
    assert schema()["resources"][TOKEN]["properties"].keys() == outputs
    assert "queueUrl" in outputs


def test_all_invalid_arguments_are_refused_together() -> None:
    wrong = {**ARGUMENTS, "memory_mb": 64.0, "region": "us-wst-2", "max_receive_count": 2.5}
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        native_arguments(wrong)
    assert {error["property_path"] for error in refused.value.errors or ()} == {
        "memoryMb",
        "region",
        "maxReceiveCount",
    }


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize("name", ["environment", "account_id", "memory_mb"])
def test_an_output_is_refused_where_names_depend_on_the_value(name: str) -> None:
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        native_arguments({**ARGUMENTS, name: pulumi.Output.from_input(ARGUMENTS[name])})
    assert [error["property_path"] for error in refused.value.errors or ()] == [to_camel(name)]


def preview(tmp_path: Path, **changes: Any) -> "subprocess.CompletedProcess[str]":
    virtualenv = REPOSITORY / ".venv"
    (tmp_path / "Pulumi.yaml").write_text(
        f"name: consumer\nruntime: {{name: python, options: {{virtualenv: {virtualenv}}}}}\n"
        f"packages: {{{NAME}: {REPOSITORY / 'plugin'}}}\n"
    )
    (tmp_path / "__main__.py").write_text(PROGRAM)
    arguments = {to_camel(name): value for name, value in {**ARGUMENTS, **changes}.items()}
    with Sandbox() as box:
        environ = {
            **ensure_engine(environ=box.environ).environ(box.environ),
            "ARGUMENTS": json.dumps(arguments),
        }

        def pulumi_command(*command: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(  # noqa: S603  the tests' own commands
                ["pulumi", *command, "--stack", "dev", "--non-interactive"],  # noqa: S607  the engine on PATH
                cwd=tmp_path,
                env={**os.environ, **environ},
                capture_output=True,
                text=True,
                check=False,
            )

        pulumi_command("stack", "init", "--secrets-provider", "passphrase")
        return pulumi_command("preview")


def test_a_program_gets_a_whole_processor_from_the_plugin(tmp_path: Path) -> None:
    done = preview(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("aws:dynamodb:Table", "aws:lambda:Function", "aws:sqs:Queue", "aws:cloudwatch:Dashboard"):
        assert kind in done.stdout


def test_invalid_arguments_of_a_program_are_reported_by_name(tmp_path: Path) -> None:
    done = preview(tmp_path, memory_mb=64)
    assert done.returncode != 0
    assert "memoryMb must be whole MB from 128 to 10240" in done.stdout
