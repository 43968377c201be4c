"""Run this checkout's drift detection on a release's programs.

Account and state of the source are looked at without importing anything of the release. To render the
release's programs, its `components` are imported; all else comes from this checkout.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from components.provider import ACCESS_VARIABLE, READER
from components.stacks import PROJECTS
from operations import REPOSITORY
from operations.drift.report import Check, Classification, Finding, Kind, NotChecked, Report, Severity
from operations.engine.failure import OperationFailed
from operations.promotion.checkout import VIRTUAL_ENVIRONMENT, environ

SCHEMA_VERSION = 1
"""Supported version of the report: docs/drift.md."""
LOOKS = (Check.CLOUD, Check.CODE, Check.UNMANAGED)
"""Checks of the upstream environment."""
RENDERING = Path(__file__).with_name("render_release.py")


def detect(
    source: str, target: str, root: Path, base: Mapping[str, str], projects: Sequence[str] = PROJECTS
) -> Report:
    """Detect drift before a promotion; `base` holds the environment variables.

    The source's account and state are compared with what they should be; source and target as the release's
    code makes them, since what the target still runs is an older release.

    Raises OperationFailed where there is no report.
    """
    pair = ["--baseline", source, "--target", target]
    pair += [word for project in projects for word in ("--project", project)]
    pair += ["--root", str(root)]
    ours = [sys.executable, str(REPOSITORY / "scripts" / "drift.py")]
    looks = [word for check in LOOKS for word in ("--check", check)]
    upstream = _run(ours, base, *pair, "--env", source, *looks)
    theirs = [str(root / VIRTUAL_ENVIRONMENT / "bin" / "python"), "-P", str(RENDERING)]
    parity = _run(theirs, base, *pair, "--check", Check.PARITY, "--from-code")
    return replace(
        upstream,
        checks=(*upstream.checks, *parity.checks),
        findings=(*upstream.findings, *parity.findings),
        not_checked=(*upstream.not_checked, *parity.not_checked),
    )


def _run(command: Sequence[str], base: Mapping[str, str], *arguments: str) -> Report:
    done = subprocess.run(  # noqa: S603  the repository's own script
        [*command, *arguments, "--format", "json"],
        cwd=REPOSITORY,
        # Looking takes no more than a reader's access: whoever promotes to one environment need not be able
        # to change the one below it.
        env={**environ(base), ACCESS_VARIABLE: READER},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return read(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        said = done.stderr.strip().splitlines()
        raise OperationFailed(
            f"drift detection ended with exit code {done.returncode} and no readable report: "
            f"{said[-1] if said else 'no message'}"
        ) from None


def read(document: Mapping[str, Any]) -> Report:
    """Parse a report. Raises ValueError, KeyError or TypeError for another document."""
    if document["schemaVersion"] != SCHEMA_VERSION:
        raise ValueError(f"version {document['schemaVersion']} of drift reports is not known")
    return Report(
        baseline=document["baseline"],
        target=document["target"],
        source=document["source"],
        generated_at=datetime.fromisoformat(document["generatedAt"]),
        checks=tuple(check for check in Check if document["checks"].get(check.value, {}).get("requested")),
        projects=tuple(document["projects"]),
        findings=tuple(_finding(item) for item in document["findings"]),
        not_checked=tuple(
            NotChecked(
                check=Check(item["check"]),
                project=item["project"],
                environment=item["environment"],
                reason=item["reason"],
                fix=item["fix"],
            )
            for item in document["notChecked"]
        ),
        notes=document["notes"],
    )


def _finding(item: Mapping[str, Any]) -> Finding:
    return Finding(
        check=Check(item["check"]),
        project=item["project"],
        environment=item["environment"],
        resource=item["resource"],
        type=item["type"],
        path=item["path"],
        kind=Kind(item["kind"]),
        classification=Classification(item["classification"]),
        severity=Severity(item["severity"]),
        baseline=item["baseline"],
        target=item["target"],
        explained_by=item["explainedBy"],
        reason=item["reason"],
        fix=item["fix"],
    )
