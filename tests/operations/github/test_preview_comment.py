import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from operations.deployment.outcome import Failed, NotRun, Report, Succeeded
from operations.deployment.plan import Action
from operations.deployment.render import to_json
from operations.engine.failure import StackName
from operations.github.command_line import BOT
from operations.github.preview_comment import MARKER, render, say
from operations.github.reports import PreviewReport


def report(reason: str = "[mandatory] table-billing", because: str = "payments/dev failed") -> PreviewReport:
    network, payments = (StackName(project=each, environment="dev") for each in ("network", "payments"))
    outcomes = (
        Succeeded(stack=network, changes={"same": 20, "update": 1}, seconds=1.5),
        Failed(stack=payments, reason=reason, seconds=2.0),
        NotRun(stack=StackName(project="payments", environment="prod"), because=because),
    )
    return PreviewReport.model_validate_json(to_json(Report(action=Action.PREVIEW, outcomes=outcomes)))


def test_each_stack_has_a_line_and_each_failure_its_reason() -> None:
    text = render([report()], "0123456789abcdef")
    assert text.startswith(MARKER)
    assert "What `0123456789ab` would change" in text
    assert "| network | dev | 1 update |" in text
    assert "| payments | dev | **failed**, see below |" in text
    assert "| payments | prod | not previewed: payments/dev failed |" in text
    assert "[mandatory] table-billing" in text
    assert "Some stacks can't be deployed" in text


HOSTILE = [
    "````\n# hello",
    "``````` </details><img src=x onerror=alert(1)>",
    "@acme/everyone [click](https://example.com) | x |",
    "<!-- previews of all stacks -->",
    "\x1b[31mred\u202e\x00",
    "https://example.com/phishing",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reason_can_not_leave_its_block(text: str) -> None:
    comment = render([report(text)], "0" * 40)
    inside = comment.split("text\n", 1)[1]
    body, _, after = inside.partition("\n" + _fence(comment) + "\n")
    assert _fence(comment) not in body
    assert after.strip() == "</details>"
    assert "\x1b" not in body
    assert "\u202e" not in body


def _fence(comment: str) -> str:
    line = next(line for line in comment.splitlines() if line.endswith("text") and line.startswith("`"))
    return line.removesuffix("text")


@pytest.mark.parametrize("text", HOSTILE)
def test_why_a_stack_was_not_previewed_is_plain_text(text: str) -> None:
    comment = render([report(because=text)], "0" * 40)
    (row,) = [line for line in comment.splitlines() if "not previewed" in line]
    said = row.removeprefix("| payments | prod | not previewed: ").removesuffix(" |")
    assert not re.search(r"(?<!\\)[<>`\[\]|]|@(?!\u200b)|https?:/", said), said


def test_a_long_reason_and_a_long_comment_are_shortened() -> None:
    assert "see the run's log" in render([report("x" * 5_000)], "0" * 40)
    many = report("x" * 1_400)
    assert len(render([many] * 100, "0" * 40)) < 65_536


@pytest.mark.parametrize(
    "spoiled",
    [
        {"project": "x | <img>"},
        {"environment": "@acme"},
        {"status": "fine"},
        {"changes": {"create": "<b>"}},
        {"changes": {"create": -1}},
    ],
)
def test_a_report_with_other_names_or_counts_is_none(spoiled: dict[str, Any]) -> None:
    stack = {"project": "network", "environment": "dev", "status": "succeeded", "changes": {"same": 1}}
    with pytest.raises(ValidationError):
        PreviewReport.model_validate({"succeeded": True, "stacks": [{**stack, **spoiled}]})


def test_an_operation_of_an_unknown_name_is_plain_text() -> None:
    stack = {"project": "network", "environment": "dev", "status": "succeeded", "changes": {"<b>@x": 1}}
    found = PreviewReport.model_validate({"succeeded": True, "stacks": [stack]})
    assert "1 \\<b\\>@\u200bx" in render([found], "0" * 40)


def test_an_environment_without_a_report_is_no_success() -> None:
    comment = render([PreviewReport(succeeded=True, stacks=())], "0" * 40, missing=2)
    assert "Some stacks can't be deployed" in comment
    assert "2 environments have no preview" in comment


class Comments:
    """A pull request's comments behind a `gh`."""

    def __init__(self, *bodies: str, login: str = BOT) -> None:
        self.bodies = dict(enumerate(bodies, start=1))
        self.logins = dict.fromkeys(self.bodies, login)

    def __call__(self, arguments: Sequence[str], text: str) -> str:
        match list(arguments):
            case ["api", "--paginate", "--slurp", "repos/acme/payments/issues/5/comments"]:
                return json.dumps(
                    [
                        [
                            {"id": each, "body": body, "user": {"login": self.logins.get(each, BOT)}}
                            for each, body in self.bodies.items()
                        ]
                    ]
                )
            case ["api", "--method", "PATCH", path, "--input", "-"]:
                self.bodies[int(path.rpartition("/")[2])] = json.loads(text)["body"]
            case ["api", "--method", "POST", "repos/acme/payments/issues/5/comments", "--input", "-"]:
                self.bodies[len(self.bodies) + 1] = json.loads(text)["body"]
            case other:
                raise AssertionError(other)
        return ""


def test_the_first_run_comments_and_later_ones_rewrite_that_comment() -> None:
    comments = Comments("Looks good to me")
    say(f"{MARKER} first", "acme/payments", 5, comments)
    say(f"{MARKER} second", "acme/payments", 5, comments)
    assert list(comments.bodies.values()) == ["Looks good to me", f"{MARKER} second"]


@pytest.mark.parametrize("login", ["mallory", "github-actions", "GitHub-Actions[bot]", "dependabot[bot]"])
def test_a_comment_of_somebody_else_is_left_alone_whatever_it_begins_with(login: str) -> None:
    comments = Comments(f"{MARKER} forged", login=login)
    say(f"{MARKER} first", "acme/payments", 5, comments)
    assert list(comments.bodies.values()) == [f"{MARKER} forged", f"{MARKER} first"]
