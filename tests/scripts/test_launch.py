"""A script that cannot run says what to do, and never ends as if it had found something."""

import subprocess
import sys
from pathlib import Path

import pytest

from operations import REPOSITORY
from operations.commands.payments import COMMANDS

SCRIPTS = sorted(path.name for path in (REPOSITORY / "scripts").glob("*.py") if path.name != "launch.py")


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  this repository's own scripts
        command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **variables}
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_the_packages_a_script_names_the_command_that_sets_up_and_exits_with_2(script: str) -> None:
    # -I -S: a Python without any installed package.
    done = run(sys.executable, "-S", REPOSITORY / "scripts" / script, "--help")
    assert (done.returncode, done.stdout) == (2, "")
    assert "make setup" in done.stderr
    assert f".venv/bin/python scripts/{script}" in done.stderr.replace("\\", "/")
    assert "Traceback" not in done.stderr


def test_an_older_python_is_refused_with_its_version(tmp_path: Path) -> None:
    older = tmp_path / "older.py"
    older.write_text(
        f"import sys; sys.path.insert(0, {str(REPOSITORY / 'scripts')!r}); sys.version_info = (3, 10, 1)\n"
        "import launch; launch.run('operations.commands.drift')\n"
    )
    done = run(sys.executable, older)
    assert done.returncode == 2
    assert "needs Python 3.11 or later, this is 3.10" in done.stderr


def test_a_module_of_ours_that_is_missing_is_not_taken_for_a_missing_set_up(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(
        f"import sys; sys.path.insert(0, {str(REPOSITORY / 'scripts')!r})\n"
        "import launch; launch.run('operations.commands.absent')\n"
    )
    done = run(sys.executable, broken)
    assert "No module named 'operations.commands.absent'" in done.stderr


def test_a_script_runs_the_code_beside_it(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    for name in ("launch.py", "drift.py"):
        (tmp_path / "scripts" / name).write_text((REPOSITORY / "scripts" / name).read_text())
    commands = tmp_path / "operations" / "commands"
    commands.mkdir(parents=True)
    (commands / "drift.py").write_text("def app(prog_name): print(prog_name, 'of this copy')\n")
    for folder in (commands, commands.parent):
        (folder / "__init__.py").touch()
    done = run(sys.executable, tmp_path / "scripts" / "drift.py")
    assert (done.returncode, done.stdout) == (0, "drift.py of this copy\n")


def test_every_script_is_a_sub_command() -> None:
    assert {f"{name}.py" for name in COMMANDS} == set(SCRIPTS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_sub_command_and_its_script_take_the_same_arguments(name: str) -> None:
    code = "from operations.commands.payments import app; app(prog_name='payments')"
    of_command = run(sys.executable, "-c", code, name, "--help", COLUMNS="80")
    of_script = run(sys.executable, REPOSITORY / "scripts" / f"{name}.py", "--help", COLUMNS="80")
    assert of_command.returncode == of_script.returncode == 0
    assert (
        of_command.stdout.replace(f"payments {name}", f"{name}.py").split()[1:]
        == of_script.stdout.split()[1:]
    )


def test_the_list_of_sub_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from operations.commands.payments import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('operations.commands.')])"
    )
    done = run(sys.executable, "-c", code)
    assert done.stdout.splitlines()[-1] == "['operations.commands.payments']"
    assert all(name in done.stdout for name in COMMANDS)


def test_completion_offers_the_sub_commands() -> None:
    code = "from operations.commands.payments import app; app(prog_name='payments')"
    done = run(
        sys.executable, "-c", code,
        _PAYMENTS_COMPLETE="complete_bash", COMP_WORDS="payments pro", COMP_CWORD="1",
    )  # fmt: skip
    assert done.stdout.split() == ["promote"]
