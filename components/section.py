"""A group of configuration values that are checked together: the base of every kind of settings."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


@dataclass(frozen=True)
class Allowed:
    """Annotates a field with its allowed values in the words of an error message."""

    text: str


@dataclass(frozen=True)
class Uniform:
    """Annotates a field with one value for all environments, the default in `Pulumi.yaml`."""

    enforced: bool = True
    """Whether the program refuses a stack file that sets another value."""


class Section(BaseModel):
    """Fields of one kind. The configuration key of `memory_mb` is `memoryMb`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)

    @classmethod
    def uniform_keys(cls, *, enforced: bool = False) -> frozenset[str]:
        """Return the keys of the uniform fields, or only of those that the program enforces."""
        return frozenset(
            str(field.alias)
            for field in cls.model_fields.values()
            for mark in field.metadata
            if isinstance(mark, Uniform) and (mark.enforced or not enforced)
        )
