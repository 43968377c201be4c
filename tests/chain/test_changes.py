"""The nine stacks on the real engine: what becomes of them as programs, settings and accounts change."""

import json
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from components.environment import EnvironmentTree
from operations.deployment.operate import Operator
from operations.deployment.outcome import Outcome, Succeeded
from operations.deployment.plan import Action
from operations.engine.failure import StackName
from operations.workspace import engine_command
from sandbox.accounts import accounts
from sandbox.box import Sandbox
from sandbox.server import state_key
from tests.chain.terminal import add_stack_files, checkout, typed, write_environments
from tests.chain.world import PROJECTS, World, statements

pytestmark = pytest.mark.long


@pytest.fixture
def box(deployed_copy: Sandbox) -> Sandbox:
    return deployed_copy


def changes(outcome: Outcome) -> dict[str, int]:
    assert isinstance(outcome, Succeeded), outcome
    return {operation: count for operation, count in outcome.changes.items() if operation != "same"}


def configure(box: Sandbox, project: str, environment: str, **values: Any) -> None:
    path = box.root / "projects" / project / f"Pulumi.{environment}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["config"] |= {f"{project}:{key}": value for key, value in values.items()}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


class Steps:
    """Which resources, by logical name, the engine did what to; providers and stacks left out."""

    def __init__(self) -> None:
        self.operations: defaultdict[str, set[str]] = defaultdict(set)
        self.updated_outputs: set[str] = set()

    def take(self, event: EngineEvent) -> None:
        for step, heard in (
            (event.resource_pre_event, self._begun),
            (event.res_outputs_event, self._ended),
        ):
            if step is not None and not step.metadata.type.startswith("pulumi:"):
                heard(step.metadata)

    def _begun(self, step: StepEventMetadata) -> None:
        self.operations[step.op.value].add(step.urn.rpartition("::")[2])

    def _ended(self, step: StepEventMetadata) -> None:
        if step.op.value == "update":
            self.updated_outputs.add(step.urn.rpartition("::")[2])


def test_a_second_up_changes_nothing(box: Sandbox) -> None:
    report = box.deploy(Action.UP, at_once=3)

    assert len(report.outcomes) == 9
    assert {str(outcome.stack): changes(outcome) for outcome in report.outcomes if changes(outcome)} == {}


def test_the_briefs_plain_commands_work_from_a_terminal(box: Sandbox) -> None:
    box.up("staging", projects=["network"])  # as deployer from here on: the destroyer founded the stack
    done = typed(box, "pulumi -C projects/network -s staging preview --policy-pack ../../policies")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "26 unchanged" in done.stdout
    assert "Policies:" in done.stdout
    assert "[mandatory]" not in done.stdout
    stack_file = box.root / "projects" / "network" / "Pulumi.staging.yaml"
    assert f"secretsprovider: {state_key.SECRETS_PROVIDER}" in stack_file.read_text(encoding="utf-8")


def test_a_change_made_by_hand_shows_in_a_refresh_that_leaves_the_state_alone(box: Sandbox) -> None:
    world = World(box, "dev")
    state = box.export("bootstrap-iam", "dev")
    role = world.name("deployer-role")
    world.client("iam").update_role(RoleName=role, MaxSessionDuration=7200)

    steps = Steps()
    box.stack("bootstrap-iam", "dev").preview_refresh(on_event=steps.take)

    assert steps.updated_outputs == {"deployer-role"}
    assert box.export("bootstrap-iam", "dev") == state


