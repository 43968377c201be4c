"""The pack under the real engine: what it stops, what it lets through, what it can't know yet."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pulumi.automation import CommandError
from pulumi.automation.events import EngineEvent

from components.environment import LADDER
from components.stacks import PROJECTS
from policies.check import check_export
from policies.configuration import load
from policies.rules import RULES
from policies.stack_files import read_config
from sandbox import Sandbox
from tests.policies.engine import TODAY

PACK = str(Path(__file__).parents[2] / "policies")
START = """
import json
import pulumi
import pulumi_aws as aws

role = "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"
tags = {"Project": "payments", "Environment": "dev", "EnvironmentSuffix": "acme", "ManagedBy": "pulumi"}
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=["111111111111"],
    assume_roles=[{"role_arn": role}],
    default_tags={"tags": tags},
)
opts = pulumi.ResourceOptions(provider=provider)
"""


@dataclass
class Heard:
    """What an operation said of policies, and whether it succeeded."""

    succeeded: bool = False
    violations: dict[str, list[str]] = field(default_factory=dict)
    advice: dict[str, list[str]] = field(default_factory=dict)

    def take(self, event: EngineEvent) -> None:
        """Note a policy event."""
        found = event.policy_event
        if found is not None:
            kind = self.violations if found.enforcement_level == "mandatory" else self.advice
            kind.setdefault(found.policy_name, []).append(found.message)


@dataclass
class Payments:
    """The project `payments` of dev, with a program of the test's own."""

    box: Sandbox
    folder: Path

    def program(self, resources: str) -> None:
        """Write the program."""
        own = dedent(resources)
        (self.box.root / "projects" / "payments" / "__main__.py").write_text(START + own)

    def run(self, operation: str, config: Mapping[str, Any] | None = None) -> Heard:
        """Preview or update under the pack."""
        files = None
        if config is not None:
            file = self.folder / "pack-config.json"
            file.write_text(json.dumps(config))
            files = [str(file)]
        heard = Heard()
        stack = self.box.stack("payments", "dev")
        try:
            getattr(stack, operation)(policy_packs=[PACK], policy_pack_configs=files, on_event=heard.take)
            heard.succeeded = True
        except CommandError as error:
            heard.violations.setdefault("", []).append(str(error))
        return heard

    def made(self) -> list[str]:
        """The types of AWS resources that the stack holds."""
        resources: Sequence[Mapping[str, Any]] = self.box.export("payments", "dev")["deployment"].get(
            "resources", []
        )
        return sorted(found["type"] for found in resources if found["type"].startswith("aws:"))


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payments]:
    with Sandbox() as box:
        yield Payments(box, tmp_path_factory.mktemp("packs"))


TABLE = """
aws.dynamodb.Table(
    "payments-table",
    name="payments-table-dev-acme",
    hash_key="pk",
    attributes=[{"name": "pk", "type": "S"}],
    billing_mode=%r,
    server_side_encryption={"enabled": True, "kms_key_arn": "arn:aws:kms:us-east-1:111111111111:key/1"},
    point_in_time_recovery={"enabled": False},
    opts=opts,
)
"""


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_mandatory_violation_fails_the_operation_and_nothing_is_made(
    payments: Payments, operation: str
) -> None:
    payments.program(TABLE % "PROVISIONED")
    heard = payments.run(operation)
    assert not heard.succeeded
    assert "billingMode is PROVISIONED; it must be PAY_PER_REQUEST." in heard.violations["table-on-demand"][0]
    assert set(heard.violations) == {"table-on-demand", ""}
    assert payments.made() == []
    assert payments.box.client("dynamodb", "dev").list_tables()["TableNames"] == []


def test_the_engine_hands_over_the_stacks_configuration_with_the_defaults_of_its_project(
    payments: Payments,
) -> None:
    settings = payments.box.root / "projects" / "payments" / "Pulumi.yaml"
    payments.program(
        """
        aws.cloudwatch.LogGroup(
            "payments-log-group",
            name="payments-log-group-dev-acme",
            retention_in_days=7,
            kms_key_id="arn:aws:kms:us-east-1:111111111111:key/1",
            opts=opts,
        )
        topic = "arn:aws:sns:us-east-1:111111111111:payments-notification-topic-dev-acme"
        statement = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sns:Subscribe"}
        aws.sns.TopicPolicy(
            "payments-topic-policy", arn=topic, policy=json.dumps({"Statement": statement}), opts=opts
        )
        """
    )
    assert (
        "default: []" in settings.read_text()
    )  # of subscriberAccountIds, which the stack file may leave out
    heard = payments.run("preview")
    assert "dev declares logRetentionDays 30." in heard.violations["log-retention-declared"][0]
    assert "whose account the stack doesn't declare" in heard.violations["resource-policy-foreign-account"][0]


