from pathlib import Path

import pytest

from components.configuration import InvalidConfiguration
from operations.deployment.places import places
from operations.deployment.plan import Action, plan

PLAN = plan(Action.UP, environments=["dev", "prod"], projects=["network"])
DEV, PROD = PLAN.stacks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "projects" / "network"
    made.mkdir(parents=True)
    return made


def test_a_stack_is_in_the_account_and_region_of_its_file(folder: Path, tmp_path: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text(
        "config: {'network:accountId': '111111111111', 'network:region': us-east-1}\n"
    )

    assert places(PLAN, tmp_path) == {DEV: "111111111111 us-east-1", PROD: ""}


def test_a_file_that_can_not_be_read_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config: {")

    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.dev\.yaml"):
        places(PLAN, tmp_path)
