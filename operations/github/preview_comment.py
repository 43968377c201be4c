"""One comment on a pull request: what it would change, stack by stack. It is rewritten by each new run."""

import json
from collections.abc import Mapping
from typing import Any

from operations.deployment.render import describe
from operations.github.command_line import Gh

MARKER = "<!-- previews of all stacks -->"
LONGEST_REASON = 1_500
"""Characters of a failure's text: nine of them still fit into a comment."""


def render(report: Mapping[str, Any], commit: str) -> str:
    """The comment, of what `scripts/deploy.py preview --json` wrote."""
    rows = [
        f"| {stack['project']} | {stack['environment']} | {_outcome(stack)} |" for stack in report["stacks"]
    ]
    verdict = "All stacks can be deployed." if report["succeeded"] else "**Some stacks can't be deployed.**"
    failures = [
        f"<details><summary>{stack['project']}/{stack['environment']}</summary>\n\n"
        f"````text\n{_shortened(stack['reason'])}\n````\n\n</details>"
        for stack in report["stacks"]
        if stack["status"] == "failed"
    ]
    return "\n".join(
        [
            MARKER,
            f"### What {commit[:12]} would change",
            "",
            f"{verdict} Each was previewed under the policy pack.",
            "",
            "| Project | Environment | Changes |",
            "|---|---|---|",
            *rows,
            *([""] if failures else []),
            *failures,
            "",
        ]
    )


def say(comment: str, repository: str, pull_request: int, gh: Gh) -> str:
    """Rewrite the pull request's comment, or make it; returns what was done. Raises GitHubFailed."""
    pages = gh(["api", "--paginate", "--slurp", f"repos/{repository}/issues/{pull_request}/comments"], "")
    ours = [each["id"] for page in json.loads(pages) for each in page if each["body"].startswith(MARKER)]
    body = json.dumps({"body": comment})
    if ours:
        path = f"repos/{repository}/issues/comments/{ours[0]}"
        gh(["api", "--method", "PATCH", path, "--input", "-"], body)
        return f"rewrote the comment of #{pull_request}"
    gh(
        ["api", "--method", "POST", f"repos/{repository}/issues/{pull_request}/comments", "--input", "-"],
        body,
    )
    return f"commented on #{pull_request}"


def _outcome(stack: Mapping[str, Any]) -> str:
    match stack["status"]:
        case "succeeded":
            return describe(stack["changes"])
        case "failed":
            return "**failed**, see below"
        case _:
            return f"not previewed: {stack['because']}"


def _shortened(reason: str) -> str:
    quoted = reason.replace("````", "'''")
    return quoted if len(quoted) <= LONGEST_REASON else f"{quoted[:LONGEST_REASON]}\n… see the run's log"
