import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.promotion.checkout import CheckoutError, Checkouts, checkout, environ
from tests.operations.promotion.test_git import commit, run_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    run_git(root, "init", "-q")
    (root / ".gitignore").write_text(".venv\n.artifacts\n")
    (root / ".venv").mkdir()
    (root / ".artifacts").mkdir()
    return root


def ask(root: Path, code: str, **variables: str) -> str:
    """Return the output of a program of the checkout, run as the engine runs it."""
    done = subprocess.run(  # noqa: S603  the checkout's own interpreter
        [root / ".venv" / "bin" / "python", "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environ({**os.environ, **variables}),
        cwd="/",
    )
    return done.stdout.strip()


def test_a_checkout_is_the_commit_whatever_the_work_tree_holds(repository: Path) -> None:
    old = commit(repository, code="old", requirements="pulumi")
    commit(repository, code="new")
    (repository / "code.txt").write_text("half done")

    with checkout(old, repository) as root:
        assert (root / "code.txt").read_text() == "old"
        assert run_git(root, "status", "--porcelain") == ""
        assert (root / ".artifacts").resolve() == repository / ".artifacts"
    assert (repository / "code.txt").read_text() == "half done"


def test_a_checkout_leaves_nothing_behind(repository: Path) -> None:
    only = commit(repository, requirements="pulumi")

    with pytest.raises(ZeroDivisionError), checkout(only, repository) as root:
        raise ZeroDivisionError

    assert not root.exists()
    assert run_git(repository, "worktree", "list").count("\n") == 0


def test_nothing_of_the_commit_runs_as_it_is_checked_out(repository: Path) -> None:
    (repository / "Makefile").write_text("setup:\n\t@touch made-by-the-makefile\n")
    hooks = repository / "hooks"
    hooks.mkdir()
    (hooks / "post-checkout").write_text("#!/bin/sh\ntouch made-by-the-hook\n")
    (hooks / "post-checkout").chmod(0o755)
    run_git(repository, "config", "core.hooksPath", "hooks")
    (repository / "requirements.txt").write_text("")
    only = commit(repository, code="new")
    (repository / "requirements.txt").write_text("# other requirements\n")

    with checkout(only, repository) as root:
        assert [path.name for path in root.glob("made-by-*")] == []


def test_other_requirements_are_installed_by_hash_and_without_credentials(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "index" / "not-a-wheel.tar.gz"
    wheel.parent.mkdir()
    wheel.write_bytes(b"")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the deployer")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    seen = tmp_path / "seen"
    (repository / "requirements.txt").write_text("anything==1\n")
    old = commit(repository, code="old")
    (repository / "requirements.txt").write_text("")
    original = subprocess.run

    def spy(command: list[str], **options: object) -> object:
        if "pip" in command:
            seen.write_text("\n".join([" ".join(command), *options["env"]]))  # type: ignore[misc]
        return original(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", spy)
    with pytest.raises(CheckoutError, match=r"other requirements"), checkout(old, repository):
        pass

    command, *variables = seen.read_text().splitlines()
    assert "--require-hashes --only-binary :all:" in command
    assert "PIP_NO_INDEX" in variables
    assert [name for name in variables if name.startswith(("AWS_", "PULUMI_", "GITHUB_"))] == []


@pytest.mark.parametrize("name", [".venv", ".artifacts"])
def test_a_commit_that_brings_its_own_environment_is_refused(repository: Path, name: str) -> None:
    (repository / name / "python").write_text("#!/bin/sh\n")
    run_git(repository, "add", "--force", name)
    only = commit(repository, requirements="pulumi")

    with pytest.raises(CheckoutError, match=rf"holds {name}"), checkout(only, repository):
        pass


def test_each_commit_is_checked_out_once_and_all_are_gone_in_the_end(repository: Path) -> None:
    old, new = commit(repository, requirements="pulumi"), commit(repository, code="new")

    with Checkouts(repository) as checkouts:
        roots = {checkouts.root(old), checkouts.root(new), checkouts.root(old)}
        assert len(roots) == 2
    assert not any(root.exists() for root in roots)


def test_programs_of_a_checkout_import_its_own_code_and_these_requirements(repository: Path) -> None:
    (repository / "components").mkdir()
    (repository / "components" / "__init__.py").write_text("WHOSE = 'of the release'\n")
    (repository / "requirements.txt").write_text("")
    only = commit(repository, code="new")

    with checkout(only, repository) as root:
        assert ask(root, "import components; print(components.WHOSE)") == "of the release"
        pulumi = ask(root, "import pulumi; print(pulumi.__file__)")
        assert Path(pulumi).is_relative_to(sys.prefix)


def test_an_inherited_path_reaches_no_program(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('taken over')\n")
    (repository / "requirements.txt").write_text("")
    only = commit(repository, code="new")

    with checkout(only, repository) as root:
        assert ask(root, "print('as it is')", PYTHONPATH=str(tmp_path)) == "as it is"


def killed(repository: Path, only: str, folder: Path) -> Path:
    """The root of a work tree whose process was killed."""
    code = (
        "import sys, time; from pathlib import Path; from operations.promotion.checkout import Checkouts\n"
        "with Checkouts(Path(sys.argv[1])) as made:\n"
        "    print(made.root(sys.argv[2]), flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(repository), only],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    assert process.stdout is not None
    root = Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    return root


def test_the_next_command_removes_the_work_tree_of_one_that_was_killed(
    repository: Path, tmp_path: Path
) -> None:
    only = commit(repository, requirements="pulumi")
    left = killed(repository, only, tmp_path)
    assert left.is_dir()

    with Checkouts(repository):
        assert not left.parent.exists()
    assert run_git(repository, "worktree", "list").count("\n") == 0


def test_the_work_tree_of_a_live_process_or_of_an_unknown_one_stays(repository: Path, tmp_path: Path) -> None:
    only = commit(repository, requirements="pulumi")
    unknown = killed(repository, only, tmp_path)
    (unknown.parent / "owner.json").write_text("{}")

    with Checkouts(repository) as mine:
        root = mine.root(only)
        with Checkouts(repository):
            assert root.is_dir()
            assert unknown.is_dir()
