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
    if not any(_continues(lower.outputs, higher.outputs) for lower, higher in (stacks, stacks[::-1])):
        return outputs
    return tuple({**each, f"outputs.{LINEAGE}": RIGHT} for each in outputs)


def _continues(lower: Mapping[str, Any], higher: Mapping[str, Any]) -> bool:
    """Whether the higher one lists what the lower one does, then the lower one's own ledger."""
    if LINEAGE not in lower or LINEAGE not in higher:
        return False
    expected = [*lower[LINEAGE], lower.get(TABLE)]
    return bool(list(higher[LINEAGE])[: len(expected)] == expected)
