"""Reports as text: each format a pure function from a `PolicyReport` to what is printed."""

from collections.abc import Callable, Mapping

from policies.formats import as_json, as_junit, as_sarif, as_text
from policies.report import PolicyReport

FORMATS: Mapping[str, Callable[[PolicyReport], str]] = {
    "text": as_text.render,
    "json": as_json.render,
    "sarif": as_sarif.render,
    "junit": as_junit.render,
}
"""The formats by name."""
