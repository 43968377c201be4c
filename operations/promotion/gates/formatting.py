"""Format lists and durations for gates."""

from collections.abc import Sequence
from datetime import timedelta

_MANY = 5
"""Number of findings that are listed; the rest are counted."""


def listed(items: Sequence[str]) -> str:
    """Format the first items, one per line, without repetitions."""
    shown = list(dict.fromkeys(items))
    more = len(shown) - _MANY
    return "\n".join(shown[:_MANY] + ([f"and {more} more"] if more > 0 else []))


def minutes(time: timedelta) -> str:
    """Format a duration."""
    seconds = int(time.total_seconds())
    if seconds >= 7200:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 60} min" if seconds >= 60 or not seconds else f"{seconds} s"
