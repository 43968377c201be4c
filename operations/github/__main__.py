"""What the workflows say on GitHub. They run in a job whose GH_TOKEN may write what they write, no more."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from operations.github import drift_issue, preview_comment
from operations.github.command_line import GitHubFailed, gh
from operations.github.reports import DriftReport, PreviewReport

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

ReportFile = Annotated[Path, typer.Option("--report", help="The JSON that the script wrote.")]
ReportFiles = Annotated[
    list[Path], typer.Option("--report", help="The JSON that the script wrote; repeat for more environments.")
]
Kind = TypeVar("Kind", bound=BaseModel)

LONGEST_FILE = 10_000_000
"""Bytes of a report: far more than nine stacks take."""


@app.command("drift-issue")
def issue(
    report: ReportFile, body: Annotated[Path, typer.Option("--body", help="The same report as Markdown.")]
) -> None:
    """Open, update or close the issues about drift, one for each set of it."""
    found, text = _report(report, DriftReport), _text(body)
    try:
        told = drift_issue.carry_out(drift_issue.decide(found, text, drift_issue.open_issues(gh)), gh)
    except GitHubFailed as failed:
        _fail(str(failed), 1)
    print("\n".join(told) or "nothing to say: no drift, no open issue", file=sys.stderr)  # noqa: T201


@app.command("preview-comment")
def comment(
    report: ReportFiles,
    pull_request: Annotated[int, typer.Option("--pull-request", help="Its number.", min=1)],
    commit: Annotated[str, typer.Option("--commit", help="What was previewed.")],
) -> None:
    """Write what a pull request would change into its one comment."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        _fail("GITHUB_REPOSITORY is not set: this runs in a GitHub workflow.", 2)
    there = [path for path in report if path.exists()] or report[:1]  # a job that failed early left none
    reports = [_report(each, PreviewReport) for each in there]
    text = preview_comment.render(reports, commit, missing=len(report) - len(there))
    try:
        print(preview_comment.say(text, repository, pull_request, gh), file=sys.stderr)  # noqa: T201
    except GitHubFailed as failed:
        _fail(str(failed), 1)


def _report(path: Path, kind: type[Kind]) -> Kind:
    try:
        return kind.model_validate_json(_text(path))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        problem = "is not JSON" if first["type"] == "json_invalid" else f"is not such a report: {place}"
        _fail(f"{path} {problem} ({first['msg']}): was the script that writes it cut off?", 2)


def _text(path: Path) -> str:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # An artifact may hold a link to a file that only this job sees.
        _fail(f"{path} can't be read: it is no regular file.", 2)
    try:
        if path.stat().st_size > LONGEST_FILE:
            _fail(f"{path} can't be read: it has more than {LONGEST_FILE} bytes.", 2)
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        _fail(f"{path} is not UTF-8 text: was the script that writes it cut off?", 2)
    except OSError as error:
        _fail(f"{path} can't be read: {error.strerror}. Run the script that writes it first.", 2)


def _fail(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)  # noqa: T201
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
