"""What can't be read is said, with what to do about it."""

from typing import Any

import pytest

from operations.drift.export import Unreadable, read_export
from operations.drift.report import MASKED
from operations.engine.failure import StackName

NAME = StackName(project="payments", environment="prod")
URN = "urn:pulumi:prod::payments::aws:sqs/queue:Queue::queue"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}


def document(**changed: Any) -> dict[str, Any]:
    resource = {"urn": URN, "type": "aws:sqs/queue:Queue", "id": "q", "inputs": {}, "outputs": {}}
    return {"version": 3, "deployment": {"resources": [resource | changed]}}


@pytest.mark.parametrize(
    ("spoiled", "reason", "fix"),
    [
        (None, "malformed", "stack export"),
        ([], "malformed", "stack export"),
        ({"deployment": None}, "malformed", "stack export"),
        ({"deployment": {"resources": [1]}}, "malformed", "stack export"),
        ({"deployment": {"resources": [{"urn": "x"}]}}, "malformed", "stack export"),
        ({"deployment": {"resources": []}}, "not deployed", "deploy.py up"),
        ({"deployment": {}}, "not deployed", "deploy.py up"),
    ],
)
def test_what_is_no_whole_export_is_unreadable(spoiled: Any, reason: str, fix: str) -> None:
    with pytest.raises(Unreadable, match=reason) as told:
        read_export(spoiled, NAME)
    assert fix in told.value.fix


def test_a_half_deployed_stack_is_unreadable_and_says_where_it_was_cut_off() -> None:
    half: dict[str, Any] = document()
    half["deployment"]["pending_operations"] = [{"type": "creating", "resource": {"urn": URN}}]
    with pytest.raises(Unreadable, match=r"payments/prod is half deployed: .*creating queue") as told:
        read_export(half, NAME)
    assert told.value.fix == "Deploy it: python scripts/deploy.py up --env prod --project payments"


@pytest.mark.parametrize(
    ("mark", "meaning"),
    [
        ({"taint": True}, "queue is marked to be replaced"),
        ({"pendingReplacement": True}, "queue is being replaced"),
        ({"initErrors": ["timeout"]}, "queue was not created completely"),
        ({"delete": True}, "queue waits to be deleted"),
    ],
)
def test_a_mark_of_an_unfinished_deployment_makes_a_stack_unreadable(
    mark: dict[str, Any], meaning: str
) -> None:
    with pytest.raises(Unreadable, match=f"payments/prod is half deployed: {meaning}"):
        read_export(document(**mark), NAME)


def test_changes_that_are_ignored_are_compared() -> None:
    (found,) = read_export(document(ignoreChanges=["tags", "name"]), NAME).resources.values()
    assert found.properties == {"(ignoreChanges)": ["name", "tags"]}


def test_an_export_of_another_stack_is_refused() -> None:
    with pytest.raises(Unreadable, match="is of payments/prod"):
        read_export(document(), StackName(project="payments", environment="staging"))


def test_a_secret_is_masked_wherever_it_is() -> None:
    stack = read_export(document(inputs={"password": SECRET, "list": [{"deep": SECRET}]}), NAME)
    (found,) = stack.resources.values()
    assert found.properties == {"password": MASKED, "list": [{"deep": MASKED}]}
    assert "hunter2" not in str(stack)


def test_what_was_never_asked_for_is_no_property() -> None:
    stack = read_export(document(inputs={"a": {"b": 1}}, outputs={"a": {"b": 2, "c": 3}, "d": 4}), NAME)
    (found,) = stack.resources.values()
    assert found.properties == {"a": {"b": 2}}


@pytest.mark.parametrize("option", ["protect", "retainOnDelete"])
def test_what_keeps_a_resource_from_being_destroyed_is_compared(option: str) -> None:
    (found,) = read_export(document(**{option: True}), NAME).resources.values()
    assert found.properties == {f"({option})": True}
