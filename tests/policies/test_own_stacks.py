"""The pack passes this project's own stacks, with identifiers in the form that AWS gives."""

import pytest

from components.stacks import PROJECTS
from operations import REPOSITORY
from policies.check import check_export
from policies.report import Exit
from policies.stack_files import read_config
from tests.policies.rendered import ACCOUNTS, export_of


@pytest.mark.parametrize("environment", ACCOUNTS)
@pytest.mark.parametrize("project", PROJECTS)
def test_a_stack_of_this_project_has_no_violation(project: str, environment: str) -> None:
    config = read_config(REPOSITORY / "projects" / project, environment)
    report = check_export(export_of(project, environment), config)
    assert report.findings == ()
    assert report.not_evaluated == ()
    assert report.exit_code is Exit.CLEAN
