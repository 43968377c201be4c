import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from operations.commands.init import app
from operations.organisation.model import FILE
from operations.organisation.write import plan, write
from tests.operations.organisation.organisations import SAMPLE, projects_copy

GLOBEX = [
    "--suffix",
    "globex",
    "--email-domain",
    "globex.io",
    "--account",
    "dev=090817263544",
    "--account",
    "staging=012345670123",
    "--account",
    "prod=999988887777",
    "--region",
    "prod=eu-central-1",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = projects_copy(tmp_path)
    write(plan(SAMPLE, copy))
    return copy


def run(root: Path, *options: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [*options, "--root", str(root)])
    assert result.exit_code == code, result.output
    return result.stdout


def test_options_are_written_into_all_files(root: Path) -> None:
    run(root, *GLOBEX, "--yes")
    assert "payments:region: eu-central-1" in (root / "projects/payments/Pulumi.prod.yaml").read_text()
    assert "payments-oncall+dev@globex.io" in (root / "projects/payments/Pulumi.dev.yaml").read_text()
    run(root, "--check")


def test_a_second_run_changes_nothing(root: Path) -> None:
    run(root, *GLOBEX, "--yes")
    assert json.loads(run(root, "--yes", "--json")) == {"changed": []}


def test_without_a_terminal_nothing_is_written_unasked(root: Path) -> None:
    run(root, *GLOBEX, code=2)
    run(root, "--check")


def test_all_mistakes_are_reported_and_nothing_is_written(root: Path) -> None:
    output = run(root, "--suffix", "X", "--region", "dev=us-wst-2", "--yes", "--json", code=2)
    error = json.loads(output)["error"]
    assert "us-wst-2" in error
    assert "suffix" in error
    run(root, "--check")


def test_a_value_edited_by_hand_is_kept_unless_it_may_be_overwritten(root: Path) -> None:
    path = root / "projects" / "network" / "Pulumi.dev.yaml"
    path.write_text(path.read_text().replace("10.10.0.0/20", "10.77.0.0/20"))
    run(root, *GLOBEX, "--yes", code=2)
    assert "10.77.0.0/20" in path.read_text()
    assert "globex" not in path.read_text()
    run(root, *GLOBEX, "--yes", "--overwrite")
    assert "10.10.0.0/20" in path.read_text()


def test_a_change_of_organisation_yaml_since_the_commit_is_taken_over(root: Path) -> None:
    for command in ("init -q", "add .", "-c user.name=n -c user.email=n@example.com commit -qm sample"):
        subprocess.run(["git", "-C", root, *command.split()], check=True)  # noqa: S603, S607  fixed commands
    (root / FILE).write_text((root / FILE).read_text().replace("10.10.0.0/20", "10.50.0.0/20"))
    run(root, "--check", code=1)
    run(root, "--from", str(root / FILE), "--yes")
    assert "10.50.0.0/20" in (root / "projects" / "network" / "Pulumi.dev.yaml").read_text()


@pytest.mark.parametrize("text", ["suffix: [", "- 1", "suffix: acme\n", "\x00"])
def test_a_file_that_cannot_be_used_is_one_error(root: Path, text: str) -> None:
    bad = root / "mine.yaml"
    bad.write_text(text)
    run(root, "--from", str(bad), "--yes", code=2)
    run(root, "--check")
