"""What a refused checkout would change: resources that the verified and the offered program make differently.

Both programs are rendered offline, without credentials, each in a process of its own.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from operations import REPOSITORY
from operations.deployment.outcome import Failed, Outcome, Report
from operations.engine.failure import StackName
from operations.engine.refusal import Refusal

_RENDERED = ("components", "functions", "projects")
"""Folders that a program is rendered from; the components read the contract of the function."""
_SECONDS = 120
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP")
"""Environment variables for rendering: nothing that leads into an account."""
_NAMED = 20
"""Resources that a message names; more are counted."""


def with_refused_changes(report: Report, root: Path = REPOSITORY) -> Report:
    """Add to each refusal of the report which resources would change, where the verified commit is known."""
    return replace(report, outcomes=tuple(_explained(outcome, root) for outcome in report.outcomes))


def _explained(outcome: Outcome, root: Path) -> Outcome:
    if not isinstance(outcome, Failed) or outcome.refusal is None:
        return outcome
    commit = (outcome.refusal.facts.get("verified") or {}).get("releaseCommit", "")
    if not commit:
        return outcome
    try:
        lines = changed_resources(outcome.stack, commit, root)
    except (OSError, ValueError, subprocess.SubprocessError, tarfile.TarError):
        return replace(
            outcome, reason=f"{outcome.reason}\nWhich resources would change could not be rendered."
        )
    more = [f"  and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else []
    shown = [f"  {line}" for line in lines[:_NAMED]] + more or ["  none but the function's code, at most"]
    return replace(
        outcome,
        reason="\n".join([outcome.reason, f"Resources that would change in {outcome.stack}:", *shown]),
        refusal=Refusal(code=outcome.refusal.code, facts={**outcome.refusal.facts, "resources": list(lines)}),
    )


def changed_resources(stack: StackName, verified_commit: str, root: Path = REPOSITORY) -> tuple[str, ...]:
    """Return a line per resource that the program of `root` makes differently than that of a commit.

    Raises OSError, subprocess.SubprocessError or ValueError where one of them cannot be rendered.
    """
    with tempfile.TemporaryDirectory(prefix="verified-") as folder:
        verified = Path(folder)
        archive = subprocess.run(  # noqa: S603  a fixed command; the commit comes from a stack's outputs
            ["git", "-C", str(root), "archive", "--format=tar", f"{verified_commit}^{{commit}}", *_RENDERED],  # noqa: S607
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        )
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
            files.extractall(verified, filter="data")
        # The stack file is the offered one on both sides: settings may differ, and are not the question here.
        for path in (root / "projects").glob(f"*/Pulumi.{stack.environment}.yaml"):
            (verified / path.relative_to(root)).write_bytes(path.read_bytes())
        before, after = _rendered(verified, stack), _rendered(root, stack)
    return tuple(_differences(before, after))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    lines = []
    for urn in sorted(before.keys() | after.keys()):
        name = urn.rpartition("::")[2]
        if urn not in after:
            lines.append(f"delete {name}")
        elif urn not in before:
            lines.append(f"create {name}")
        else:
            keys = before[urn].keys() | after[urn].keys()
            changed = sorted(key for key in keys if before[urn].get(key) != after[urn].get(key))
            if changed:
                lines.append(f"update {name}: {', '.join(changed)}")
    return lines


def _rendered(root: Path, stack: StackName) -> Mapping[str, Any]:
    """Inputs by URN of what the program under `root` registers, by its own components."""
    with tempfile.TemporaryDirectory(prefix="components-") as folder:
        for name in ("components", "functions"):
            Path(folder, name).symlink_to((root / name).resolve())
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        done = subprocess.run(  # noqa: S603  our own interpreter
            [
                sys.executable,
                "-m",
                "operations.rendering",
                str(root / "projects"),
                stack.project,
                stack.environment,
            ],
            cwd=folder,
            env={**kept, "PYTHONPATH": os.pathsep.join((folder, str(REPOSITORY))), "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
        )
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found
