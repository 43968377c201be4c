import shutil
from pathlib import Path

import pytest

from components.environment import LADDER
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.engine.failure import StackName
from operations.rendering import Known, Recorder, Unrenderable, configuration, render, render_chain

PAYMENTS = StackName(project="payments", environment="prod")


@pytest.fixture(scope="module")
def chain() -> dict[StackName, Recorder]:
    return render_chain("prod")


def test_an_environment_is_rendered_with_all_that_it_reads(chain: dict[StackName, Recorder]) -> None:
    assert list(chain) == [
        StackName(project=project, environment=environment) for environment in LADDER for project in PROJECTS
    ]
    assert chain[PAYMENTS].outputs["tableArn"] == "${payments-table.arn}"
    assert chain[PAYMENTS].outputs["upstreamTableArns"] == ["${payments-table.arn}"] * 2


def test_what_only_an_account_can_tell_names_the_resource(chain: dict[StackName, Recorder]) -> None:
    function = next(each for each in chain[PAYMENTS].resources if each.type == "aws:lambda/function:Function")
    assert function.inputs["vpcConfig"]["subnetIds"] == ["${private-subnet-a.id}", "${private-subnet-b.id}"]
    assert function.inputs["kmsKeyArn"] == "${payments-key.arn}"
    assert [urn.rpartition("::")[2] for urn in function.property_dependencies["kmsKeyArn"]] == [
        "payments-key"
    ]


def test_what_is_known_of_a_deployed_stack_is_answered(chain: dict[StackName, Recorder]) -> None:
    outputs = {f"organization/{name}": each.outputs for name, each in chain.items()}
    known = {("aws:kms/key:Key", "payments-key"): Known(id="k-1", outputs={"arn": "arn:k-1", "keyId": "k-1"})}
    function = next(
        each
        for each in render("payments", "prod", references=outputs, known=known).resources
        if each.type == "aws:lambda/function:Function"
    )
    assert function.inputs["kmsKeyArn"] == "arn:k-1"


def test_one_value_may_be_another(chain: dict[StackName, Recorder]) -> None:
    outputs = {f"organization/{name}": each.outputs for name, each in chain.items()}
    config = configuration("payments", "prod") | {"payments:memoryMb": "128"}
    rendered = render("payments", "prod", config=config, references=outputs)
    assert [each.inputs["memorySize"] for each in rendered.resources if "memorySize" in each.inputs] == [128]


def test_defaults_of_the_project_are_the_stacks_values() -> None:
    assert configuration("payments", "prod")["payments:subscriberAccountIds"] == "[]"
    assert configuration("payments", "prod")["payments:memoryMb"] == "2048"


def test_a_program_that_refuses_its_configuration_is_unrenderable() -> None:
    config = configuration("network", "dev") | {"network:flowLogRetentionDays": "2"}
    references: dict[str, dict[str, str]] = {"organization/bootstrap-iam/dev": {}}
    with pytest.raises(Unrenderable, match=r"network/dev: [^$]*network:flowLogRetentionDays is 2"):
        render("network", "dev", config=config, references=references)


def test_an_upstream_stack_that_is_not_known_is_named() -> None:
    with pytest.raises(Unrenderable, match=r"network/dev: .*organization/bootstrap-iam/dev"):
        render("network", "dev")


def test_a_program_that_raises_is_unrenderable(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "projects", tmp_path / "projects")
    (tmp_path / "projects/network/__main__.py").write_text("{}['key']\n")
    with pytest.raises(Unrenderable, match="network/dev: it lacks 'key'"):
        render("network", "dev", projects=tmp_path / "projects")
