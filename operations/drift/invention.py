"""Invents an identity for two stacks of a project, and puts each stack's own identity back in its place.

A program rendered with an invented account, region, environment, suffix and people shows which text it
derives from them: that moves. What does not move is a literal. With a stack's own identity put back, the
rendering says what a program declares that treats no identity specially.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from components.settings import REGIONS
from operations.drift.declared import Declared, Field

ENVIRONMENT, SUFFIX = "qxenv", "zq7x"
_NETWORKS = ("10.250.0.0", "172.30.0.0", "192.168.0.0")
_CORE = {"accountId", "region", "environmentSuffix"}
_ADDRESS = re.compile(r"(?<![0-9.])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?:/([0-9]{1,2}))?(?![0-9.])")


@dataclass(frozen=True, kw_only=True)
class Invention:
    """An invented identity of one stack: what to configure, and how to get back to the stack's own."""

    own: Declared
    values: Mapping[str, str]
    """Configuration key to its invented value."""
    words: Mapping[str, str]
    """Invented text to the stack's own."""
    networks: Mapping[ipaddress.IPv4Network, ipaddress.IPv4Network]
    """Invented address range to the stack's own."""
    environment: str
    """Empty where the stack's own is kept."""

    def own_again(self, value: Any) -> Any:
        """Return rendered data with the stack's own identity in place of the invented one."""
        return _mapped(value, self._text)

    def disguised(self, value: Any) -> Any:
        """Return data of the stack with the invented identity in place of its own."""
        return _mapped(value, self._disguise)

    def _text(self, text: str) -> str:
        found = self._words.sub(lambda word: self.words[word[0]], text) if self.words else text
        return _ADDRESS.sub(self._address, found) if self.networks else found

    def _address(self, found: re.Match[str]) -> str:
        try:
            address = ipaddress.IPv4Address(found[1])
        except ValueError:
            return found[0]
        for invented, own in self.networks.items():
            if address in invented:
                longer = own.prefixlen - invented.prefixlen
                offset = int(address) - int(invented.network_address)
                moved = str(own.network_address + (offset >> longer if longer > 0 else offset << -longer))
                return moved if found[2] is None else f"{moved}/{int(found[2]) + longer}"
        return found[0]

    def _disguise(self, text: str) -> str:
        if not self._invented:
            return text
        return self._own_words.sub(lambda word: self._invented[word[0]], text)

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return _any_of(self.words)

    @cached_property
    def _invented(self) -> Mapping[str, str]:
        core = (self.environment, SUFFIX, *(self.values[key] for key in self.values if _name(key) in _CORE))
        return {self.words[word]: word for word in core if word in self.words}

    @cached_property
    def _own_words(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![A-Za-z0-9])(?:{_any_of(self._invented).pattern})(?=[a-f]?(?![A-Za-z0-9]))")


def invent(
    sides: tuple[Declared, Declared],
    fields: Iterable[Field],
    text: str,
    *,
    without: frozenset[str] = frozenset(),
    environment: str = ENVIRONMENT,
) -> tuple[Invention, Invention]:
    """Return an invented identity for each of two stacks: the same one but for the length of lists.

    Args:
        sides: the two stacks.
        fields: the identity fields in which they differ.
        text: all text of both stacks; the invented region does not stand in it.
        without: keys that keep their own values.
        environment: the invented environment; each stack's own where it is empty.
    """
    values: tuple[dict[str, str], dict[str, str]] = ({}, {})
    words: tuple[dict[str, str], dict[str, str]] = ({}, {})
    networks: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    for number, each in enumerate(fields):
        if each.key in without:
            continue
        own = tuple(_decoded(side.values.get(each.key, "")) for side in sides)
        common = max(own, key=len) if all(isinstance(one, list) for one in own) else own[0] or own[1]
        for side, value in enumerate(own):
            if not value:
                continue
            if isinstance(value, list):
                made = [
                    _made_up(each, model, text, (number, position)) for position, model in enumerate(common)
                ][: len(value)]
                words[side].update(zip(made, map(str, value), strict=True))
                values[side][each.key] = json.dumps(made)
            elif (network := _network(value)) is not None:
                made_up = ipaddress.IPv4Network(f"{_elsewhere(text)}/{network.prefixlen}")
                networks[side][made_up] = network
                values[side][each.key] = str(made_up)
            else:
                made_up_text = _made_up(each, str(common), text, (number, 0))
                words[side][made_up_text] = str(value)
                values[side][each.key] = made_up_text
    return tuple(  # type: ignore[return-value]  # two of them
        Invention(
            own=side,
            values=values[position],
            words={**({environment: side.name.environment} if environment else {}), **words[position]},
            networks=networks[position],
            environment=environment,
        )
        for position, side in enumerate(sides)
    )


def _made_up(field: Field, model: str, text: str, place: tuple[int, int]) -> str:
    match _name(field.key):
        case "region":
            return next(region for region in sorted(REGIONS, reverse=True) if region not in text)
        case "environmentSuffix":
            return SUFFIX
    number, position = place
    if re.fullmatch(r"[0-9]{12}", model):
        return f"9081726{number:02}{position:03}"
    return f"{model}x{number}q{position}z"


def _elsewhere(text: str) -> str:
    return next((each for each in _NETWORKS if each not in text), _NETWORKS[0])


def _network(value: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value) if "/" in value else None
    except ValueError:
        return None


def _decoded(value: str) -> Any:
    if value[:1] == "[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _name(key: str) -> str:
    return key.partition(":")[2]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            change(key) if isinstance(key, str) else key: _mapped(item, change) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
    return value


def texts(value: Any) -> Iterator[str]:
    """Return all texts of a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)
