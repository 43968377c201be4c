"""What a stack holds, resource by resource, in canonical form; and its outputs, as one more resource."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations.drift.canonical import Canonical
from operations.drift.lineage import without_lineage
from operations.drift.stack import RECORDS, STACK, Stack
from operations.drift.stack_differences import View


class Held(Mapping[str, Mapping[str, Any]]):
    """What a stack holds: each resource is put into canonical form when it is first looked at."""

    def __init__(self, stack: Stack, canonical: Canonical) -> None:
        self._stack, self._canonical = stack, canonical
        self._known: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        if key not in self._known:
            self._known[key] = self._canonical(self._stack.resources[key].properties)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stack.resources)

    def __len__(self) -> int:
        return len(self._stack.resources)


def outputs_of(stacks: tuple[Stack, Stack], canonical: tuple[Canonical, Canonical]) -> tuple[View, View]:
    """What belongs to two stacks as a whole: outputs, and versions of providers."""
    one, other = without_lineage(
        tuple(_of_stack(stack, each) for stack, each in zip(stacks, canonical, strict=True)), stacks
    )
    return {STACK: one}, {STACK: other}


def _of_stack(stack: Stack, canonical: Canonical) -> Mapping[str, Any]:
    return {
        **{f"outputs.{key}": canonical(value) for key, value in stack.outputs.items() if key not in RECORDS},
        **{f"providers.{package}.version": version for package, version in stack.providers.items()},
    }
