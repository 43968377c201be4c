"""An organisation's values: what `organisation.yaml` holds.

The model checks the shape of the file. The settings of the projects (`components.project_settings`) decide
whether a value is valid, so that there is one rule per value.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from components.configuration import InvalidConfiguration, Mistake
from components.environment import LADDER, EnvironmentTree, parse_environments

FILE = "organisation.yaml"
EXTERNAL_ID_BYTES = 24
"""Entropy of a generated external id: 192 bits, 32 characters."""


class _Values(BaseModel):
    """A mapping of the file. The key of `account_id` is `accountId`; an unknown key is a mistake."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, strict=True
    )


class Environment(_Values):
    """One environment's values."""

    account_id: str
    region: str
    vpc_cidr: str
    deployer_principals: list[str]
    external_id: str
    """Value that a caller names to assume the deployer's role; random by default."""
    destroyer_principals: list[str]
    destroyer_external_id: str
    operator_principals: list[str]
    operator_external_id: str
    notification_emails: list[str]
    operator_emails: list[str]
    upstream: str | None = None
    """The environment whose verified releases it takes; None in all for those of `environments.yaml`."""
    wave: int | None = None
    """Turn among the environments of the same upstream; None for the first."""


class Organisation(_Values):
    """The values of all environments, and those that they share."""

    suffix: str
    github_repository: str = ""
    """`owner/name`, whose GitHub environments deploy; empty where no workflow deploys."""
    environments: dict[str, Environment]

    @classmethod
    def parse(cls, document: object) -> Self:
        """Check the shape of a document.

        Raises:
            InvalidConfiguration: listing every missing, unknown and mistyped key, and every environment
                that is missing or not on the ladder.
        """
        mistakes: list[Mistake] = []
        try:
            organisation = cls.model_validate(document)
        except ValidationError as error:
            mistakes = [
                Mistake(
                    key=".".join(map(str, detail["loc"])) or FILE,
                    value=None if detail["type"] == "missing" else detail["input"],
                    allowed=_ALLOWED.get(detail["type"], detail["msg"]),
                    fix=f"correct it in {FILE}",
                )
                for detail in error.errors()
            ]
            raise InvalidConfiguration(FILE, mistakes) from None
        if organisation.names_upstreams:
            organisation.tree()  # raises for what is no tree
            return organisation
        mistakes = [
            Mistake(
                key=f"environments.{name}",
                value=None if name in LADDER else "given",
                allowed=f"one of {', '.join(LADDER)}, each once",
                fix=f"correct it in {FILE}, or name the upstream of each environment there",
            )
            for name in sorted({*LADDER} ^ {*organisation.environments})
        ]
        if mistakes:
            raise InvalidConfiguration(FILE, mistakes)
        return organisation

    @property
    def names_upstreams(self) -> bool:
        """Whether the environments and their order come from here, and not from `environments.yaml`."""
        return any(each.upstream is not None or each.wave is not None for each in self.environments.values())

    def tree(self) -> EnvironmentTree:
        """Return the environments as these values say.

        Raises:
            InvalidConfiguration: listing every mistake in upstreams and waves.
        """
        places = {
            name: {"upstream": each.upstream, "wave": 1 if each.wave is None else each.wave}
            for name, each in self.environments.items()
        }
        return parse_environments(places, Path(FILE))

    def document(self) -> dict[str, Any]:
        """Return the content of `organisation.yaml`."""
        return self.model_dump(by_alias=True, exclude_none=True)


_ALLOWED: Mapping[str, str] = {
    "missing": "set",
    "extra_forbidden": "a known key",
    "int_type": "a whole number from 1",
    "string_type": "text, in quotes if it consists of digits",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def random_external_id() -> str:
    """Return an external id that cannot be guessed."""
    return secrets.token_urlsafe(EXTERNAL_ID_BYTES)
