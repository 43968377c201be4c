"""Keeps the engine from rewriting a stack's file, which is under version control.

With a passphrase the CLI adds an `encryptionsalt` to `Pulumi.<stack>.yaml` the first time, and reformats the
file as it does. A salt belongs to one backend's stack: one that a rehearsal leaves behind makes the real
deployment fail with an incorrect passphrase. Secrets in the configuration do need it, and `pulumi config set
--secret` writes it itself; without them the salt in the state is all it takes.
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from components import stack_files
from operations.engine.command import EngineCommand

# The commands that run the program or use its plugins; all of them have the option --config-file.
_TAKE_A_FILE = frozenset({"up", "preview", "refresh", "destroy", "import"})
_SALT_FROM_STATE = {"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}


class WithStackFileKept(auto.PulumiCommand):
    """`command`, for the one stack of `environment`: the engine gets a copy of the stack's file.

    `transient` values, by key with its namespace, are in the copy alone: they hold for these commands. The
    engine's own keys are left out of it: a plain `pulumi up` against another backend, such as an earlier
    sandbox, leaves them behind, and this backend's state has the ones that count.
    """

    def __init__(
        self, command: EngineCommand, environment: str, transient: Mapping[str, Any] | None = None
    ) -> None:
        self.command, self.version = command.command, command.version
        self._run, self._environment = command.run, environment
        self._transient = dict(transient or {})

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: auto.OnOutput | None = None,
        on_error: auto.OnOutput | None = None,
    ) -> auto.CommandResult:
        """Runs as EngineCommand does. Only `pulumi config` may change the file: that is what it is for."""
        environ = {**_SALT_FROM_STATE, **additional_env}
        with tempfile.TemporaryDirectory(prefix="stack-file-") as scratch:
            if args[0] in _TAKE_A_FILE:
                args = [*args, "--config-file", str(self._copied(Path(cwd), Path(scratch)))]
            elif args[0] != "config":  # has no such option, and needs no program: it gets a folder of its own
                self._copied(Path(cwd), Path(scratch))
                shutil.copy(Path(cwd, "Pulumi.yaml"), scratch)
                cwd = scratch
            return self._run(args, cwd, environ, on_output, on_error)

    def _copied(self, project: Path, scratch: Path) -> Path:
        copy = Path(shutil.copy(project / f"Pulumi.{self._environment}.yaml", scratch))
        given = yaml.safe_load(copy.read_text(encoding="utf-8")) or {}
        content = stack_files.without_engine_keys(given)
        if self._transient:
            content["config"] = {**(content.get("config") or {}), **self._transient}
        if content != given:
            copy.write_text(stack_files.dump(content), encoding="utf-8")
        return copy
