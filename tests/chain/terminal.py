"""A terminal in a sandbox: what a user types there, on a machine where Pulumi is installed."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from components.environment import ENVIRONMENTS_FILE, EnvironmentTree
from operations import REPOSITORY
from operations.engine import ensure_engine
from sandbox.box import Sandbox

Script = Callable[..., "subprocess.CompletedProcess[str]"]

CODE = ("components", "operations", "scripts")
LINKED = ("functions", "tools", ".artifacts")


def variables(box: Sandbox) -> dict[str, str]:
    """The sandbox's variables, with Pulumi on PATH."""
    return ensure_engine(environ=box.environ).environ(box.environ)


def typed(box: Sandbox, command: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command in the folder of the sandbox's projects."""
    return subprocess.run(  # noqa: S603  the tests' own words
        command.split(),
        cwd=box.root,
        env={**variables(box), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def checkout(box: Sandbox) -> Script:
    """Puts the code beside the sandbox's projects; returns its scripts/deploy.py."""
    for name in CODE:
        shutil.copytree(REPOSITORY / name, box.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (box.root / name).symlink_to(REPOSITORY / name)

    def deploy(*arguments: str) -> "subprocess.CompletedProcess[str]":
        line = " ".join((sys.executable, "scripts/deploy.py", *arguments))
        return typed(box, line, PYTHONPATH=str(box.root))

    return deploy


def write_environments(root: Path, tree: EnvironmentTree) -> None:
    """Writes the file that says which environments there are."""
    places = {node.name: {"upstream": node.upstream, "wave": node.wave} for node in tree.nodes}
    (root / "projects" / ENVIRONMENTS_FILE).write_text(yaml.safe_dump(places, sort_keys=False))


def add_stack_files(root: Path, environment: str, like: str, values: Mapping[str, str]) -> None:
    """Writes the three files of a new environment: those of `like` with other `values` (old to new)."""
    for path in sorted((root / "projects").glob(f"*/Pulumi.{like}.yaml")):
        text = path.read_text(encoding="utf-8").replace(like, environment)
        for old, new in values.items():
            text = text.replace(old, new)
        path.with_name(f"Pulumi.{environment}.yaml").write_text(text, encoding="utf-8")
