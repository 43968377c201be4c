import subprocess
import sys
from pathlib import Path

import pytest

from operations import REPOSITORY
from tests.docs.markdown import document, documents, rows
from tests.docs.shell import check, commands, make_targets, outputs

SCRIPTS = sorted(set((REPOSITORY / "scripts").glob("*.py")) - {REPOSITORY / "scripts" / "launch.py"})


@pytest.mark.parametrize("found", documents(), ids=lambda found: found.name)
def test_scripts_and_options_of_documented_commands_exist(found: object) -> None:
    for line in commands(found):  # type: ignore[arg-type]  # parametrised
        check(line)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_explains_itself(script: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, script, "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage:" in done.stdout


def test_the_readme_begins_with_the_two_commands() -> None:
    first = document("README.md").blocks("sh")[0].splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make sandbox", "make test"]


def test_every_target_of_make_is_documented() -> None:
    _, *targets = rows(document("CONTRIBUTING.md").section("Set-up"))
    assert {target.strip("`").removeprefix("make ") for target, _ in targets} == make_targets()


def test_make_takes_every_target_that_it_lists() -> None:
    done = subprocess.run(  # noqa: S603
        ["make", "-n", "PYTHON=python3", *sorted(make_targets() - {"help"})],  # noqa: S607  the user's own make
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "make everything",
        "python scripts/nothing.py",
        "python scripts/deploy.py undo --env dev",
        "python scripts/deploy.py up --environment dev",
        "python scripts/deploy.py up",
        "python -m policies guess",
        "python -m nothing",
        "pulumi -C projects/nothing -s dev up",
        "pulumi -C projects/network -s qa up",
        "pulumi -C projects/network -s dev preview --policy-pack ../policies",
        "pulumi -C projects/payments -s dev stack output nothing",
        'eval "$(python scripts/nothing.py env)"',
        "unheard-of --option",
    ],
)
def test_a_command_for_which_something_is_missing_is_found(line: str) -> None:
    with pytest.raises(BaseException):  # noqa: B017, PT011  assertions here, usage errors of the command line's parser
        check(line)


def test_outputs_are_those_of_the_contract() -> None:
    assert {"tableArn", "upstreamTableArns", "artifactDigest"} <= outputs("payments")
