"""The promotion ladder: which environments there are, and who is upstream of whom."""

from components.configuration import InvalidConfiguration, Mistake

LADDER: tuple[str, ...] = ("dev", "staging", "prod")
"""The environments, lowest first. An environment is a Pulumi stack name, the same in every project.

A new environment is its place on this ladder and one `Pulumi.<environment>.yaml` in each project.
"""


def upstreams_of(environment: str, ladder: tuple[str, ...] = LADDER) -> tuple[str, ...]:
    """The environments below this one, lowest first: `upstreams_of("prod") == ("dev", "staging")`.

    Raises:
        InvalidConfiguration: the environment is not on the ladder.
    """
    if environment not in ladder:
        raise InvalidConfiguration(
            "the stack's name",
            [
                Mistake(
                    key="stack",
                    value=environment,
                    allowed=f"one of {', '.join(ladder)}",
                    fix="select one of these stacks, or add it to LADDER in components/environment.py",
                )
            ],
        )
    return ladder[: ladder.index(environment)]


def upstream_of(environment: str, ladder: tuple[str, ...] = LADDER) -> str | None:
    """The environment that releases come from, or None at the bottom of the ladder.

    Raises:
        InvalidConfiguration: the environment is not on the ladder.
    """
    return next(reversed(upstreams_of(environment, ladder)), None)
