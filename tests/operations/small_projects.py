"""Pulumi projects without cloud resources, in a folder of their own, for tests on the real engine."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from components.environment import environments_of

THING = """
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Thing", name)
        self.register_outputs({})
"""
"""The start of a program that can register resources: `Thing("a")`. A component needs no provider."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A root with `projects/`, and a state backend beside it."""

    root: Path

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment of the engine: a local backend, none of the user's settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PULUMI_", "AWS_", "GITHUB_", "PROMOTION_"))
        }
        return {
            **kept,
            "PULUMI_BACKEND_URL": f"file://{self.root / 'state'}",
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            # Nothing to keep: saves a copy of the state after every step.
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        }

    def project(self, name: str, program: str, *, config: Mapping[str, str] | None = None) -> Path:
        """Writes a project with a stack file per environment; `config` goes to each of them."""
        folder = self.root / "projects" / name
        folder.mkdir(parents=True, exist_ok=True)
        # As in the repository: with a complete Pulumi install, its own language host takes this environment.
        runtime = f"runtime:\n  name: python\n  options:\n    virtualenv: {self._virtualenv(folder)}\n"
        (folder / "Pulumi.yaml").write_text(f"name: {name}\n{runtime}")
        lines = "".join(f"  {name}:{key}: {value!r}\n" for key, value in (config or {}).items())
        for environment in environments_of(self.root / "projects"):
            (folder / f"Pulumi.{environment}.yaml").write_text(
                f"config:\n{lines}" if lines else "config: {}\n"
            )
        return self.program(name, program)

    def program(self, name: str, program: str) -> Path:
        """Writes the project's program anew."""
        folder = self.root / "projects" / name
        (folder / "__main__.py").write_text(dedent(program))
        return folder

    def policy_pack(self, rules: str) -> Path:
        """Writes a pack whose `policies` the text `rules` defines, with pulumi_policy's names imported."""
        folder = self.root / "pack"
        folder.mkdir(exist_ok=True)
        option = f"{{virtualenv: {self._virtualenv(folder)}}}"
        (folder / "PulumiPolicy.yaml").write_text(f"runtime: {{name: python, options: {option}}}\n")
        body = f"from pulumi_policy import *\n{dedent(rules)}\nPolicyPack('test', policies=policies)\n"
        (folder / "__main__.py").write_text(body)
        return folder

    def _virtualenv(self, folder: Path) -> str:
        """The repository's own, where it has one: that is at its place in each checkout, too."""
        own = self.root / ".venv"
        return os.path.relpath(own if own.exists() else sys.prefix, folder)


def repository(root: Path) -> Repository:
    """An empty repository in `root`."""
    (root / "state").mkdir(parents=True)
    return Repository(root=root)
