"""How a policy tells this environment's resources from others whose ARNs carry no name: by tags."""

from components.placement import Placement

OWNERSHIP_TAGS = ("Environment", "EnvironmentSuffix")
"""The tags that conditions of IAM policies ask for."""


def own(placement: Placement) -> dict[str, str]:
    """The resource has this environment's tags."""
    return _tags("aws:ResourceTag", placement)


def becoming_own(placement: Placement) -> dict[str, str]:
    """The request puts this environment's tags on what it creates."""
    return _tags("aws:RequestTag", placement)


def _tags(key: str, placement: Placement) -> dict[str, str]:
    values = (placement.names.environment, placement.names.suffix)
    return {f"{key}/{name}": value for name, value in zip(OWNERSHIP_TAGS, values, strict=True)}