UNKNOWN_UNTIL_MADE = """
key = aws.kms.Key(
    "payments-key",
    enable_key_rotation=True,
    deletion_window_in_days=7,
    tags={"Name": "payments-key-dev-acme"},
    opts=opts,
)
topic = aws.sns.Topic(
    "payments-topic", name="payments-topic-dev-acme", kms_master_key_id=key.arn, opts=opts
)
def document(arn):
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [deny, allow]})
aws.sns.TopicPolicy("payments-topic-policy", arn=topic.arn, policy=topic.arn.apply(document), opts=opts)
"""


def test_a_rule_that_a_preview_can_not_ask_is_named_there_and_asked_in_the_update(payments: Payments) -> None:
    payments.program(UNKNOWN_UNTIL_MADE)
    before = payments.run("preview")
    assert before.succeeded
    assert list(before.advice) == ["not-evaluated"]
    [said] = before.advice["not-evaluated"]
    assert "wait for values that are known only during the update" in said
    assert "resource-policy-public" in said
    during = payments.run("up")
    assert not during.succeeded
    assert "lets everyone in" in during.violations["resource-policy-public"][0]
    assert "aws:sns/topicPolicy:TopicPolicy" not in payments.made()


def test_the_state_after_an_update_is_checked_with_every_value_known(payments: Payments) -> None:
    """Takes up where the update before was stopped: the topic is there, without a policy."""
    payments.program(UNKNOWN_UNTIL_MADE.replace("aws.sns.TopicPolicy", "None and aws.sns.TopicPolicy"))
    payments.run("up", {"relation-topic-policy": "advisory"})
    config = read_config(payments.box.root / "projects" / "payments", "dev")
    report = check_export(payments.box.export("payments", "dev"), config, today=TODAY)
    assert [finding.violation.rule.id for finding in report.blocking] == ["relation-topic-policy"]
    assert report.not_evaluated == ()


def test_a_relation_is_judged_on_the_whole_stack(payments: Payments) -> None:
    payments.program(UNKNOWN_UNTIL_MADE.replace("aws.sns.TopicPolicy", "None and aws.sns.TopicPolicy"))
    heard = payments.run("preview")
    assert not heard.succeeded
    assert set(heard.violations) == {"relation-topic-policy", ""}


def test_an_exception_lets_a_violation_through_in_plain_sight(payments: Payments) -> None:
    payments.program(UNKNOWN_UNTIL_MADE.replace("aws.sns.TopicPolicy", "None and aws.sns.TopicPolicy"))
    accepted = {
        "urn": "urn:pulumi:dev::payments::aws:sns/topic:Topic::payments-topic",
        "reason": "Nobody publishes to it before the launch",
        "owner": "payments-team",
        "expires": _in_a_month(),
    }
    heard = payments.run("preview", {"relation-topic-policy": {"exceptions": [accepted]}})
    assert heard.succeeded
    [said] = heard.advice["relation-topic-policy"]
    assert (
        f"Accepted until {accepted['expires']} by payments-team: Nobody publishes to it before the launch"
        in said
    )


def test_a_wrong_configuration_of_the_pack_stops_the_engine(payments: Payments) -> None:
    payments.program("")
    heard = payments.run("preview", {"table-on-demand": "disabled"})
    assert not heard.succeeded
    assert "takes no exception" in heard.violations[""][0]


def test_missing_tags_are_added_where_the_configuration_lets_the_pack_do_so(payments: Payments) -> None:
    payments.program(
        """
        untagged = aws.Provider(
            "untagged",
            region="us-east-1",
            allowed_account_ids=["111111111111"],
            assume_roles=[{"role_arn": role}],
        )
        aws.cloudwatch.LogGroup(
            "payments-log-group",
            name="payments-log-group-dev-acme",
            retention_in_days=30,
            kms_key_id="arn:aws:kms:us-east-1:111111111111:key/1",
            opts=pulumi.ResourceOptions(provider=untagged),
        )
        """
    )
    assert not payments.run("preview").succeeded
    heard = payments.run("up", {"tag-required": "remediate"})
    assert heard.succeeded, heard.violations
    logs = payments.box.client("logs", "dev")
    found = logs.list_tags_log_group(logGroupName="payments-log-group-dev-acme")["tags"]
    assert found == {
        "Project": "payments",
        "Environment": "dev",
        "EnvironmentSuffix": "acme",
        "ManagedBy": "pulumi",
    }


@pytest.mark.parametrize("environment", LADDER)
@pytest.mark.parametrize("project", PROJECTS)
def test_the_projects_own_stacks_break_no_rule_and_need_no_exception(
    deployed: Sandbox, project: str, environment: str
) -> None:
    config = read_config(deployed.root / "projects" / project, environment)
    report = check_export(deployed.export(project, environment), config)
    assert report.findings == ()
    assert report.not_evaluated == ()
    assert load(RULES, TODAY).exceptions == ()


@pytest.mark.parametrize("project", PROJECTS)
def test_the_engine_finds_nothing_in_them_either(deployed_copy: Sandbox, project: str) -> None:
    heard = Heard()
    deployed_copy.stack(project, "prod").preview(policy_packs=[PACK], on_event=heard.take)
    assert heard.violations == {}
    assert heard.advice == {}


def _in_a_month() -> str:
    return (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
