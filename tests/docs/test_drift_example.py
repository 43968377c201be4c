from operations.drift.formats.as_html import render
from tests.docs.drift_example import EXAMPLE, PAGE


def test_the_example_page_is_what_the_report_looks_like() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(EXAMPLE), "update it: see drift_example.py"
