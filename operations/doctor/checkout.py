"""Checks of this checkout and machine: external ids, and the versions of engine and AWS plugin."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from operations.doctor.finding import Finding, failed, passed

SHORTEST_EXTERNAL_ID = 20
"""Characters of an external id that nobody guesses: 16 random bytes have 22 in base64 without padding."""


def external_ids(ids: Mapping[str, str], environment: str) -> Finding:
    """The environment's external id can't be guessed, and is no other environment's.

    Args:
        ids: environment to the external id in its stack file.
        environment: the one that is checked.
    """
    own = ids.get(environment, "")
    random = "Make a random one: python -c 'import secrets; print(secrets.token_urlsafe(16))'"
    shared = [name for name, value in ids.items() if name != environment and value == own]
    if shared:
        return failed("external-id", f"{environment} and {shared[0]} have the same", random)
    if len(own) < SHORTEST_EXTERNAL_ID or environment in own or "payments" in own or len(set(own)) < 10:
        return failed("external-id", f"{own!r} can be guessed", random)
    return passed("external-id", f"{len(own)} characters, its own")


def plugin(installed: Sequence[Mapping[str, str]]) -> Finding:
    """The AWS plugin that the programs' SDK asks for is installed: nothing is downloaded when they run.

    Args:
        installed: what `pulumi plugin ls --json` lists.
    """
    wanted = version("pulumi_aws")
    found = [each.get("version", "") for each in installed if each.get("name") == "aws"]
    if wanted in found:
        return passed("aws-plugin", f"{wanted} is installed")
    there = f", {' and '.join(found)} is" if found else ""
    return failed(
        "aws-plugin",
        f"{wanted} is not installed{there}",
        f"pulumi plugin install resource aws {wanted} --checksum SHA256 (of the release's checksums file)",
    )
