"""The engine's steps as findings."""

from typing import Any

import pytest

from operations.drift.against_engine import cloud, code
from operations.drift.engine import Seen, Step
from operations.drift.report import ABSENT, Check, Finding, Kind, Severity
from operations.engine.failure import StackName

NAME = StackName(project="payments", environment="prod")
QUEUE = "aws:sqs/queue:Queue"


def step(operation: str, old: dict[str, Any] | None, new: dict[str, Any] | None, type_: str = QUEUE) -> Step:
    return Step(operation=operation, key=f"{type_}::one", type=type_, old=seen(old), new=seen(new))


def seen(properties: dict[str, Any] | None) -> Seen | None:
    return None if properties is None else Seen(inputs=properties, outputs=properties)


def told(findings: list[Finding]) -> list[tuple[str, Kind, Any, Any]]:
    return [(each.path, each.kind, each.baseline, each.target) for each in findings]


@pytest.mark.parametrize("operation", ["same", "update"])
def test_cloud_tells_state_and_account_even_where_the_engine_sees_no_change(operation: str) -> None:
    (found,) = cloud(NAME, [step(operation, {"delaySeconds": 0}, {"delaySeconds": 9})])
    assert (found.check, found.project, found.environment, found.resource) == (
        Check.CLOUD,
        "payments",
        "prod",
        "one",
    )
    assert told([found]) == [("delaySeconds", Kind.CHANGED, 0, 9)]
    assert found.severity is Severity.MEDIUM
    assert found.fix.endswith(
        "Undo it: python scripts/deploy.py up --env prod --project payments --refresh --target one"
    )


def test_cloud_tells_what_is_gone_once_and_how_to_make_it_again() -> None:
    gone = [step("delete", {"name": "q", "tagsAll": {"A": "b"}}, None), step("same", {"name": "q"}, {})]
    (found,) = cloud(NAME, gone)
    assert told([found]) == [("", Kind.MISSING, {"name": "q", "tags": {"A": "b"}}, ABSENT)]
    assert found.fix.startswith("It is gone. Undo it: python scripts/deploy.py up ")


@pytest.mark.parametrize("operation", ["refresh", "create", "read", "replace"])
def test_cloud_takes_no_other_step_for_what_the_account_holds(operation: str) -> None:
    assert not [*cloud(NAME, [step(operation, {"delaySeconds": 0}, {"delaySeconds": 9})])]


def test_what_aws_counts_and_dates_by_itself_is_no_drift() -> None:
    before, after = (
        Seen(inputs={"memorySize": 128}, outputs={"memorySize": 128, "lastModified": day, "version": day})
        for day in ("7", "8")
    )
    function = "aws:lambda/function:Function"
    assert not [*cloud(NAME, [Step(operation="update", key="one", type=function, old=before, new=after)])]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"S": "a"}, {"S": "b"}, ("tags.S", Kind.CHANGED, "a", "b")),
        ({"S": "a"}, {"S": "a", "T": "c"}, ("tags.T", Kind.EXTRA, ABSENT, "c")),
        ({"S": "a"}, {}, ("tags.S", Kind.MISSING, "a", ABSENT)),
    ],
)
def test_a_tag_is_told_once_whether_it_is_the_resources_or_the_stacks(
    old: dict[str, str], new: dict[str, str], expected: Any
) -> None:
    """The provider shows a stack's tag among the resource's own as soon as its value is another."""
    ours, theirs = {"tagsAll": old}, {"tagsAll": new, "tags": new}
    assert told([*cloud(NAME, [step("same", ours, theirs)])]) == [expected]
    assert told([*code(NAME, [step("update", ours, theirs)])]) == [expected]


@pytest.mark.parametrize(
    ("steps", "expected", "fix"),
    [
        (
            [step("update", {"delaySeconds": 0}, {"delaySeconds": 9})],
            ("delaySeconds", Kind.CHANGED, 0, 9),
            "Change the code or the stack file back.",
        ),
        ([step("create", None, {"name": "q"})], ("", Kind.EXTRA, ABSENT, {"name": "q"}), "Deploy it"),
        (
            [step("delete", {"name": "q"}, None)],
            ("", Kind.MISSING, {"name": "q"}, ABSENT),
            "Or delete it: ",
        ),
        (
            [
                step("create-replacement", {"name": "q"}, {"name": "p"}),
                step("replace", {"name": "q"}, {"name": "p"}),
                step("delete-replaced", {"name": "q"}, None),
            ],
            ("name", Kind.CHANGED, "q", "p"),
            "Or replace the resource: ",
        ),
    ],
)
def test_code_tells_state_and_program_and_what_deploying_would_do(
    steps: list[Step], expected: Any, fix: str
) -> None:
    (found,) = code(NAME, steps)
    assert told([found]) == [expected]
    assert fix in found.fix
    assert "scripts/deploy.py up --env prod --project payments" in found.fix


def test_code_finds_nothing_where_nothing_would_be_done() -> None:
    assert not [*code(NAME, [step("same", {"delaySeconds": 0}, {"delaySeconds": 0})])]
