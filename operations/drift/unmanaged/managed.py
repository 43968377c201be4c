"""What the stacks of one environment manage, by type."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from operations.drift.stack import Resource, Stack


@dataclass(frozen=True, kw_only=True)
class Held:
    """A resource, and the project whose stack holds it."""

    project: str
    resource: Resource

    def __getitem__(self, name: str) -> Any:
        """An output, or the input of that name."""
        outputs, inputs = self.resource.outputs, self.resource.inputs
        return outputs.get(name, inputs.get(name))

    @property
    def id(self) -> str:
        """What the provider knows it by."""
        return self.resource.id or str(self["id"] or "")


class Managed:
    """The resources of an environment's stacks."""

    def __init__(self, stacks: Iterable[Stack]) -> None:
        self._held = [
            Held(project=stack.name.project, resource=resource)
            for stack in stacks
            for resource in stack.resources.values()
        ]

    def of(self, type_: str) -> Iterator[Held]:
        """The resources of a type such as `aws:sqs/queue:Queue`."""
        return (each for each in self._held if each.resource.type == type_)

    def values(self, type_: str, *names: str) -> set[str]:
        """What all resources of a type have as these properties, and their ids."""
        found = {each.id for each in self.of(type_)}
        return found | {
            str(each[name]) for each in self.of(type_) for name in names if each[name] is not None
        }

    def pairs(self, type_: str, *names: str) -> set[tuple[str, ...]]:
        """The values of some properties of all resources of a type, together."""
        return {tuple(str(each[name]) for name in names) for each in self.of(type_)}
