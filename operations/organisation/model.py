"""An organisation's values: what `organisation.yaml` holds.

The model checks the shape of the file. The settings of the projects (`components.project_settings`) decide
whether a value is valid, so that there is one rule per value.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from components.configuration import InvalidConfiguration, Mistake
from components.environment import LADDER

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
        mistakes = [
            Mistake(
                key=f"environments.{name}",
                value=None if name in LADDER else "given",
                allowed=f"one of {', '.join(LADDER)}, each once",
                fix=f"correct it in {FILE}, or the environments in components/environment.py",
            )
            for name in sorted({*LADDER} ^ {*organisation.environments})
        ]
        if mistakes:
            raise InvalidConfiguration(FILE, mistakes)
        return organisation

    def document(self) -> dict[str, Any]:
        """Return the content of `organisation.yaml`."""
        return self.model_dump(by_alias=True)


_ALLOWED: Mapping[str, str] = {
    "missing": "set",
    "extra_forbidden": "a known key",
    "string_type": "text, in quotes if it consists of digits",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def random_external_id() -> str:
    """Return an external id that cannot be guessed."""
    return secrets.token_urlsafe(EXTERNAL_ID_BYTES)
