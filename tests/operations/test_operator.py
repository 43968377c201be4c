"""Scripts act as the operator, and what goes wrong is one sentence."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from operations import workspace
from operations.engine.failure import OperationFailed
from operations.operator import CouldNotOperate, operating


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Its outputs; the session says whose it is."""
    outputs: dict[str, Any] = {"deadLetterQueueUrl": "https://queue"}
    monkeypatch.setattr(workspace, "outputs", lambda project, _: outputs)
    monkeypatch.setattr(workspace, "session", lambda environment, role: f"{role} of {environment}")
    return outputs


def test_the_work_is_done_as_the_operator_of_the_environment(stack: dict[str, Any]) -> None:
    with operating("dev") as operator:
        assert (operator.environment, operator.outputs) == ("dev", stack)
        assert str(operator.session) == "operator of dev"


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    with pytest.raises(CouldNotOperate, match="one of dev, staging, prod"), operating("prd"):
        pass


def test_a_stack_that_was_destroyed_is_told(stack: dict[str, Any]) -> None:
    stack.clear()
    with pytest.raises(CouldNotOperate, match=r"deploy\.py up --env dev"), operating("dev"):
        pass


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Query"), "AWS refuses"),
        (EndpointConnectionError(endpoint_url="https://aws"), "can't be reached"),
        (OperationFailed("the stack is locked"), "the stack is locked"),
    ],
)
def test_what_goes_wrong_meanwhile_is_told(stack: dict[str, Any], error: Exception, told: str) -> None:
    with pytest.raises(CouldNotOperate, match=told), operating("dev"):
        raise error
