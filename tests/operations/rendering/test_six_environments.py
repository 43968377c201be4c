"""The rehearsal of docs/scaling.md without an engine: six environments, made by copying files."""

import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from components import content
from components.environment import LADDER, EnvironmentNode, EnvironmentTree
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.drawing.picture import picture
from operations.drift.detect import Request, detect
from operations.drift.report import Check, Classification, Report
from operations.drift.sources import Code
from operations.engine.failure import StackName
from tests.chain.terminal import write_environments

SIX = EnvironmentTree(
    (
        *LADDER.nodes,
        *(
            EnvironmentNode(name=name, upstream="staging", wave=2)
            for name in ("prod-us", "prod-ap", "prod-sa")
        ),
    )
)
REGIONS = {"prod-us": "us-east-2", "prod-ap": "ap-southeast-1", "prod-sa": "sa-east-1"}


def grown(folder: Path) -> Path:
    """The projects with three more environments: copies of prod in accounts and regions of their own."""
    shutil.copytree(REPOSITORY / "projects", folder / "projects")
    for number, (environment, region) in enumerate(REGIONS.items(), start=4):
        for project in PROJECTS:
            text = (folder / "projects" / project / "Pulumi.prod.yaml").read_text(encoding="utf-8")
            text = text.replace("333333333333", str(number) * 12).replace("eu-west-1", region)
            text = text.replace("payments-deployer-prod", f"payments-deployer-{environment}")
            text = text.replace("+prod@", f"+{environment}@")
            (folder / "projects" / project / f"Pulumi.{environment}.yaml").write_text(
                text.replace("10.30.", f"10.{number}0."), encoding="utf-8"
            )
    write_environments(folder, SIX)
    return folder / "projects"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The projects with six environments."""
    return grown(tmp_path_factory.mktemp("grown"))


@pytest.fixture(scope="module")
def code(projects: Path) -> Code:
    return Code(projects=projects)


def test_six_environments_render_and_are_the_same_in_all_but_their_files(code: Code) -> None:
    stacks = [
        StackName(project=project, environment=environment) for environment in SIX for project in PROJECTS
    ]
    seen = picture({name: code.rendered(name) for name in stacks}, dict.fromkeys(SIX, ""))

    assert [column.only_in for column in seen.columns] == [{}, {}, {}]
    for below, above in SIX.pairs():
        assert (f"payments/{above}", f"payments/{below}") in seen.reads
    assert ("payments/prod-ap", "payments/prod-us") not in seen.reads


def declared(code: Code, name: StackName) -> tuple[dict[str, Any], Any]:
    """What a stack's program registers and exports, archives by their path."""
    rendered = code.rendered(name)
    return {
        each.urn: {key: getattr(value, "path", value) for key, value in each.inputs.items()}
        for each in rendered.resources
    }, rendered.outputs


def test_more_environments_change_no_stack_of_the_others_and_no_content(code: Code, projects: Path) -> None:
    alone = Code(projects=REPOSITORY / "projects")
    for environment in LADDER:
        for project in PROJECTS:
            name = StackName(project=project, environment=environment)
            assert declared(code, name) == declared(alone, name)
    assert content.read(projects).digest == content.read(REPOSITORY / "projects").digest
    for project in PROJECTS:
        for environment in LADDER:
            file = f"{project}/Pulumi.{environment}.yaml"
            assert (projects / file).read_bytes() == (REPOSITORY / "projects" / file).read_bytes()


def compared(code: Code, baseline: str, target: str) -> Report:
    """Two environments as their code would deploy them."""
    return detect(
        Request(
            source=code,
            baseline=baseline,
            target=target,
            checks=(Check.PARITY,),
            root=code.projects.parent,
        )
    )


def differs(code: Code, baseline: str, target: str) -> bool:
    """Whether two environments differ in more than controlled variations, by their code."""
    report = compared(code, baseline, target)
    assert report.not_checked == ()
    alike = baseline.startswith("prod") and target.startswith("prod")
    assert bool(report.of(Check.PARITY, Classification.CONTROLLED)) is not alike
    return bool(report.of(Check.PARITY, Classification.DRIFT))


def test_no_two_of_six_environments_differ_until_one_sets_what_is_uniform(code: Code) -> None:
    assert [pair for pair in combinations(SIX, 2) if differs(code, *pair)] == []

    with (code.projects / "bootstrap-iam" / "Pulumi.prod-ap.yaml").open("a", encoding="utf-8") as file:
        file.write("  bootstrap-iam:administratorRole: another-role\n")

    assert differs(code, "prod", "prod-ap")
    assert differs(code, "prod-ap", "prod-sa")
    # The other environments' programs refuse to run until their files have the key, too.
    report = compared(code, "prod", "prod-us")
    assert report.of(Check.PARITY, Classification.DRIFT) == ()
    assert [(each.project, each.environment) for each in report.not_checked] == [("bootstrap-iam", "prod-us")]


def test_a_leaf_reads_the_same_stacks_however_many_leaves_there_are(code: Code) -> None:
    alone = Code(projects=REPOSITORY / "projects")
    for project in PROJECTS:
        leaf = code.rendered(StackName(project=project, environment="prod-sa")).references
        prod = alone.rendered(StackName(project=project, environment="prod")).references
        assert {name.replace("prod-sa", "prod") for name in leaf} == set(prod)
