"""A sandbox's projects with code of their own beside them, which tests change and commit."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from components import artifact
from operations import REPOSITORY
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from operations.workspace import engine_command
from sandbox import Sandbox
from tests.chain.terminal import typed

CODE = ("components", "functions")


class Checkout:
    """A sandbox's projects with code of their own beside them, to be changed."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        for name in CODE:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / name, box.root / name, ignore=ignored)
        shutil.copy(REPOSITORY / "requirements.txt", box.root)
        (box.root / ".artifacts").symlink_to(REPOSITORY / ".artifacts")
        self.environ = {"PYTHONPATH": str(box.root)}
        self.operator = Operator(
            command=engine_command({**box.environ, **self.environ}), watch=lambda _: None, root=box.root
        )

    def change_function(self, line: str) -> str:
        """Makes another artifact; returns its digest."""
        with (self.box.root / "functions" / "payment_processor" / "settings.py").open("a") as source:
            source.write(f"\n{line}\n")
        return artifact.build("payment_processor", functions=self.box.root / "functions").digest

    def up(self, environment: str) -> None:
        self.operator.up(StackName(project="payments", environment=environment))

    def bare(self, command: str, environment: str) -> Any:
        """A plain `pulumi` command that somebody types."""
        line = f"pulumi -C projects/payments -s {environment} {command}"
        return typed(self.box, line, **self.environ)

    def outputs(self, environment: str) -> dict[str, Any]:
        return self.box.outputs("payments", environment)

    def resources(self, environment: str) -> list[dict[str, Any]]:
        """All but the stack itself, of which the state notes when it was looked at."""
        state = self.box.export("payments", environment)["deployment"]["resources"]
        return [each for each in state if each["type"] != "pulumi:pulumi:Stack"]

    def stack_file(self, environment: str) -> Path:
        return self.box.root / "projects" / "payments" / f"Pulumi.{environment}.yaml"

    def configure(self, environment: str, **values: Any) -> None:
        content = yaml.safe_load(self.stack_file(environment).read_text(encoding="utf-8"))
        content["config"] |= {f"payments:{key}": value for key, value in values.items()}
        self.stack_file(environment).write_text(yaml.safe_dump(content), encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Changes a file of the code."""
        path = self.box.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


class Committed(Checkout):
    """A checkout that is a git repository, with the scripts; it is asked for commits, as on AWS."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__(box)
        for name in ("operations", "scripts"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / name, box.root / name, ignore=ignored)
        for name in ("pyproject.toml", ".gitattributes"):
            shutil.copy(REPOSITORY / name, box.root)
        (box.root / "tools").symlink_to(REPOSITORY / "tools")
        (box.root / ".gitignore").write_text("__pycache__\n.*\n/state\n/home\n/code\n!.git*\n")
        self.environ = {**self.environ, "SANDBOX_WORK_TREE": ""}
        self.git("init", "--quiet")
        self.commit("The verified release")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(  # noqa: S603  the tests' own words
            ["git", *identity, *arguments],  # noqa: S607  the user's git
            cwd=self.box.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def append(self, name: str, text: str) -> None:
        with (self.box.root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def run(self, line: str) -> "subprocess.CompletedProcess[str]":
        return typed(self.box, line, **self.environ)

    def script(self, line: str) -> "subprocess.CompletedProcess[str]":
        """One of the checkout's own scripts."""
        return typed(self.box, f"{self.box.root}/.venv/bin/python scripts/{line}", **self.environ)
