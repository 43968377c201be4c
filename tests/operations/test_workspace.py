from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operations import workspace
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackMissing
from operations.workspace import (
    AccessRefused,
    engine_command,
    outputs,
    project_directory,
    session,
    session_name,
    stack,
)
from tests.operations.small_projects import Repository, repository

ROLES = "arn:aws:iam::222222222222:role"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    made.project("network", "", config={"region": "us-east-1"})
    return made


@pytest.fixture
def command(repo: Repository) -> EngineCommand:
    return engine_command(repo.environ)


def test_a_stack_is_made_where_there_is_none_and_the_users_own_selection_stays(
    repo: Repository, command: EngineCommand
) -> None:
    with pytest.raises(StackMissing, match=r"deploy\.py up --env dev --project network"):
        stack("network", "dev", root=repo.root, command=command, create=False)

    made = stack("network", "dev", root=repo.root, command=command)
    found = stack("network", "dev", root=repo.root, command=command, create=False)

    assert (made.name, found.name) == ("dev", "dev")
    assert not list(repo.root.glob("home/workspaces/*"))
    assert outputs("network", "dev", root=repo.root, command=command) == {}


def test_outputs_of_a_stack_that_never_was_are_missing_not_empty(
    repo: Repository, command: EngineCommand
) -> None:
    with pytest.raises(StackMissing, match="no stack named 'prod' found"):
        outputs("network", "prod", root=repo.root, command=command)


def test_a_mistyped_environment_makes_no_stack_file(repo: Repository, command: EngineCommand) -> None:
    with pytest.raises(OperationFailed, match="there is one for dev, prod, staging"):
        stack("network", "stagging", root=repo.root, command=command)

    assert not (repo.root / "projects" / "network" / "Pulumi.stagging.yaml").exists()


def test_a_mistyped_project_is_told_the_projects(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match="the projects are bootstrap-iam, network, payments"):
        project_directory("netwrok", tmp_path)


class TestSession:
    @pytest.fixture(autouse=True)
    def staging(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        repo.project("bootstrap-iam", "", config={"region": "us-west-2"})
        self.root = repo.root
        self.outputs = {
            "deployerRoleArn": f"{ROLES}/deployer-role-staging-acme",
            "operatorRoleArn": f"{ROLES}/operator-role-staging-acme",
            "deployerExternalId": "payments",
            "operatorExternalId": "payments-operator",
        }
        monkeypatch.setattr(workspace, "outputs", lambda *_, **__: self.outputs)
        monkeypatch.setenv("GITHUB_ACTOR", "erin.doe")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    @pytest.mark.parametrize("role", ["deployer", "operator"])
    @mock_aws
    def test_it_is_the_roles_in_the_environments_account_and_region(self, role: str) -> None:
        made = session("staging", role=role, root=self.root)

        assert made.region_name == "us-west-2"
        identity = made.client("sts").get_caller_identity()
        assert identity["Account"] == "222222222222"
        assert identity["Arn"].endswith(f"{role}-role-staging-acme/operations-staging-erin.doe")

    @mock_aws
    def test_it_is_the_deployers_where_none_is_named(self) -> None:
        identity = session("staging", root=self.root).client("sts").get_caller_identity()
        assert ":assumed-role/deployer-role-" in identity["Arn"]

    @mock_aws
    def test_a_bootstrap_that_is_not_deployed_is_missing(self) -> None:
        self.outputs = {}

        with pytest.raises(StackMissing, match=r"deploy\.py up --env staging --project bootstrap-iam"):
            session("staging", root=self.root)

    def test_a_caller_who_may_not_is_told_who_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the discard port: nothing answers
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

        with pytest.raises(AccessRefused, match=r"bootstrap-iam:deployerPrincipals in Pulumi\.staging.yaml"):
            session("staging", root=self.root)

    def test_an_operators_external_id_is_its_own(self) -> None:
        del self.outputs["operatorExternalId"]
        with pytest.raises(StackMissing, match="operatorExternalId"):
            session("staging", role="operator", root=self.root)

    def test_an_operator_who_may_not_is_told_who_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

        with pytest.raises(AccessRefused, match=r"bootstrap-iam:operatorPrincipals in Pulumi\.staging.yaml"):
            session("staging", role="operator", root=self.root)

    def test_the_callers_own_endpoint_is_honoured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

        assert (
            boto3.Session().client("sts", region_name="us-east-1").meta.endpoint_url == "http://127.0.0.1:9"
        )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"USER": "erin"}, "operations-prod-erin"),
        ({"GITHUB_ACTOR": "erin[bot]", "USER": "runner"}, "operations-prod-erin-bot-"),
        ({}, "operations-prod-unknown"),
        ({"USER": "e" * 80}, f"operations-prod-{'e' * 48}"),
    ],
)
def test_a_session_is_named_after_environment_and_user(environ: dict[str, str], expected: str) -> None:
    assert session_name("prod", environ) == expected
