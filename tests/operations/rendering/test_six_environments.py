"""The rehearsal of docs/scaling.md without an engine: six environments, made by copying files."""

import shutil
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from components.environment import LADDER, upstreams_of
from components.stack_files import read_project
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.drawing.picture import picture
from operations.rendering.chain import render_chain

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
            (folder / "projects" / project / f"Pulumi.{environment}.yaml").write_text(
                text.replace("10.30.", f"10.{number}0."), encoding="utf-8"
            )
    return folder / "projects"


def test_six_environments_render_and_are_the_same_in_all_but_their_files(tmp_path: Path) -> None:
    projects = grown(tmp_path)
    with (
        patch.object(upstreams_of, "__defaults__", (SIX,)),
        patch.object(read_project, "__defaults__", (SIX,)),
    ):
        rendered = render_chain(SIX[-1], projects=projects, ladder=SIX)
    assert len(rendered) == len(SIX) * len(PROJECTS)
    seen = picture(rendered, dict.fromkeys(SIX, ""))
    assert [column.only_in for column in seen.columns] == [{}, {}, {}]
    for below, above in pairwise(SIX):
        assert (f"payments/{above}", f"payments/{below}") in seen.reads
