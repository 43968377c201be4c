"""The one output that is meant to grow from environment to environment: the ledgers of those below."""

from collections.abc import Mapping
from typing import Any

from operations.drift.stack import Stack

LINEAGE, TABLE = "upstreamTableArns", "tableArn"
RIGHT = "${the ledgers of the environments below}"


def without_lineage(
    outputs: tuple[Mapping[str, Any], ...], stacks: tuple[Stack, Stack]
) -> tuple[Mapping[str, Any], ...]:
    """The canonical outputs of two stacks, a lineage that goes on from one to the other being the same."""
    if not any(_continues(lower, higher) for lower, higher in (stacks, stacks[::-1])):
        return outputs
    return tuple({**each, f"outputs.{LINEAGE}": RIGHT} for each in outputs)


def _continues(lower: Stack, higher: Stack) -> bool:
    """Whether the higher one lists what the lower one does, the lower one's ledger, then those between."""
    if LINEAGE not in lower.outputs or LINEAGE not in higher.outputs:
        return False
    expected = [*lower.outputs[LINEAGE], lower.outputs.get(TABLE)]
    listed = list(higher.outputs[LINEAGE])
    return listed == expected or (
        listed[: len(expected)] == expected and sorted(listed) == sorted(_upstream_tables(higher))
    )


def _upstream_tables(stack: Stack) -> list[str]:
    """The ledgers of the environments that the stack's program reads."""
    return [
        str(outputs.get(TABLE))
        for name, outputs in stack.references.items()
        if name.split("/")[1] == stack.name.project
    ]
