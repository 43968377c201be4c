"""Stand-ins for `pulumi` and `go`: shell scripts on a PATH of their own."""

from pathlib import Path


def executable(folder: Path, name: str, script: str) -> Path:
    """Writes an executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def pulumi(folder: Path, version: str = "v3.259.0") -> Path:
    """A `pulumi` that knows its version."""
    return executable(folder, "pulumi", f"echo {version}")


def search_path(*folders: Path) -> dict[str, str]:
    """An environment whose PATH holds these folders and the system's own tools."""
    return {"PATH": ":".join([*map(str, folders), "/usr/bin", "/bin"])}
