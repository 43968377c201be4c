"""Reports as text: each format a pure function from a `Report` to what is written."""

from collections.abc import Callable, Mapping

from operations.drift.formats import as_html, as_json, as_junit, as_markdown, as_sarif, as_terminal
from operations.drift.report import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "terminal": as_terminal.render,
    "json": as_json.render,
    "markdown": as_markdown.render,
    "html": as_html.render,
    "sarif": as_sarif.render,
    "junit": as_junit.render,
}
"""The formats by name."""
