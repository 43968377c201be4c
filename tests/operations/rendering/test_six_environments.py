"""The rehearsal of docs/scaling.md without an engine: six environments, made by copying files."""

import shutil
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from unittest.mock import patch

import pytest

from components.environment import LADDER, upstreams_of
from components.stack_files import read_project
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.drawing.picture import picture
from operations.drift.detect import Request, detect
from operations.drift.report import Check, Classification, Report
from operations.drift.sources import Code
from operations.engine.failure import StackName

SIX = (*LADDER, "prod-us", "prod-ap", "prod-sa")
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
    return folder / "projects"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The projects, for as long as the ladder has six environments."""
    with (
        patch.object(upstreams_of, "__defaults__", (SIX,)),
        patch.object(read_project, "__defaults__", (SIX,)),
    ):
        yield grown(tmp_path_factory.mktemp("grown"))


@pytest.fixture(scope="module")
def code(projects: Path) -> Code:
    return Code(projects=projects, ladder=SIX)


def test_six_environments_render_and_are_the_same_in_all_but_their_files(code: Code) -> None:
    stacks = [
        StackName(project=project, environment=environment) for environment in SIX for project in PROJECTS
    ]
    seen = picture({name: code.rendered(name) for name in stacks}, dict.fromkeys(SIX, ""))

    assert [column.only_in for column in seen.columns] == [{}, {}, {}]
    for below, above in pairwise(SIX):
        assert (f"payments/{above}", f"payments/{below}") in seen.reads


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
