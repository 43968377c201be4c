"""The values of this checkout, whatever they are: valid, complete, and enough to render every stack."""

import pytest

from components import stack_files
from components.environment import LADDER
from components.project_settings import SECTIONS
from components.settings import parse
from components.stacks import PROJECTS
from operations.rendering import configuration, render_chain
from tests.sample_checkout import own_checkout

OWN_PROJECTS = own_checkout() / "projects"


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("environment", LADDER)
def test_a_stack_file_holds_valid_settings(project: str, environment: str) -> None:
    values = {
        key.partition(":")[2]: value
        for key, value in configuration(project, environment, projects=OWN_PROJECTS).items()
    }
    parse(*SECTIONS[project], values, project=project, environment=environment)


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("environment", LADDER)
def test_the_stack_files_of_a_project_agree_with_each_other(project: str, environment: str) -> None:
    files = stack_files.read_project(OWN_PROJECTS / project)
    assert [str(mistake) for mistake in stack_files.mistakes(files, environment)] == []


def test_every_stack_can_be_rendered() -> None:
    assert len(render_chain(*LADDER, projects=OWN_PROJECTS)) == len(PROJECTS) * len(LADDER)
