from typing import Any

import pytest

from operations.drift.lineage import LINEAGE, RIGHT, TABLE, without_lineage
from operations.drift.stack import Stack
from operations.engine.failure import StackName

DEV, STAGING, PROD = "table-of-dev", "table-of-staging", "table-of-prod"


READ = {
    f"organization/payments/{name}": {TABLE: table} for name, table in (("dev", DEV), ("staging", STAGING))
}


def stack(environment: str, table: str, *lineage: str) -> Stack:
    name = StackName(project="payments", environment=environment)
    outputs: dict[str, Any] = {TABLE: table, LINEAGE: list(lineage)}
    return Stack(name=name, resources={}, outputs=outputs, references=READ, providers={})


def compared(*stacks: Stack) -> list[Any]:
    one, other = stacks
    outputs = ({f"outputs.{LINEAGE}": one.outputs[LINEAGE]}, {f"outputs.{LINEAGE}": other.outputs[LINEAGE]})
    return [each[f"outputs.{LINEAGE}"] for each in without_lineage(outputs, (one, other))]


@pytest.mark.parametrize(
    "stacks",
    [
        (stack("staging", STAGING, DEV), stack("prod", PROD, DEV, STAGING)),
        (stack("prod", PROD, DEV, STAGING), stack("staging", STAGING, DEV)),
        (stack("dev", DEV), stack("prod", PROD, DEV, STAGING)),
    ],
)
def test_a_lineage_that_goes_on_is_the_same_in_either_order(stacks: tuple[Stack, Stack]) -> None:
    assert compared(*stacks) == [RIGHT, RIGHT]


@pytest.mark.parametrize("further", [("another",), (DEV,), (PROD, "another")])
def test_a_lineage_with_a_table_that_no_upstream_environment_has_differs(further: tuple[str, ...]) -> None:
    lineage = (DEV, STAGING, *further)
    assert compared(stack("staging", STAGING, DEV), stack("prod", PROD, *lineage)) == [[DEV], [*lineage]]


@pytest.mark.parametrize("lineage", [(), (DEV,), (STAGING,), (STAGING, DEV), (DEV, "another", STAGING)])
def test_a_lineage_that_leaves_out_a_ledger_or_mixes_them_differs(lineage: tuple[str, ...]) -> None:
    assert compared(stack("staging", STAGING, DEV), stack("prod", PROD, *lineage)) == [[DEV], [*lineage]]
