import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from operations.deployment.activity import Activity
from operations.deployment.data_loss import DataWouldBeLostError
from operations.deployment.operate import Operator
from operations.engine.command import EngineCommand
from operations.engine.failure import (
    OperationFailed,
    PolicyViolated,
    ProgramFailed,
    StackName,
    UpstreamMissing,
)
from operations.workspace import engine_command, outputs
from tests.operations.small_projects import THING, Repository, repository

BOOTSTRAP = StackName(project="bootstrap-iam", environment="dev")
NETWORK = StackName(project="network", environment="dev")

NO_FORBIDDEN_THING = """
def check(args, report):
    if args.name == "forbidden":
        report("Things must not be called forbidden.")

policies = [ResourceValidationPolicy("no-forbidden-thing", "Names.", check, EnforcementLevel.MANDATORY)]
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return repository(tmp_path / "repository")


@pytest.fixture
def command(repo: Repository) -> EngineCommand:
    return engine_command(repo.environ)


def operator(repo: Repository, command: EngineCommand, **options: Any) -> Operator:
    return Operator(command=command, watch=lambda _: None, root=repo.root, **options)


def holds(repo: Repository, command: EngineCommand, stack: StackName) -> str:
    listed = command.run(
        ["stack", "--stack", stack.environment], str(repo.root / "projects" / stack.project), {}
    )
    return listed.stdout


def test_a_stack_goes_up_stays_as_it_is_and_comes_down(repo: Repository, command: EngineCommand) -> None:
    repo.project("network", THING + 'Thing("a"); Thing("b"); pulumi.export("answer", 42)')
    heard: list[Activity] = []
    operate = Operator(command=command, watch=heard.append, root=repo.root)

    assert operate.up(NETWORK) == {"create": 3}
    assert outputs("network", "dev", root=repo.root, command=command) == {"answer": 42}
    assert [*dict.fromkeys(activity.phase for activity in heard)] == ["preview", "up"]
    assert "create a" in {activity.current for activity in heard}
    assert heard[-1].done == 3
    assert operate.up(NETWORK) == {"same": 3}
    assert operate.destroy(NETWORK) == {"delete": 3}
    assert outputs("network", "dev", root=repo.root, command=command) == {}


def test_a_stack_shows_other_outputs_and_no_resource_is_touched_whatever_the_program_says(
    repo: Repository, command: EngineCommand
) -> None:
    repo.project("network", THING + 'Thing("a"); pulumi.export("answer", 42)')
    operate = operator(repo, command)
    operate.up(NETWORK)
    held = holds(repo, command, NETWORK).count("Thing")

    repo.project("network", THING + 'Thing("a"); Thing("b"); pulumi.export("answer", 43)')
    operate.show(NETWORK)

    assert outputs("network", "dev", root=repo.root, command=command) == {"answer": 43}
    assert holds(repo, command, NETWORK).count("Thing") == held

    repo.project("network", 'import pulumi; pulumi.export("answer", 44)')
    with pytest.raises(OperationFailed, match="will be destroyed"):
        operate.show(NETWORK)
    assert holds(repo, command, NETWORK).count("Thing") == held


def test_in_a_new_environment_only_the_first_stack_has_to_be_missed(
    repo: Repository, command: EngineCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for project in ("bootstrap-iam", "network", "payments"):
        repo.project(project, "")
    payments = StackName(project="payments", environment="dev")
    operator(repo, command).up(payments)
    asked: list[str] = []
    run = EngineCommand.run

    def heard(self: EngineCommand, args: list[str], *where: Any) -> auto.CommandResult:
        asked.append(" ".join(itertools.takewhile(lambda each: not each.startswith("-"), args)))
        return run(self, args, *where)

    monkeypatch.setattr(EngineCommand, "run", heard)
    operate = operator(repo, command)

    for stack in (BOOTSTRAP, NETWORK, payments):
        operate.up(stack)
    operator(repo, command).up(BOOTSTRAP)

    assert asked == [
        *("preview", "stack init", "preview", "up"),
        *("stack init", "preview", "up"),
        *("stack init", "preview", "up"),  # it is there, and stays
        *("preview", "up"),
    ]


def test_destroying_what_never_was_is_done_at_once(repo: Repository, command: EngineCommand) -> None:
    repo.project("network", "")

    assert operator(repo, command).destroy(NETWORK) == {}


def test_a_mandatory_violation_stops_an_up_before_anything_is_made(
    repo: Repository, command: EngineCommand
) -> None:
    repo.project("network", THING + 'Thing("allowed"); Thing("forbidden")')
    operate = operator(repo, command, policy_pack=repo.policy_pack(NO_FORBIDDEN_THING))

    with pytest.raises(PolicyViolated, match="Things must not be called forbidden"):
        operate.up(NETWORK)

    assert "Thing" not in holds(repo, command, NETWORK)


TABLE = """
import pulumi

