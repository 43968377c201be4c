from typing import Any

import pytest

from operations.deployment.destruction import (
    ConsentError,
    holdings,
    missing_consent,
    named_by_hand,
    summary,
)
from operations.deployment.plan import Action, plan
from operations.engine.failure import StackName

LADDER = ("dev", "staging", "prod")


def resource(type_: str, name: str) -> dict[str, str]:
    return {"type": type_, "urn": f"urn:pulumi:prod::payments::{type_}::{name}"}


def test_every_environment_above_the_lowest_is_named_by_hand() -> None:
    made = plan(Action.DESTROY, environments=LADDER, ladder=LADDER)

    assert set(named_by_hand(made, LADDER)) == {"staging", "prod"}
    assert named_by_hand(plan(Action.DESTROY, environments=["dev"]), LADDER) == ()


def test_consent_is_missing_for_what_was_not_confirmed() -> None:
    assert missing_consent(("staging", "prod"), ("prod",)) == ("staging",)
    assert missing_consent(("prod",), ("prod", "prod")) == ()


@pytest.mark.parametrize("name", ["Prod", "dev", "", "prod "])
def test_a_confirmed_name_that_is_none_of_the_environments_is_refused(name: str) -> None:
    with pytest.raises(ConsentError, match="--confirm takes prod, not"):
        missing_consent(("prod",), (name,))


def test_a_stacks_resources_and_those_that_hold_data_are_found_in_its_state() -> None:
    (stack,) = plan(Action.DESTROY, environments=["prod"], projects=["payments"]).stacks
    state: dict[str, Any] = {
        "deployment": {
            "resources": [
                resource("pulumi:pulumi:Stack", "payments-prod"),
                resource("pulumi:providers:aws", "aws"),
                resource("aws:dynamodb/table:Table", "payments-table"),
                resource("aws:lambda/function:Function", "payments-function"),
            ]
        }
    }
    (found,) = holdings(plan(Action.DESTROY, environments=["prod"], projects=["payments"]), lambda _: state)

    assert (found.stack, found.resources, found.data) == (stack, 2, ("payments-table",))
    assert summary(found) == "payments/prod holds 2 resources, data among them: payments-table"


@pytest.mark.parametrize("state", [None, {}, {"deployment": {}}, {"deployment": {"resources": None}}])
def test_a_stack_that_never_was_holds_nothing(state: Any) -> None:
    (found,) = holdings(plan(Action.DESTROY, environments=["prod"], projects=["network"]), lambda _: state)

    assert summary(found) == "network/prod holds nothing"
    assert found.stack == StackName(project="network", environment="prod")
