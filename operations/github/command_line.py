"""The edge: the `gh` command line, which every GitHub runner has, with the job's own short-lived token."""

import subprocess
from collections.abc import Callable, Sequence

BOT = "github-actions[bot]"
"""The login that a workflow's own token writes as."""

Gh = Callable[[Sequence[str], str], str]
"""Runs `gh` with arguments and with text on its standard input; returns its standard output."""


class GitHubFailed(Exception):  # noqa: N818  what happened
    """`gh` is not there, or refused; the message has its own words."""


def gh(arguments: Sequence[str], text: str = "") -> str:
    """Run `gh`. Raises GitHubFailed."""
    try:
        done = subprocess.run(["gh", *arguments], input=text, capture_output=True, text=True, check=False)  # noqa: S603,S607  no shell; the runner's own gh
    except FileNotFoundError:
        raise GitHubFailed("There is no gh on PATH: install it (https://cli.github.com).") from None
    if done.returncode:
        raise GitHubFailed(f"gh {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
    return done.stdout