class Table(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("aws:dynamodb/table:Table", name)
"""
"""A resource that the engine takes for a table, and that needs no provider."""


def test_an_up_that_loses_data_is_refused_before_anything_is_made(
    repo: Repository, command: EngineCommand
) -> None:
    repo.project("network", TABLE + 'Table("ledger")')
    operator(repo, command).up(NETWORK)
    repo.program("network", TABLE + 'Table("renamed")')
    urn = "urn:pulumi:dev::network::aws:dynamodb/table:Table::ledger"

    with pytest.raises(DataWouldBeLostError, match=f"--allow-replace '{urn}'"):
        operator(repo, command).up(NETWORK)

    assert "renamed" not in holds(repo, command, NETWORK)
    assert operator(repo, command, allow_loss=frozenset({urn})).up(NETWORK) == {
        "create": 1,
        "delete": 1,
        "same": 1,
    }
    repo.program("network", TABLE)
    assert operator(repo, command, keeps_data=False).up(NETWORK) == {"delete": 1, "same": 1}


def test_what_was_foreseen_is_previewed_again_only_once_a_stack_that_it_reads_has_changed(
    repo: Repository, command: EngineCommand
) -> None:
    heard: list[str] = []

    def watch(activity: Activity) -> None:
        doing = f"{activity.stack.project} {activity.phase}"
        if heard[-1:] != [doing]:
            heard.append(doing)

    for project in ("bootstrap-iam", "network"):
        repo.project(project, THING + 'Thing("a")')
    for _ in range(2):  # the first creates both, the second changes neither
        heard.clear()
        operate = Operator(command=command, watch=watch, root=repo.root)
        for stack in (BOOTSTRAP, NETWORK):
            operate.foresee(stack)
        operate.up(BOOTSTRAP)
        operate.up(NETWORK)
    assert heard == ["bootstrap-iam preview", "network preview", "bootstrap-iam up", "network up"]

    heard.clear()
    repo.program("bootstrap-iam", THING + 'Thing("a"); Thing("b")')
    operate = Operator(command=command, watch=watch, root=repo.root)
    for stack in (BOOTSTRAP, NETWORK):
        operate.foresee(stack)
    operate.up(BOOTSTRAP)
    operate.up(NETWORK)
    assert heard[2:] == ["bootstrap-iam up", "network preview", "network up"]


def test_the_state_is_checked_after_an_up(repo: Repository, command: EngineCommand) -> None:
    repo.project("network", THING + 'Thing("a")')
    seen: list[Mapping[str, Any]] = []

    def check(stack: StackName, export: Mapping[str, Any]) -> list[str]:
        seen.append(export)
        return [f"{stack}: not like this"]

    with pytest.raises(PolicyViolated) as violated:
        operator(repo, command, state_check=check).up(NETWORK)

    assert [one["type"] for one in seen[0]["deployment"]["resources"]][1:] == ["test:index:Thing"]
    assert str(violated.value) == (
        "network/dev is up, but its state violates the policy pack:\n  network/dev: not like this"
    )


def test_a_program_that_reads_a_stack_not_deployed_says_which_to_deploy(
    repo: Repository, command: EngineCommand
) -> None:
    reads = """
    import pulumi
    upstream = pulumi.StackReference("upstream", stack_name="organization/bootstrap-iam/dev")
    pulumi.export("role", upstream.require_output("deployerRoleArn"))
    """
    repo.project("bootstrap-iam", 'import pulumi; pulumi.export("deployerRoleArn", "arn")')
    repo.project("network", reads)
    operate = operator(repo, command)
    remedy = "python scripts/deploy.py up --env dev --project bootstrap-iam"

    with pytest.raises(UpstreamMissing) as never_created:
        operate.preview(NETWORK)
    operate.preview(BOOTSTRAP)  # creates the stack, without outputs
    with pytest.raises(UpstreamMissing) as not_deployed:
        operate.preview(NETWORK)

    assert remedy in str(never_created.value)
    assert str(not_deployed.value) == (
        f"network/dev reads bootstrap-iam/dev, not deployed yet. Deploy first: {remedy}"
    )


def test_a_program_that_fails_is_told_with_its_traceback(repo: Repository, command: EngineCommand) -> None:
    repo.project("bootstrap-iam", "def broken():\n    return 1 / 0\nbroken()\n")

    with pytest.raises(ProgramFailed, match="in broken") as failed:
        operator(repo, command).up(BOOTSTRAP)

    assert "ZeroDivisionError: division by zero" in str(failed.value)
    assert "language_host" not in str(failed.value)


def test_a_configuration_mistake_is_one_message_without_a_traceback(
    repo: Repository, command: EngineCommand
) -> None:
    repo.project("network", 'import pulumi\nraise pulumi.RunError("network:region: is not set")\n')

    with pytest.raises(OperationFailed) as failed:
        operator(repo, command).up(NETWORK)

    assert "network:region: is not set" in str(failed.value)
    assert str(failed.value).count("network:region") == 1
    assert "Traceback" not in str(failed.value)
