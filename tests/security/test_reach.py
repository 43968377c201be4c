"""The search for requests finds what IAM would allow, and nothing else."""

import json
from typing import Any

import pytest

from tests.security.footholds import Foothold, deployment
from tests.security.probes import Target
from tests.security.reach import request

DEV = deployment("dev")
TABLE = Target(arn=DEV.arn("dynamodb", "table/x"), facts={"aws:ResourceTag/Environment": "dev"})


def foothold(*statements: dict[str, Any], **more: Any) -> Foothold:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return Foothold(
        id="f", what="f", principal=DEV.arn("iam", "role/f"), **{"documents": (document,), **more}
    )


def allow(action: str = "dynamodb:GetItem", effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Action": action,
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }


def test_what_nothing_allows_is_not_reached() -> None:
    assert request(foothold(allow("dynamodb:PutItem")), "dynamodb:GetItem", TABLE, DEV) is None


def test_a_condition_that_the_caller_chooses_is_met() -> None:
    found = request(
        foothold(allow(StringEquals={"dynamodb:Select": ["COUNT"]})), "dynamodb:GetItem", TABLE, DEV
    )
    assert found == ("dynamodb:Select=COUNT",)


@pytest.mark.parametrize(("tag", "reached"), [("dev", True), ("prod", False)])
def test_a_condition_on_the_resource_is_a_fact(tag: str, reached: bool) -> None:
    tagged = allow(StringEquals={"aws:ResourceTag/Environment": tag})
    assert (request(foothold(tagged), "dynamodb:GetItem", TABLE, DEV) is not None) is reached


def test_where_a_call_comes_from_is_chosen_only_by_who_is_there() -> None:
    through = allow(StringEquals={"aws:SourceVpce": "vpce-1"})
    assert request(foothold(through), "dynamodb:GetItem", TABLE, DEV) is None
    assert request(foothold(through, chooses=("aws:SourceVpce",)), "dynamodb:GetItem", TABLE, DEV)


def test_a_denial_wins_and_a_boundary_limits() -> None:
    denied = foothold(allow(), allow(effect="Deny"))
    assert request(denied, "dynamodb:GetItem", TABLE, DEV) is None
    elsewhere = json.dumps({"Statement": [allow("sqs:*")]})
    assert request(foothold(allow(), boundary=elsewhere), "dynamodb:GetItem", TABLE, DEV) is None


def test_another_account_needs_the_resources_own_policy() -> None:
    stranger = Foothold(id="s", what="s", principal="arn:aws:iam::999999999999:root", documents=None)
    queue = Target(arn=DEV.arn("sqs", DEV.name("payments-queue")))
    assert request(stranger, "sqs:SendMessage", queue, DEV) is None
    assert request(stranger, "dynamodb:GetItem", TABLE, DEV) is None
