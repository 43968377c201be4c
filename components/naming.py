"""Physical names: `{resource-type}-{environment}-{suffix}`, for every resource alike."""

import re
from dataclasses import dataclass

from components.configuration import InvalidConfiguration, Mistake

LONGEST_NAME = 64
"""Characters. The strictest limit among the named services, IAM roles' and Lambda functions'.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
RESOURCE_TYPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of one stack's resources."""

    environment: str
    suffix: str

    def __call__(self, resource_type: str) -> str:
        """The physical name of a resource: `names("payments-queue") == "payments-queue-dev-acme"`.

        Raises:
            InvalidConfiguration: the name would be longer than AWS takes.
            ValueError: the resource type is not kebab-case.
        """
        if not RESOURCE_TYPE.fullmatch(resource_type):
            raise ValueError(f"resource type {resource_type!r} is not kebab-case, such as 'payments-queue'")
        name = f"{resource_type}-{self.environment}-{self.suffix}"
        if len(name) > LONGEST_NAME:
            room = LONGEST_NAME - len(name) + len(self.suffix)
            raise InvalidConfiguration(
                f"name {name!r}",
                [
                    Mistake(
                        key="environmentSuffix",
                        value=self.suffix,
                        allowed=f"short enough for names of at most {LONGEST_NAME} characters",
                        fix=f"shorten the suffix to {room} characters"
                        if room >= SHORTEST_SUFFIX
                        else f"shorten {resource_type!r} by {len(name) - LONGEST_NAME} characters",
                    )
                ],
            )
        return name

    @property
    def any(self) -> str:
        """The pattern of all of this environment's names in IAM resources: `*-dev-acme`."""
        return f"*-{self.environment}-{self.suffix}"

    def any_of(self, noun: str) -> str:
        """The same of those that end with a noun: `names.any_of("queue") == "*-queue-dev-acme"`."""
        return f"*-{self(noun)}"


SHORTEST_SUFFIX = 3
LONGEST_SUFFIX = 12
SUFFIX_PATTERN = rf"[a-z][a-z0-9]{{{SHORTEST_SUFFIX - 1},{LONGEST_SUFFIX - 1}}}"
"""Lower-case letters and digits, no hyphen, so that a name splits into its three parts from the right."""
