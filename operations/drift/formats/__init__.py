"""Reports as text: each format a pure function from a `Report` to what is written."""

from collections.abc import Callable, Mapping

from operations.drift.formats import as_json, as_terminal
from operations.drift.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "terminal": as_terminal.render,
    "json": as_json.render,
}
"""The formats by name."""
