"""What a resource type has to say for itself; `lifecycle` does the rest."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from sandbox.provider.account import Account
from sandbox.provider.schema import Kind, Property
from sandbox.provider.wire import Properties

TAGS = Property(kind=Kind.MAP)


# ruff: noqa: ARG002 - what a type does not override ignores its arguments


class Resource:
    """A resource type: its properties, and the AWS calls that create, read, update and delete one.

    Calls raise botocore's errors as they are; the lifecycle tells them in AWS's words with the resource's
    name.
    """

    urn_type: ClassVar[str]
    """The type as URNs spell it: `aws:sqs/queue:Queue`."""
    noun: ClassVar[str]
    """What AWS calls it: `IAM Role`."""
    properties: ClassVar[Mapping[str, Property]]
    naming: ClassVar[str | None] = "name"
    """The property that is the physical name, made up when the program gives none."""
    taggable: ClassVar[bool] = True
    regional: ClassVar[bool] = True
    absent: ClassVar[frozenset[str]] = frozenset()
    """Error codes that say that the resource is not there."""
    taken: ClassVar[frozenset[str]] = frozenset()
    """Error codes of a create that say that the name or the place is taken."""

    def create(self, aws: Account, new: Properties) -> str:
        """Create the resource with the calls that cannot be repeated, and return its id."""
        raise NotImplementedError

    def complete(self, aws: Account, resource_id: str, new: Properties) -> None:
        """What remains to be done after `create`; may fail and be repeated by an update."""

    def read(self, aws: Account, resource_id: str) -> Properties | None:
        """The state that AWS holds, or None when there is none. Tags are returned as `tagsAll`."""
        raise NotImplementedError

    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        """Bring the changed properties (top-level names, tags apart) from the old to the new values."""
        fixed = sorted(name for name in changed if not self.properties[name].local)
        if fixed:
            raise NotImplementedError(f"{self.urn_type} has no call to update {fixed}")

    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        """Set and remove tags."""
        raise NotImplementedError

    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        """Delete the resource; returns when it is gone."""
        raise NotImplementedError

    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        """Ids of what an update that was cut off may have created for these inputs: see `adoption`."""
        return ()

    def unsettled(self, changed: set[str]) -> Iterable[str]:
        """Outputs that an update of the changed paths makes unknown until it is done."""
        return ()

    def forced(self, old: Properties, new: Properties) -> Iterable[str]:
        """Properties that AWS changes in place as a rule, but not from this old to this new value."""
        return ()

    def failures(self, new: Properties) -> Iterable[tuple[str, str]]:
        """Property and reason of what is wrong with checked inputs, all known, taken together."""
        return ()


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as most AWS calls take them: a list of pairs."""
    return [{key: name, value: text} for name, text in sorted(tags.items())]


def tag_map(pairs: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags as a map, without those that AWS itself owns."""
    return {pair[key]: pair[value] for pair in pairs if not pair[key].startswith("aws:")}


def given(**parameters: object) -> dict[str, object]:
    """The parameters of a call that have a value: botocore refuses None."""
    return {name: value for name, value in parameters.items() if value is not None}
