"""How gates put lists and times into words."""

from collections.abc import Sequence
from datetime import timedelta

_MANY = 5
"""Findings that are named one by one; more are counted."""


def listed(items: Sequence[str]) -> str:
    """The items a line each, repetitions and all but the first few left out."""
    shown = list(dict.fromkeys(items))
    more = len(shown) - _MANY
    return "\n".join(shown[:_MANY] + ([f"and {more} more"] if more > 0 else []))


def minutes(time: timedelta) -> str:
    """A duration as people say it."""
    seconds = int(time.total_seconds())
    if seconds >= 7200:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 60} min" if seconds >= 60 or not seconds else f"{seconds} s"
