"""What two stack files declare, on small projects."""

import shutil
from pathlib import Path

import pytest

from operations import REPOSITORY
from operations.drift.declared import Declared, declared, fields, misdeclared, uniform_keys, varying
from operations.engine.failure import StackName
from tests.operations.drift.runs import copy_of_projects

PROJECT = "payments"


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    return copy_of_projects(tmp_path) / "projects"


def of(environment: str, projects: Path = REPOSITORY / "projects", project: str = PROJECT) -> Declared:
    return declared(StackName(project=project, environment=environment), projects)


def add(projects: Path, environment: str, line: str, project: str = PROJECT) -> None:
    path = projects / project / f"Pulumi.{environment}.yaml"
    path.write_text(path.read_text() + f"  {line}\n")


def test_a_stack_declares_its_identity_and_the_defaults_of_what_its_file_leaves_out() -> None:
    prod = of("prod")
    assert (prod.identity.environment, prod.identity.account) == ("prod", "333333333333")
    assert (prod.identity.region, prod.identity.suffix) == ("eu-west-1", "acme")
    assert prod.in_file.keys() < prod.values.keys()
    assert prod.values["payments:memoryMb"] == str(prod.in_file["payments:memoryMb"])


def test_fields_are_of_scaling_or_of_identity_and_say_why_they_may_differ() -> None:
    found = {each.key: each for each in fields(PROJECT)}
    assert found["payments:memoryMb"].scaling
    assert not found["payments:accountId"].scaling
    assert all(each.description for each in found.values() if each.scaling)


def test_those_vary_that_two_environments_declare_differently() -> None:
    staging, prod = of("staging"), of("prod")
    found = {each.key for each in varying(staging, prod)}
    assert {"payments:memoryMb", "payments:accountId"} <= found
    assert "payments:environmentSuffix" not in found
    assert varying(prod, prod) == ()
    assert not found & uniform_keys(PROJECT)


def test_two_stack_files_as_they_are_declare_nothing_amiss() -> None:
    for project in ("bootstrap-iam", "network", "payments"):
        assert not [*misdeclared(of("staging", project=project), of("prod", project=project))]


@pytest.mark.parametrize(
    ("environments", "project", "line", "reason"),
    [
        (["prod"], "payments", "payments:colour: red", "of prod sets a key that the project does not know"),
        (["staging", "prod"], "payments", "payments:colour: red", "of staging and prod sets a key"),
        (["prod"], "bootstrap-iam", "bootstrap-iam:administratorRole: other", "a uniform value is set"),
    ],
)
def test_a_key_that_is_not_the_files_to_set_is_told(
    projects: Path, environments: list[str], project: str, line: str, reason: str
) -> None:
    for environment in environments:
        add(projects, environment, line, project)
    sides = (of(each, projects, project) for each in ("staging", "prod"))
    (found,) = misdeclared(*sides)
    assert reason in found.reason
    assert found.key == line.rpartition(": ")[0]


def test_a_uniform_value_does_not_vary_even_where_one_file_sets_it(projects: Path) -> None:
    add(projects, "prod", "bootstrap-iam:administratorRole: other", "bootstrap-iam")
    sides = [of(each, projects, "bootstrap-iam") for each in ("staging", "prod")]
    assert sides[0].values != sides[1].values
    assert "bootstrap-iam:administratorRole" not in {each.key for each in varying(*sides)}


def test_a_break_glass_in_one_file_is_no_mistake(projects: Path) -> None:
    add(projects, "prod", 'payments:breakGlass: {"reason": "outage", "expires": "2099-01-01"}')
    assert not [*misdeclared(of("staging", projects), of("prod", projects))]


def test_a_stack_without_a_file_can_not_be_told(projects: Path) -> None:
    shutil.rmtree(projects / PROJECT)
    with pytest.raises(Exception, match=r"payments"):
        of("prod", projects)
