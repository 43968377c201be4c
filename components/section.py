"""A group of configuration values that are checked together: the base of every kind of settings."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


@dataclass(frozen=True)
class Allowed:
    """What a configuration value may be, in an error message's words; rides on the field's annotation."""

    text: str


class Section(BaseModel):
    """Fields of one kind. The configuration key of `memory_mb` is `memoryMb`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)
