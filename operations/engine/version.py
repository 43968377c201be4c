"""Which Pulumi CLI the project is pinned to, and which others will do."""

import re
from dataclasses import dataclass
from pathlib import Path

_REQUIREMENT = re.compile(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)", re.MULTILINE)
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, order=True)
class Version:
    """A release of the CLI. Pre-release and build parts are ignored: only whole releases are compared."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def will_do_for(self, pinned: "Version") -> bool:
        """True where this CLI has `pinned`'s major and at least its minor: the SDK is pinned beside it."""
        return self.major == pinned.major and self.minor >= pinned.minor


def parse(text: str) -> Version | None:
    """The version at the start of `text` (`v3.259.0`, `3.260.0-alpha.x`), or None where there is none."""
    found = _VERSION.match(text.strip())
    return Version(*map(int, found.groups())) if found else None


def pinned(go_module: Path) -> Version:
    """The CLI's version that `tools/go.mod` requires. Raises ValueError where it names none."""
    required = _REQUIREMENT.search(go_module.read_text(encoding="utf-8"))
    version = parse(required[1]) if required else None
    if version is None:
        raise ValueError(
            f"{go_module} does not require github.com/pulumi/pulumi/pkg/v3, which holds the Pulumi CLI"
        )
    return version
