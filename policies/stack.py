"""What a stack declares of itself: the project, the environment and the stack's own configuration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.properties import UnknownPropertyError

CONFIGURATION = "the stack's configuration"
"""The path of what can't be evaluated because nobody handed over what the stack declares."""


class UndeclaredSettingError(Exception):
    """The stack's configuration doesn't hold what a rule compares with."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class CheckedStack:
    """A stack's identity and configuration; `environment` is the stack's name, `config` is keyed
    `project:key`.

    Values are strings as the engine hands them over: numbers in digits, lists and objects as JSON.
    `handed_over` is False where the engine gave no configuration (`pulumi policy analyze`): whatever depends
    on it is then unknown, neither right nor wrong.
    """

    project: str
    environment: str
    config: Mapping[str, str] = field(default_factory=dict)
    handed_over: bool = True

    def declares(self, key: str) -> bool:
        """Return whether the stack configures `key`."""
        self._require_configuration()
        return bool(self.config.get(f"{self.project}:{key}", "").strip())

    def declared(self, key: str) -> str:
        """Return the configured text of `key`; raises `UndeclaredSettingError` where there is none."""
        self._require_configuration()
        if not self.declares(key):
            raise UndeclaredSettingError(
                f"can't be checked: stack {self.environment} declares no {self.project}:{key}. "
                f"Set it in Pulumi.{self.environment}.yaml; if it is there, run the pack where the stack's "
                "configuration is known: preview, up, or `python -m policies check`."
            )
        return self.config[f"{self.project}:{key}"].strip()

    def declared_number(self, key: str) -> float:
        """Return the configured number of `key`. Raises UndeclaredSettingError."""
        found = self.declared(key)
        try:
            return float(found)
        except ValueError:
            raise UndeclaredSettingError(
                f"can't be checked: {self.project}:{key} is {found!r} in stack {self.environment}, "
                "where a number belongs."
            ) from None

    def declared_list(self, key: str) -> list[str]:
        """Return the configured list of `key`, empty where there is none."""
        self._require_configuration()
        found = self.config.get(f"{self.project}:{key}")
        if not found:
            return []
        try:
            parsed = json.loads(found)
        except ValueError:
            parsed = None
        if not isinstance(parsed, list):
            raise UndeclaredSettingError(
                f"can't be checked: {self.project}:{key} is not a JSON list in stack {self.environment}."
            )
        return [str(element) for element in parsed]

    def _require_configuration(self) -> None:
        if not self.handed_over:
            raise UnknownPropertyError(CONFIGURATION)

    @property
    def suffix(self) -> str:
        """The suffix of every physical name."""
        return self.declared("environmentSuffix")

    @property
    def account(self) -> str:
        """The id of the account that the stack lives in."""
        return self.declared("accountId")

    @property
    def region(self) -> str:
        """The region that the stack lives in."""
        return self.declared("region")

    @property
    def partition(self) -> str:
        """The part of AWS that the region belongs to, as ARNs begin."""
        parts = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
        return next((name for start, name in parts.items() if self.region.startswith(f"{start}-")), "aws")

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this stack; IAM's have no region, S3's neither region nor account."""
        region = "" if service in {"iam", "s3"} else self.region
        account = "" if service == "s3" else self.account
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"
