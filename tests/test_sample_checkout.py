import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample_checkout import CHECKOUT, OWN_CHECKOUT, SAMPLE, clone, differing, sample_files

STACK_FILE = Path("projects/network/Pulumi.dev.yaml")
OWN = "config:\n  network:region: eu-north-1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with the sample, a stack file with an own value, and one test that reads it."""
    root = tmp_path / "checkout"
    shutil.copytree(SAMPLE, root / "tests" / "sample")
    shutil.copy(CHECKOUT / "tests" / "sample_checkout.py", root / "tests")
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True)
    (root / STACK_FILE).write_text(OWN)
    (root / "tests" / "__init__.py").touch()
    (root / "tests" / "test_value.py").write_text(
        "from pathlib import Path\n"
        "def test_value() -> None:\n"
        f"    assert '10.10.0.0/20' in Path('{STACK_FILE}').read_text()\n"
    )
    (root / "pytest.ini").write_text("[pytest]\naddopts = -p tests.sample_checkout -p no:cacheprovider\n")
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "-qm", "own values")
    return root


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def test_every_file_of_the_sample_has_a_counterpart() -> None:
    assert len(sample_files()) >= 10
    assert all((CHECKOUT / relative).exists() for relative in sample_files())


def test_a_file_with_own_values_is_found(checkout: Path) -> None:
    assert differing(checkout, checkout / "tests" / "sample") == [STACK_FILE]


def test_the_clone_is_clean_and_holds_the_sample_and_uncommitted_changes(
    checkout: Path, tmp_path: Path
) -> None:
    (checkout / "new.py").write_text("new = True\n")
    (checkout / "tests" / "test_value.py").unlink()
    clone(checkout, tmp_path / "clone")
    assert _git(tmp_path / "clone", "status", "--porcelain") == ""
    assert (tmp_path / "clone" / STACK_FILE).read_bytes() == (SAMPLE / STACK_FILE).read_bytes()
    assert (tmp_path / "clone" / "new.py").exists()
    assert not (tmp_path / "clone" / "tests" / "test_value.py").exists()
    assert (checkout / STACK_FILE).read_text() == OWN


def test_pytest_runs_on_the_samples_values_and_leaves_the_checkout_unchanged(checkout: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environ.pop(OWN_CHECKOUT, None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/test_value.py"],
        cwd=checkout,
        env=environ | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert (checkout / STACK_FILE).read_text() == OWN
