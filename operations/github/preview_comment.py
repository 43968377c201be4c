"""One comment on a pull request: what it would change, stack by stack. It is rewritten by each new run.

The reports come from code that nobody has reviewed: every value of theirs is checked and escaped.
"""

import json
from collections.abc import Sequence

from operations.deployment.render import describe
from operations.github.command_line import BOT, Gh
from operations.github.escaping import code_block, code_span, plain_text
from operations.github.reports import PreviewedStack, PreviewReport

MARKER = "<!-- previews of all stacks -->"
LONGEST_REASON = 1_500
"""Characters of a failure's text: nine of them still fit into a comment."""
LONGEST_COMMENT = 60_000
"""Characters; GitHub takes 65,536 (https://github.com/orgs/community/discussions/27190)."""


def render(reports: Sequence[PreviewReport], commit: str, *, missing: int = 0) -> str:
    """Return the comment, of what `scripts/deploy.py preview --json` wrote, once per environment.

    `missing` counts the environments whose preview ended without a report.
    """
    stacks = [stack for report in reports for stack in report.stacks]
    rows = [f"| {stack.project} | {stack.environment} | {_outcome(stack)} |" for stack in stacks]
    deployable = not missing and all(report.succeeded for report in reports)
    verdict = "All stacks can be deployed." if deployable else "**Some stacks can't be deployed.**"
    if missing:
        verdict += f" {missing} environments have no preview: see the run."
    failures = [
        f"<details><summary>{stack.project}/{stack.environment}</summary>\n\n"
        f"{code_block(stack.reason, LONGEST_REASON)}\n\n</details>"
        for stack in stacks
        if stack.status == "failed"
    ]
    text = "\n".join(
        [
            MARKER,
            f"### What {code_span(commit[:12])} would change",
            "",
            f"{verdict} Each was previewed under the policy pack. The pull request's own code reports this.",
            "",
            "| Project | Environment | Changes |",
            "|---|---|---|",
            *rows,
            *([""] if failures else []),
            *failures,
            "",
        ]
    )
    if len(text) <= LONGEST_COMMENT:
        return text
    title = f"### What {code_span(commit[:12])} would change"
    return f"{MARKER}\n{title}\n\n{verdict} The table is too long: see the run's log.\n"


def say(comment: str, repository: str, pull_request: int, gh: Gh) -> str:
    """Rewrite the pull request's comment, or make it; return what was done. Raises GitHubFailed.

    Only a comment by the workflow's own login is rewritten: anybody may write the marker.
    """
    pages = gh(["api", "--paginate", "--slurp", f"repos/{repository}/issues/{pull_request}/comments"], "")
    ours = [
        each["id"]
        for page in json.loads(pages)
        for each in page
        if each["user"]["login"] == BOT and each["body"].startswith(MARKER)
    ]
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


def _outcome(stack: PreviewedStack) -> str:
    match stack.status:
        case "succeeded":
            return plain_text(describe(stack.changes))
        case "failed":
            return "**failed**, see below"
        case _:
            return f"not previewed: {plain_text(stack.because)}"
