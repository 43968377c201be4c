"""Whether a value of an identity setting stands in a text."""

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

from operations.drift.invention import texts

_ADDRESS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


def contains(value: Any, setting: str) -> bool:
    """Return whether a text of `value` holds a value of a setting, or an address out of its range.

    Args:
        value: what a stack holds, in its own words.
        setting: the setting as programs get it: text, or JSON.
    """
    return any(_stands_in(member, text) for text in texts(value) for member in _members(setting))


def _stands_in(member: str, text: str) -> bool:
    if re.search(rf"(?<![A-Za-z0-9]){re.escape(member)}(?![A-Za-z0-9])", text):
        return True
    try:
        network = ipaddress.IPv4Network(member) if "/" in member else None
        return network is not None and any(
            ipaddress.IPv4Address(found[0]) in network for found in _ADDRESS.finditer(text)
        )
    except ValueError:
        return False


def _members(setting: str) -> Iterator[str]:
    try:
        decoded = json.loads(setting) if setting[:1] == "[" else [setting]
    except ValueError:
        decoded = [setting]
    return (str(member) for member in decoded if member != "")
