"""IAM's condition operators: whether a request satisfies one, and why one confines nothing.

Semantics: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and, for keys that a request lacks or has several times,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network

SET_OPERATORS = ("forallvalues:", "foranyvalue:")
IF_EXISTS = "ifexists"


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    """A pattern as a regular expression: `*` any characters, `?` one, colons and slashes included."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, value: str) -> bool:
    """Return whether a pattern of AWS's covers a value of the same case."""
    if pattern in {"*", value}:
        return True
    return ("*" in pattern or "?" in pattern) and bool(compile_pattern(pattern).fullmatch(value))


def _arn_matches(pattern: str, value: str) -> bool:
    """Each of the six parts by itself: a wildcard does not cross a colon, except within the last part."""
    patterns, parts = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(matches, patterns, parts))


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(wanted: str, actual: str) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(wanted: str, actual: str) -> bool:
        try:
            return compare(_seconds(actual), _seconds(wanted))
        except ValueError:
            return False

    return test


def _seconds(moment: str) -> float:
    """Seconds since 1970 of an ISO date or of a number that already counts them."""
    try:
        return float(moment)
    except ValueError:
        return datetime.fromisoformat(moment).timestamp()


def _in_range(wanted: str, actual: str) -> bool:
    try:
        return ip_address(actual) in ip_network(wanted, strict=False)
    except ValueError:
        return False


_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "equals": lambda actual, wanted: actual == wanted,
    "lessthan": lambda actual, wanted: actual < wanted,
    "lessthanequals": lambda actual, wanted: actual <= wanted,
    "greaterthan": lambda actual, wanted: actual > wanted,
    "greaterthanequals": lambda actual, wanted: actual >= wanted,
}
_POSITIVE: Mapping[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, actual: wanted == actual,
    "stringequalsignorecase": lambda wanted, actual: wanted.lower() == actual.lower(),
    "stringlike": matches,
    "arnequals": _arn_matches,
    "arnlike": _arn_matches,
    "bool": lambda wanted, actual: wanted.lower() == actual.lower(),
    "binaryequals": lambda wanted, actual: wanted == actual,
    "ipaddress": _in_range,
    **{f"numeric{name}": _number(compare) for name, compare in _ORDER.items()},
    **{f"date{name}": _date(compare) for name, compare in _ORDER.items()},
}
"""Operator to (value in the policy, value in the request) to whether they fit."""
NEGATED: Mapping[str, str] = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
OPERATORS = frozenset(_POSITIVE) | frozenset(NEGATED) | {"null"}
"""Every operator in lower case, without `ForAllValues:`, `ForAnyValue:` and `IfExists`."""


def parts(operator: str) -> tuple[str, str, bool]:
    """Return a lower-case operator apart: set operator, base, and whether it ends in IfExists."""
    head, _, base = operator.rpartition(":")
    if_exists = base.endswith(IF_EXISTS)
    return head, base.removesuffix(IF_EXISTS), if_exists


def satisfied(operator: str, wanted: Sequence[str], actual: Sequence[str] | None) -> bool:
    """Return whether a request satisfies `operator` (lower case) with the policy's values.

    `actual` holds the request's values for the key; None where the request lacks the key.
    """
    every, base, if_exists = parts(operator)
    if base == "null":
        return any(value.lower() == str(not actual).lower() for value in wanted)
    negated = base in NEGATED
    fits = _POSITIVE.get(NEGATED.get(base, base))
    if fits is None:
        return False  # AWS refuses an operator that it does not know; the lint reports it
    if not actual:
        return if_exists or every == "forallvalues" or (negated and every != "foranyvalue")
    hits = [any(fits(value, found) for value in wanted) != negated for found in actual]
    if every == "forallvalues" or (negated and not every):
        return all(hits)
    return any(hits)
