from typing import Any

import pulumi
import pytest

from components.deployer_access import DeployerAccess, People
from tests.builders import deployer_access_args, with_provider
from tests.recorder import Recorder, Registered, configuration, record, render


def recorded(**changed: object) -> Recorder:
    return record(
        with_provider(lambda opts: DeployerAccess("deployer-access", deployer_access_args(**changed), opts)),
        project="bootstrap-iam",
    )


@pytest.fixture(scope="module")
def plain() -> Recorder:
    return recorded()


@pytest.fixture(scope="module")
def with_pipeline() -> Recorder:
    return recorded(
        github_subject="repo:acme/payments:environment:production",
        github_reader_subjects=["repo:acme/payments:ref:refs/heads/main", "repo:acme/payments:pull_request"],
    )


def access_roles(recorder: Recorder) -> list[Registered]:
    """The roles of people and pipelines; services assume the others."""
    return [each for each in recorder.of_type("iam/role:Role") if each.inputs.get("path", "/") == "/"]


PRINCIPALS = {
    "deployer": "arn:aws:iam::111111111111:role/platform-engineer",
    "destroyer": "arn:aws:iam::111111111111:role/payments-owner",
    "operator": "arn:aws:iam::111111111111:role/payments-operator",
}


def trusted(who: str) -> str | list[str]:
    """The principals of a role; a destroyer deploys as well, so that one person can make an environment."""
    return [PRINCIPALS["deployer"], PRINCIPALS["destroyer"]] if who == "deployer" else PRINCIPALS[who]


def statement(recorder: Recorder, role: str) -> dict[str, Any]:
    """The statement of a role's trust that lets it be assumed."""
    found = recorder.one("iam/role:Role", role).document("assumeRolePolicy")["Statement"]
    assert isinstance(found[0], dict)
    return found[0]


def test_the_roles_are_named_by_the_convention(plain: Recorder) -> None:
    assert {role.inputs["name"] for role in access_roles(plain)} == {
        "deployer-role-dev-acme",
        "destroyer-role-dev-acme",
        "operator-role-dev-acme",
        "verifier-role-dev-acme",
        "reader-role-dev-acme",
    }


@pytest.mark.parametrize("who", PRINCIPALS)
def test_each_role_is_assumed_by_its_own_principals_with_its_own_external_id(
    plain: Recorder, who: str
) -> None:
    named = {"StringLike": {"sts:RoleSessionName": "operations-dev-?*"}} if who == "operator" else {}
    assert statement(plain, f"{who}-role") == {
        "Sid": "NamedPrincipalsWithExternalId",
        "Effect": "Allow",
        "Principal": {"AWS": trusted(who)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": f"payments-{who}-dev"}, **named},
    }


@pytest.mark.parametrize("who", PRINCIPALS)
def test_callers_pass_on_who_they_are(plain: Recorder, who: str) -> None:
    _, passing = plain.one("iam/role:Role", f"{who}-role").document("assumeRolePolicy")["Statement"]
    assert passing["Action"] == ["sts:SetSourceIdentity", "sts:TagSession"]
    assert passing["Principal"] == {"AWS": trusted(who)}
    assert passing["Condition"] == {"StringEquals": {"sts:ExternalId": f"payments-{who}-dev"}}


def test_people_may_be_asked_for_a_second_factor() -> None:
    owner = People(principals=[PRINCIPALS["destroyer"]], external_id="payments-destroyer-dev", mfa=True)
    recorder = recorded(destroyers=owner)
    assert statement(recorder, "destroyer-role")["Condition"]["Bool"] == {
        "aws:MultiFactorAuthPresent": "true"
    }
    assert "Bool" not in statement(recorder, "verifier-role")["Condition"]


def test_without_a_github_subject_there_is_no_pipeline(plain: Recorder) -> None:
    assert plain.of_type("OpenIdConnectProvider") == []
    assert {role.name for role in access_roles(plain)} == {
        "deployer-role",
        "destroyer-role",
        "operator-role",
        "reader-role",
        "verifier-role",
    }


def test_whoever_may_deploy_may_look_and_readers_may_look_alone() -> None:
    visitor = "arn:aws:iam::111111111111:role/auditor"
    recorder = recorded(reader_principals=[visitor, "arn:aws:iam::111111111111:role/platform-engineer"])
    assert statement(recorder, "reader-role")["Principal"] == {"AWS": [*PRINCIPALS.values(), visitor]}
    assert statement(recorder, "reader-role")["Condition"] == {
        "StringEquals": {"sts:ExternalId": "payments-deployer-dev"}
    }
    assert visitor not in str(statement(recorder, "deployer-role"))


def test_reading_workflows_become_the_reader_through_a_role_of_their_own(with_pipeline: Recorder) -> None:
    trust = statement(with_pipeline, "reader-pipeline-role")
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": [
                "repo:acme/payments:ref:refs/heads/main",
                "repo:acme/payments:pull_request",
            ],
        }
    }
    (allowed,) = with_pipeline.one("iam/policy:Policy", "reader-pipeline-policy").document()["Statement"]
    assert (allowed["Action"], allowed["Resource"]) == (
        "sts:AssumeRole",
        "arn:aws:iam::111111111111:role/reader-role-dev-acme",
    )
    assert "arn:aws:iam::111111111111:role/reader-pipeline-role-dev-acme" in str(
        statement(with_pipeline, "reader-role")
    )
    assert "reader-pipeline" not in str(statement(with_pipeline, "deployer-role"))