def test_scaling_changes_in_place_and_what_aws_replaces_is_replaced(box: Sandbox) -> None:
    before = World(box, "dev")
    payment = {"pk": {"S": "PAYMENT#1"}, "sk": {"S": "PAYMENT"}}
    before.client("dynamodb").put_item(TableName=before.name("payments-table"), Item=payment)
    configure(
        box,
        "payments",
        "dev",
        memoryMb="640",
        maxReceiveCount="4",
        pointInTimeRecovery="true",
        notificationEmails=["payments+other@example.com"],
        subscriberAccountIds=["222222222222"],
    )

    (outcome,) = box.up("dev", projects=["payments"]).outcomes
    after = World(box, "dev")

    assert changes(outcome).keys() <= {"update", "replace", "create-replacement", "delete-replaced"}
    assert changes(outcome)["update"] == 5  # function, both queues, table, topic policy
    assert after.function["MemorySize"] == 640
    assert json.loads(after.queue("payments-queue")["RedrivePolicy"])["maxReceiveCount"] == 4
    assert after.table["CreationDateTime"] == before.table["CreationDateTime"]
    assert after.function["FunctionArn"] == before.function["FunctionArn"]
    assert (
        after.client("dynamodb").get_item(TableName=after.name("payments-table"), Key=payment)["Item"]
        == payment
    )
    assert after.subscriptions("payments-notification-topic") == [("email", "payments+other@example.com")]
    (allowed,) = [
        statement
        for statement in statements(after.topic("payments-notification-topic")["Policy"])
        if statement["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
    assert allowed["Action"] in ("sns:Subscribe", "SNS:Subscribe")


def test_another_address_range_replaces_the_network_and_nothing_else(box: Sandbox) -> None:
    configure(box, "network", "dev", vpcCidr="10.40.0.0/20")

    steps = Steps()
    box.stack("network", "dev").preview(on_event=steps.take)

    assert {"vpc", "private-subnet-a", "private-subnet-b", "function-security-group"} <= steps.operations[
        "replace"
    ]
    assert {"flow-log-group", "flow-log-key"} <= steps.operations["same"]


def test_a_fourth_environment_is_three_files_and_one_line(box: Sandbox) -> None:
    environment = "preprod"
    ladder = EnvironmentTree.line("dev", "staging", environment, "prod")
    add_stack_files(
        box.root,
        environment,
        like="staging",
        values={"222222222222": "444444444444", "us-west-2": "eu-central-1", "10.20.": "10.25."},
    )
    write_environments(box.root, ladder)
    deploy = checkout(box)
    box.accounts |= accounts(box.root, ladder)

    up = deploy("up", "--env", environment, "--project", "bootstrap-iam", "--yes", "--json")
    assert up.returncode == 0, up.stdout + up.stderr
    assert [stack["status"] for stack in json.loads(up.stdout)["stacks"]] == ["succeeded"]
    # The others as the script does it, but for the policy pack and the previews: twice the time.
    command = engine_command({**box.environ, "PYTHONPATH": str(box.root)})
    operator = Operator(command=command, watch=lambda _: None, root=box.root, ladder=ladder)
    for project in ("network", "payments"):
        operator.up(StackName(project=project, environment=environment))
    world = World(box, environment)
    assert (world.account, world.region) == ("444444444444", "eu-central-1")
    assert world.function["FunctionName"] == "payments-function-preprod-acme"
    assert world.outputs("payments")["upstreamTableArns"] == [
        World(box, below).table["TableArn"] for below in ("dev", "staging")
    ]


def test_destroy_leaves_nothing_in_any_account(box: Sandbox) -> None:
    assert min(len(World(box, environment).made()) for environment in box.ladder) > 30

    report = box.destroy(at_once=3)

    assert len(report.outcomes) == 9
    assert box.leftovers() == {}
    for environment in box.ladder:
        assert [days_left(key) for key in _keys(box, environment)] == [7, 7]
        for project in PROJECTS:
            assert not box.export(project, environment)["deployment"].get("resources"), project


def days_left(key: dict[str, Any]) -> int:
    """After how many days, begun or whole, KMS deletes a key: seven is the least that it allows."""
    assert key["KeyState"] == "PendingDeletion"
    deleted_at: datetime = key["DeletionDate"]
    return math.ceil((deleted_at - datetime.now(UTC)) / timedelta(days=1))


def _keys(box: Sandbox, environment: str) -> list[dict[str, Any]]:
    kms = box.client("kms", environment)
    described = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [key for key in described if key["KeyManager"] == "CUSTOMER"]
