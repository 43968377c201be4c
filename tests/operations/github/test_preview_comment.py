import json
from collections.abc import Sequence
from typing import Any

from operations.deployment.outcome import Failed, NotRun, Report, Succeeded
from operations.deployment.plan import Action
from operations.deployment.render import to_json
from operations.engine.failure import StackName
from operations.github.preview_comment import MARKER, render, say


def report(reason: str = "[mandatory] table-billing") -> dict[str, Any]:
    network, payments = (StackName(project=each, environment="dev") for each in ("network", "payments"))
    outcomes = (
        Succeeded(stack=network, changes={"same": 20, "update": 1}, seconds=1.5),
        Failed(stack=payments, reason=reason, seconds=2.0),
        NotRun(stack=StackName(project="payments", environment="prod"), because="payments/dev failed"),
    )
    found: dict[str, Any] = json.loads(to_json(Report(action=Action.PREVIEW, outcomes=outcomes)))
    return found


def test_each_stack_has_a_line_and_each_failure_its_reason() -> None:
    text = render(report(), "0123456789abcdef")
    assert text.startswith(MARKER)
    assert "What 0123456789ab would change" in text
    assert "| network | dev | 1 update |" in text
    assert "| payments | dev | **failed**, see below |" in text
    assert "| payments | prod | not previewed: payments/dev failed |" in text
    assert "[mandatory] table-billing" in text
    assert "Some stacks can't be deployed" in text


def test_a_reason_can_not_leave_its_block_and_is_shortened() -> None:
    text = render(report("````\n# hello\n" + "x" * 5_000), "0" * 40)
    assert text.count("````") == 2
    assert "see the run's log" in text
    assert len(text) < 3_000


class Comments:
    """A pull request's comments behind a `gh`."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = dict(enumerate(bodies, start=1))

    def __call__(self, arguments: Sequence[str], text: str) -> str:
        match list(arguments):
            case ["api", "--paginate", "--slurp", "repos/acme/payments/issues/5/comments"]:
                return json.dumps([[{"id": each, "body": body} for each, body in self.bodies.items()]])
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