def test_workflows_that_read_need_none_that_deploys() -> None:
    recorder = recorded(github_reader_subjects=["repo:acme/payments:pull_request"])
    assert len(recorder.of_type("OpenIdConnectProvider")) == 1
    assert {role.name for role in access_roles(recorder)} == {
        "deployer-role",
        "destroyer-role",
        "operator-role",
        "reader-role",
        "verifier-role",
        "reader-pipeline-role",
    }


def test_a_github_workflow_becomes_those_who_deploy_through_its_own_role(with_pipeline: Recorder) -> None:
    assert statement(with_pipeline, "pipeline-role") == {
        "Sid": "NamedWorkflowSubjects",
        "Effect": "Allow",
        "Principal": {
            "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
        },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme/payments:environment:production",
            }
        },
    }
    (allowed,) = with_pipeline.one("iam/policy:Policy", "pipeline-policy").document()["Statement"]
    assert (allowed["Action"], allowed["Resource"]) == (
        "sts:AssumeRole",
        [f"arn:aws:iam::111111111111:role/{role}-role-dev-acme" for role in ("deployer", "verifier")],
    )


@pytest.mark.parametrize("who", ["destroyer", "operator"])
def test_no_pipeline_and_no_deployer_becomes_a_role_of_people(with_pipeline: Recorder, who: str) -> None:
    assert statement(with_pipeline, f"{who}-role")["Principal"] == {"AWS": PRINCIPALS[who]}


@pytest.mark.parametrize("role", ["deployer-role", "verifier-role"])
def test_the_pipelines_role_is_trusted_by_both_under_the_same_external_id(
    with_pipeline: Recorder, role: str
) -> None:
    trust = statement(with_pipeline, role)
    people = ["deployer", "destroyer"]
    assert trust["Principal"] == {
        "AWS": [
            *(PRINCIPALS[who] for who in people),
            "arn:aws:iam::111111111111:role/pipeline-role-dev-acme",
        ]
    }
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "payments-deployer-dev"}}


def test_a_trusted_role_exists_before_the_trust(with_pipeline: Recorder) -> None:
    pipeline = with_pipeline.one("iam/role:Role", "pipeline-role")
    for role in ("deployer-role", "verifier-role"):
        assert pipeline.urn in with_pipeline.one("iam/role:Role", role).dependencies
    assert with_pipeline.one("OpenIdConnectProvider").urn in pipeline.dependencies


def test_the_boundary_is_not_attached_but_each_roles_own_policies_are(plain: Recorder) -> None:
    attached: dict[str, set[str]] = {}
    services = {"payments-function-role-dev-acme", "flow-log-role-dev-acme"}
    for each in plain.of_type("RolePolicyAttachment"):
        if each.inputs["role"] in services:
            continue
        attached.setdefault(each.inputs["role"], set()).add(each.inputs["policyArn"])
    assert attached == {
        "deployer-role-dev-acme": {
            f"arn:of:deployer-{subject}-policy"
            for subject in ("roles", "network", "encryption", "denials", "payments")
        },
        "destroyer-role-dev-acme": {
            *(
                f"arn:of:deployer-{subject}-policy"
                for subject in ("roles", "network", "encryption", "denials", "payments")
            ),
            *(f"arn:of:destroyer-{subject}-policy" for subject in ("data", "keys", "network")),
        },
        "operator-role-dev-acme": {"arn:of:operator-policy"},
        "reader-role-dev-acme": {"arn:of:reader-policy", "arn:of:reader-inventory-policy"},
        "verifier-role-dev-acme": {"arn:of:verifier-policy"},
    }


def test_sessions_last_an_hour_at_most(with_pipeline: Recorder) -> None:
    assert {role.inputs["maxSessionDuration"] for role in access_roles(with_pipeline)} == {3600}


def test_everything_is_a_child_of_the_component(with_pipeline: Recorder) -> None:
    component = with_pipeline.one("fintech:iam:DeployerAccess")
    assert component.parent == ""
    workloads = with_pipeline.one("fintech:iam:WorkloadRoles")
    assert workloads.parent == component.urn
    assert {resource.parent for resource in with_pipeline.aws} == {component.urn, workloads.urn}


def test_the_program_exports_what_the_other_projects_need() -> None:
    given = {key.partition(":")[2]: value for key, value in configuration("bootstrap-iam", "staging").items()}
    assert render("bootstrap-iam", "staging").own_outputs == {
        "accountId": "222222222222",
        "deployerRoleArn": "arn:of:deployer-role",
        "destroyerRoleArn": "arn:of:destroyer-role",
        "operatorRoleArn": "arn:of:operator-role",
        "readerRoleArn": "arn:of:reader-role",
        "verifierRoleArn": "arn:of:verifier-role",
        "deployerExternalId": given["externalId"],
        "destroyerExternalId": given["destroyerExternalId"],
        "operatorExternalId": given["operatorExternalId"],
        "permissionsBoundaryArn": "arn:of:workload-boundary-policy",
        "workloadRoleArns": {
            "payments-function-role": "arn:of:payments-function-role",
            "flow-log-role": "arn:of:flow-log-role",
        },
    }


def test_the_component_exposes_roles_and_boundary() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        access = DeployerAccess("deployer-access", deployer_access_args(), opts)
        pulumi.export("deployer", access.deployer_role_arn)
        pulumi.export("operator", access.operator_role_arn)
        pulumi.export("reader", access.reader_role_arn)
        pulumi.export("verifier", access.verifier_role_arn)
        pulumi.export("boundary", access.permissions_boundary_arn)

    assert record(with_provider(program)).outputs == {
        "deployer": "arn:of:deployer-role",
        "operator": "arn:of:operator-role",
        "reader": "arn:of:reader-role",
        "verifier": "arn:of:verifier-role",
        "boundary": "arn:of:workload-boundary-policy",
    }
