"""The report as a page, as text: what it says, and that it needs and runs nothing else."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from operations.drift.formats.as_html import render
from operations.drift.report import Past, Report, Severity
from tests.operations.drift.formats.reports import DEBUG, EMPTY, IN_SYNC, REPORT, UNSEEN

EMPTY_ELEMENTS = {"meta", "link", "input", "br", "rect"}


class Page(HTMLParser):
    """The elements of a page, the text of each kind, and all text outside style and script."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY_ELEMENTS:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY_ELEMENTS:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)

    @property
    def text(self) -> str:
        shown = [
            text for tag, texts in self.texts.items() if tag not in ("style", "script") for text in texts
        ]
        return " ".join(" ".join(shown).split())


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (REPORT, "3 differences need attention; the worst is critical."),
        (replace(REPORT, findings=(DEBUG,)), "1 difference needs attention; the worst is high."),
        (IN_SYNC, "Whatever differs is declared or waived."),
        (UNSEEN, "No drift was found, but not everything could be looked at."),
    ],
)
def test_the_outcome_is_said_in_a_sentence(report: Report, verdict: str) -> None:
    assert verdict in Page(render(report)).text


def test_everything_is_on_the_page() -> None:
    text = Page(render(REPORT)).text
    for told in (
        "environment.variables.LOG_LEVEL",
        "INFO",
        "DEBUG",
        "python scripts/deploy.py up --env prod --project network",
        "payments:memoryMb",
        "prod buys latency",
        "can't be assumed",
        "cost-centre-of-prod",
        "old-retention",
        "payments/prod allows an unreleased artifact",
        "4 days",
    ):
        assert told in text


@pytest.mark.parametrize("report", [REPORT, IN_SYNC, UNSEEN, EMPTY])
def test_no_section_is_empty(report: Report) -> None:
    headings = Page(render(report)).texts["h2"]
    assert ("Controlled variations" in headings) == bool(report.findings)
    assert ("Not checked" in headings) == bool(report.not_checked)
    assert "Drift" in headings


def test_the_page_loads_nothing() -> None:
    source = render(REPORT)
    for tag, attributes in Page(source).elements:
        for name in ("src", "href", "action", "srcset", "style"):
            value = attributes.get(name) or ""
            assert value.startswith(("#", "data:")) or not value, (tag, name, value)
    assert "url(" not in source
    assert "@import" not in source


def test_the_page_may_run_its_own_script_alone() -> None:
    page = Page(render(REPORT))
    [policy] = [
        attributes["content"] or ""
        for tag, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        digest = hashlib.sha256("".join(page.texts[tag]).encode()).digest()
        assert directives[directive] == f"'sha256-{base64.b64encode(digest).decode()}'"


HOSTILE = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'"


def test_nothing_that_an_account_says_is_markup() -> None:
    finding = replace(
        DEBUG, resource=HOSTILE, path=HOSTILE, type=HOSTILE, baseline=HOSTILE, target=[HOSTILE], fix=HOSTILE
    )
    left_out = replace(REPORT.not_checked[0], reason=HOSTILE, fix=HOSTILE)
    notice = replace(REPORT.waivers[0], reason=HOSTILE, owner=HOSTILE, waiver=HOSTILE)
    hostile = replace(
        REPORT, findings=(finding,), not_checked=(left_out,), waivers=(notice,), notes={HOSTILE: HOSTILE}
    )
    page = Page(render(hostile))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert page.text.count("alert(1)") >= 20


def test_lines_that_differ_are_marked() -> None:
    before, after = '{"a": 1, "b": 2}', '{"a": 1, "b": 3}'
    page = Page(render(replace(REPORT, findings=(replace(DEBUG, baseline=before, target=after),))))
    assert page.texts["mark"] == ['  "b": 2', '  "b": 3']


def test_there_is_a_trend_where_there_is_a_history() -> None:
    past = Past(
        at=REPORT.generated_at - timedelta(1), drift={Severity.HIGH: 2, Severity.LOW: 1}, complete=False
    )
    assert "svg" not in [tag for tag, _ in Page(render(REPORT)).elements]
    page = Page(render(replace(REPORT, history=(past,))))
    assert page.texts["title"][1:] == [
        "2026-11-23: 2 high, 1 low, not all checked",
        "2026-11-24: 1 critical, 2 high, not all checked",
    ]


def test_a_difference_of_this_run_is_new() -> None:
    page = Page(render(replace(REPORT, findings=(replace(DEBUG, since=REPORT.generated_at),))))
    assert "24 Nov 2026 new" in page.text


def test_identifiers_are_unique() -> None:
    ids = re.findall(r'\sid="([^"]+)"', render(REPORT))
    assert len(ids) == len(set(ids))
