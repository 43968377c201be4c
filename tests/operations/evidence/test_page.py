"""The page in a browser. Skipped without Chromium."""

import base64
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from operations.evidence.collect import collect
from operations.evidence.page import render
from tests.operations.drift.formats.reports import DEBUG, IN_SYNC
from tests.operations.drift.formats.test_as_html import HOSTILE
from tests.operations.evidence.requests import request

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
in_a_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no chromium and chromedriver: apt-get install chromium chromium-driver",
)
DOCUMENT = collect(request(drift=lambda: replace(IN_SYNC, findings=(replace(DEBUG, resource=HOSTILE),))))


def test_the_page_shows_the_digest_of_the_document() -> None:
    assert f'<code id="digest">{DOCUMENT["digest"]}</code>' in render(DOCUMENT)


def test_the_same_document_gives_the_same_page() -> None:
    assert render(DOCUMENT) == render(DOCUMENT)


def test_the_page_refers_to_nothing_outside() -> None:
    sources = re.findall(r'(?:src|href)="([^"]*)"', render(DOCUMENT))
    assert sources
    assert all(source.startswith(("#", "data:")) for source in sources)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    folder: Path = tmp_path_factory.mktemp("evidence")
    (folder / "evidence.html").write_text(render(DOCUMENT), encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1280,900",
        f"--user-data-dir={folder / 'profile'}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "localhost,127.0.0.1")
        driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        driver.get((folder / "evidence.html").as_uri())
        yield driver
        driver.quit()


@in_a_browser
def test_the_browser_shows_every_section_and_complains_of_nothing(page: webdriver.Chrome) -> None:
    headings = [item.text for item in page.find_elements(By.TAG_NAME, "h2")]
    assert headings == [
        "Not collected",
        "Release",
        "Promotion history",
        "Exceptions",
        "Drift and unmanaged resources",
        "Rules on the deployed state",
        "Requirements",
        "Encryption",
        "Access",
        "Restore drills",
        "Versions",
    ]
    rows = page.find_elements(By.CSS_SELECTOR, "#rules tbody tr")
    assert len(rows) == len(DOCUMENT["content"]["rules"])
    log: list[dict[str, Any]] = page.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    assert log == []


@in_a_browser
def test_markup_from_an_account_stays_text(page: webdriver.Chrome) -> None:
    assert HOSTILE in page.find_element(By.CSS_SELECTOR, "#drift tbody").text
    assert page.find_elements(By.TAG_NAME, "img") == []
    assert page.find_elements(By.TAG_NAME, "script") == []


@in_a_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_only_tables_scroll_sideways(page: webdriver.Chrome, width: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    wide = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width


@in_a_browser
def test_printed_on_a4_no_table_is_cut_off(page: webdriver.Chrome) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 703, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    cut_off = page.execute_script(
        "return [...document.querySelectorAll('.wide')].filter("
        "  (found) => found.querySelector('table').offsetWidth > found.clientWidth + 1).length"
    )
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert cut_off == 0
    assert base64.b64decode(page.print_page()).startswith(b"%PDF")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
