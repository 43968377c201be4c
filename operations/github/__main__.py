"""What the workflows say on GitHub. They run in a job whose GH_TOKEN may write what they write, no more."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from operations.github import drift_issue, preview_comment
from operations.github.command_line import GitHubFailed, gh

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None)

ReportFile = Annotated[Path, typer.Option("--report", help="The JSON that the script wrote.")]


@app.command("drift-issue")
def issue(
    report: ReportFile, body: Annotated[Path, typer.Option("--body", help="The same report as Markdown.")]
) -> None:
    """Open, update or close the issues about drift, one for each set of it."""
    found, text = _report(report), _text(body)
    try:
        told = drift_issue.carry_out(drift_issue.decide(found, text, drift_issue.open_issues(gh)), gh)
    except GitHubFailed as failed:
        _fail(str(failed), 1)
    print("\n".join(told) or "nothing to say: no drift, no open issue", file=sys.stderr)  # noqa: T201


@app.command("preview-comment")
def comment(
    report: ReportFile,
    pull_request: Annotated[int, typer.Option("--pull-request", help="Its number.", min=1)],
    commit: Annotated[str, typer.Option("--commit", help="What was previewed.")],
) -> None:
    """Write what a pull request would change into its one comment."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not repository:
        _fail("GITHUB_REPOSITORY is not set: this runs in a GitHub workflow.", 2)
    text = preview_comment.render(_report(report), commit)
    try:
        print(preview_comment.say(text, repository, pull_request, gh), file=sys.stderr)  # noqa: T201
    except GitHubFailed as failed:
        _fail(str(failed), 1)


def _report(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_text(path))
    except ValueError as error:
        _fail(f"{path} is not JSON ({error}): was the script that writes it cut off?", 2)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        _fail(f"{path} can't be read: {error.strerror}. Run the script that writes it first.", 2)


def _fail(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)  # noqa: T201
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
