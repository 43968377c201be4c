"""A usable Pulumi CLI on this machine, and the environment in which its commands run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from operations.errors import CommandError

NO_ACQUISITION = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
"""Environment variable of the engine's own: a plugin that is not installed is an error, and never downloaded.

Which one a stack asks for is in its state, with the place to fetch it from."""


class EngineUnavailable(CommandError):  # noqa: N818  what it is, rather than an error of the engine
    """No Pulumi CLI was found and none could be built; the message names the one thing to do."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI that can run Python programs and policy packs.

    `executable` is the CLI; `version` is what it says of itself, without the leading `v`. `root` is the
    folder that holds it as `bin/pulumi`, or None where it lies otherwise. `has_language_host` tells whether
    the CLI came with Pulumi's own Python language host; otherwise ours, in `language_host.py`, stands in for
    it. `path_entries` come first on PATH, for the CLI to find what completes it.
    """

    executable: Path
    version: str
    has_language_host: bool
    path_entries: tuple[Path, ...]

    @property
    def root(self) -> Path | None:
        """The folder that `auto.PulumiCommand(root=…)` expects."""
        folder = self.executable.parent
        return folder.parent if folder.name == "bin" and self.executable.name == "pulumi" else None

    def environ(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """`base` (this process's environment by default) with what a `pulumi` subprocess needs added."""
        variables = dict(os.environ if base is None else base)
        inherited = variables.get("PATH", os.defpath).split(os.pathsep)
        wanted = [str(entry) for entry in self.path_entries]
        rest = [entry for entry in inherited if entry not in wanted]
        # The update check calls out to the network and only ever says that a newer CLI exists; the version is
        # pinned.
        return {
            **variables,
            "PATH": os.pathsep.join([*wanted, *rest]),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            NO_ACQUISITION: "true",
        }
