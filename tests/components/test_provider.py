import json
from functools import cache

import pytest

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from tests.recorder import Recorder, Registered, configuration, render

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
REGIONS = {"dev": "us-east-1", "staging": "us-west-2", "prod": "eu-west-1"}
STACKS = [
    (project, environment) for project in ("bootstrap-iam", "network", "payments") for environment in LADDER
]


@cache
def program(project: str, environment: str) -> Recorder:
    return render(project, environment)


def provider(project: str, environment: str) -> Registered:
    return program(project, environment).one("pulumi:providers:aws")


def decoded(found: Registered, key: str) -> object:
    """Providers' inputs that are not strings are JSON."""
    return json.loads(found.inputs[key])


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_the_provider_is_locked_to_the_stacks_account_and_region(project: str, environment: str) -> None:
    found = provider(project, environment)
    assert decoded(found, "allowedAccountIds") == [ACCOUNTS[environment]]
    assert found.inputs["region"] == REGIONS[environment]


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_every_resource_gets_the_required_tags(project: str, environment: str) -> None:
    assert decoded(provider(project, environment), "defaultTags") == {
        "tags": {
            "Project": project,
            "Environment": environment,
            "EnvironmentSuffix": "acme",
            "ManagedBy": "pulumi",
        }
    }


@pytest.mark.parametrize(("project", "environment"), STACKS)
def test_every_resource_and_invoke_goes_through_the_one_explicit_provider(
    project: str, environment: str
) -> None:
    recorder = program(project, environment)
    urn = recorder.one("pulumi:providers:aws").urn
    assert recorder.aws
    assert [each.urn for each in recorder.aws if not each.provider.startswith(f"{urn}::")] == []
    assert all(
        call.provider.startswith(f"{urn}::") for call in recorder.calls if call.token.startswith("aws:")
    )


@pytest.mark.parametrize("project", ["network", "payments"])
def test_deployments_assume_the_deployer_role_under_its_external_id(project: str) -> None:
    (role,) = json.loads(provider(project, "dev").inputs["assumeRoles"])
    assert role == {
        "roleArn": "arn:aws:iam::111111111111:role/deployer-role-dev-acme",
        "externalId": "payments-deployer-dev",
        "sessionName": f"pulumi-{project}-dev",
        "duration": "1h",
    }


def test_bootstrapping_assumes_the_accounts_administrator_role() -> None:
    (role,) = json.loads(provider("bootstrap-iam", "prod").inputs["assumeRoles"])
    assert role == {
        "roleArn": "arn:aws:iam::333333333333:role/OrganizationAccountAccessRole",
        "sessionName": "pulumi-bootstrap-iam-prod",
        "duration": "1h",
    }


def test_bootstrapping_uses_the_callers_own_credentials_when_no_role_is_named() -> None:
    recorder = render("bootstrap-iam", "prod", changed={"administratorRole": ""})
    assert decoded(recorder.one("pulumi:providers:aws"), "assumeRoles") == []


@pytest.mark.parametrize("project", ["bootstrap-iam", "network", "payments"])
def test_with_a_readers_access_every_program_works_as_the_reader_role(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_ACCESS", "reader")
    (role,) = json.loads(render(project, "dev").one("pulumi:providers:aws").inputs["assumeRoles"])
    assert role == {
        "roleArn": "arn:aws:iam::111111111111:role/reader-role-dev-acme",
        "externalId": (
            configuration(project, "dev")["bootstrap-iam:externalId"]
            if project == "bootstrap-iam"
            else "payments-deployer-dev"
        ),
        "sessionName": f"pulumi-{project}-dev",
        "duration": "1h",
    }


@pytest.mark.parametrize("project", ["network", "payments"])
def test_with_a_destroyers_access_programs_work_as_the_destroyer_under_its_own_external_id(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_ACCESS", "destroyer")
    (role,) = json.loads(render(project, "dev").one("pulumi:providers:aws").inputs["assumeRoles"])
    assert role["roleArn"] == "arn:aws:iam::111111111111:role/destroyer-role-dev-acme"
    assert role["externalId"] == "payments-destroyer-dev"


def test_an_access_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_ACCESS", "root")
    with pytest.raises(InvalidConfiguration, match=r"STACK_ACCESS.*'root'.*deployer, destroyer or reader"):
        render("network", "dev")
