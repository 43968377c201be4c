"""Runs the tests on frozen sample values, whatever values the stack files of this checkout hold.

The tests name accounts, regions and addresses, so they need values that they know. Where this checkout holds
other ones, pytest starts again in a clone of it in which the values of `tests/sample/` are committed. The
tests in `tests/own_values` look at this checkout's own values in either case.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SAMPLE = CHECKOUT / "tests" / "sample"
OWN_CHECKOUT = "TESTS_OWN_CHECKOUT"
"""Environment variable: the checkout whose values were replaced; set in the clone only."""
SHARED = (".venv", ".tools")
"""What the clone takes from the checkout as it is."""


def own_checkout() -> Path:
    """Return the checkout that the user works in."""
    return Path(os.environ.get(OWN_CHECKOUT, CHECKOUT))


def sample_files(sample: Path = SAMPLE) -> Mapping[Path, Path]:
    """Return the sample's files by their path in a checkout."""
    return {path.relative_to(sample): path for path in sorted(sample.rglob("*")) if path.is_file()}


def differing(checkout: Path, sample: Path = SAMPLE) -> list[Path]:
    """Return the files of a checkout, relative to it, that hold other values than the sample."""
    return [
        relative
        for relative, path in sample_files(sample).items()
        if not (checkout / relative).is_file() or (checkout / relative).read_bytes() != path.read_bytes()
    ]


def clone(checkout: Path, target: Path) -> None:
    """Clone a checkout, and commit its uncommitted changes and the sample's values in the clone."""
    _git(checkout, "clone", "--quiet", "--shared", str(checkout), str(target))
    listed = _git(checkout, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source, copy = checkout / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
        else:
            copy.unlink(missing_ok=True)
    for relative, path in sample_files(checkout / SAMPLE.relative_to(CHECKOUT)).items():
        shutil.copy(path, target / relative)
    for name in SHARED:
        if (checkout / name).exists():
            (target / name).symlink_to(checkout / name)
    (target / ".git" / "info" / "exclude").write_text("".join(f"{name}\n" for name in SHARED))
    _git(target, "add", "--all")
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false")
    _git(target, *identity, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", "Sample values")


def run_in_clone(arguments: list[str]) -> int:
    """Run pytest in a clone with the sample's values; return its exit code."""
    with tempfile.TemporaryDirectory(prefix="sample-checkout-") as folder:
        target = Path(folder).resolve() / CHECKOUT.name
        clone(CHECKOUT, target)
        moved = [item.replace(str(CHECKOUT), str(target)) for item in arguments]
        directory = Path.cwd().resolve()
        if directory.is_relative_to(CHECKOUT):
            directory = target / directory.relative_to(CHECKOUT)
        environ = {**os.environ, OWN_CHECKOUT: str(CHECKOUT), "PYTHONPATH": str(target)}
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal interrupts pytest in the clone as well
        return subprocess.run(  # noqa: S603  pytest, with this run's own arguments
            [sys.executable, "-m", "pytest", *moved], cwd=directory, env=environ, check=False
        ).returncode


def _git(checkout: Path, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(checkout), *arguments],  # noqa: S607  the user's git
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    return done.stdout


if (
    OWN_CHECKOUT not in os.environ
    and "PYTEST_XDIST_WORKER" not in os.environ
    and (found := differing(CHECKOUT))
):
    sys.stderr.write(
        f"{len(found)} files hold values of your own: the tests run on the sample's values, in a clone.\n"
    )
    try:
        sys.exit(run_in_clone(sys.argv[1:]))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"The clone could not be made, for which git and a checkout of it are needed: {error}")
