"""`python -m operations.github` as a workflow runs it, with a `gh` that writes down what it was told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations import REPOSITORY
from tests.operations.github.test_drift_issue import finding, written

GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
case "$*" in *--slurp*) echo '[[]]' ;; esac
case "$*" in *"$GH_REFUSES"*) echo 'HTTP 403: Resource not accessible' >&2; exit 1 ;; esac
"""


def run(
    tmp_path: Path, *arguments: str, refuses: str = "nothing", path: str | None = None
) -> tuple[int, str, str]:
    """Exit code, standard error, and the calls of gh."""
    (tmp_path / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    log = tmp_path / "log"
    environ = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}" if path is None else path,
        "GH_LOG": str(log),
        "GH_REFUSES": refuses,
        "GITHUB_REPOSITORY": "acme/payments",
    }
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-m", "operations.github", *arguments],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr, log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
def drift(tmp_path: Path) -> list[str]:
    """The arguments that name a report with one finding."""
    (tmp_path / "drift.json").write_text(json.dumps(written(finding())), encoding="utf-8")
    (tmp_path / "drift.md").write_text("# Drift\n", encoding="utf-8")
    return ["drift-issue", "--report", str(tmp_path / "drift.json"), "--body", str(tmp_path / "drift.md")]


def test_drift_opens_an_issue(tmp_path: Path, drift: list[str]) -> None:
    code, told, called = run(tmp_path, *drift)
    assert (code, "opened: Drift: prod against staging" in told) == (0, True)
    assert "issue create --title Drift: prod against staging, 1 finding, worst medium --label drift" in called


def test_a_refusal_of_github_is_told_in_its_own_words(tmp_path: Path, drift: list[str]) -> None:
    code, told, _ = run(tmp_path, *drift, refuses="issue create")
    assert (code, told.strip()) == (1, "gh issue create failed: HTTP 403: Resource not accessible")


def test_without_gh_it_says_so(tmp_path: Path, drift: list[str]) -> None:
    code, told, _ = run(tmp_path, *drift, path="/nonexistent")
    assert (code, "no gh on PATH" in told) == (1, True)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("{", "is not JSON"),
        ("[]", "is not such a report"),
        ('{"succeeded": true, "stacks": [{"project": "<b>"}]}', "is not such a report"),
        (None, "can't be read"),
    ],
)
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str | None, word: str) -> None:
    if content is not None:
        (tmp_path / "preview.json").write_text(content, encoding="utf-8")
    arguments = ["--report", str(tmp_path / "preview.json"), "--pull-request", "5", "--commit", "0" * 40]
    code, told, called = run(tmp_path, "preview-comment", *arguments)
    assert (code, word in told, called) == (2, True, "")


def test_previews_are_commented(tmp_path: Path) -> None:
    preview = {"action": "preview", "succeeded": True, "interrupted": False, "stacks": []}
    (tmp_path / "preview.json").write_text(json.dumps(preview), encoding="utf-8")
    arguments = ["--report", str(tmp_path / "preview.json"), "--pull-request", "5", "--commit", "0" * 40]
    code, told, called = run(tmp_path, "preview-comment", *arguments)
    assert (code, "commented on #5" in told) == (0, True)
    assert "--method POST repos/acme/payments/issues/5/comments" in called


def test_a_link_in_an_artifact_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('{"succeeded": true, "stacks": []}', encoding="utf-8")
    (tmp_path / "preview.json").symlink_to(tmp_path / "secret")
    arguments = ["--report", str(tmp_path / "preview.json"), "--pull-request", "5", "--commit", "0" * 40]
    code, told, called = run(tmp_path, "preview-comment", *arguments)
    assert (code, "no regular file" in told, called) == (2, True, "")


def test_environments_whose_preview_left_no_report_are_counted(tmp_path: Path) -> None:
    preview = {"action": "preview", "succeeded": True, "interrupted": False, "stacks": []}
    (tmp_path / "preview.json").write_text(json.dumps(preview), encoding="utf-8")
    reports = [word for name in ("none", "preview") for word in ("--report", str(tmp_path / f"{name}.json"))]
    code, told, _ = run(tmp_path, "preview-comment", *reports, "--pull-request", "5", "--commit", "0" * 40)
    assert (code, "commented on #5" in told) == (0, True)
