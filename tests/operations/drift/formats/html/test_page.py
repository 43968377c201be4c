"""The page in a browser: its filter, its colours, its print. Skipped where there is no Chromium."""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from operations.drift.formats.as_html import render
from operations.drift.report import Past, Report, Severity
from tests.operations.drift.formats.reports import DEBUG, EMPTY, REPORT
from tests.operations.drift.formats.test_as_html import HOSTILE

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no chromium and chromedriver: apt-get install chromium chromium-driver",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "localhost,127.0.0.1")
        driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        yield driver
        driver.quit()


def opened(browser: webdriver.Chrome, report: Report, folder: Path) -> webdriver.Chrome:
    page = folder / "report.html"
    page.write_text(render(report), encoding="utf-8")
    emulate(browser)
    browser.get(page.as_uri())
    return browser


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    past = Past(at=REPORT.generated_at - timedelta(1), drift={Severity.HIGH: 2}, complete=True)
    return opened(browser, replace(REPORT, history=(past,)), tmp_path)


def one(page: webdriver.Chrome, selector: str) -> WebElement:
    return page.find_element(By.CSS_SELECTOR, selector)


def shown(page: webdriver.Chrome) -> list[str]:
    """The findings that can be seen, by severity."""
    rows = page.find_elements(By.CSS_SELECTOR, "[data-finding]")
    return [row.get_attribute("data-severity") or "" for row in rows if row.is_displayed()]


def complaints(page: webdriver.Chrome) -> list[str]:
    """What the browser has logged since it was last asked."""
    log: list[dict[str, str]] = page.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    return [entry["message"] for entry in log]


def headings(page: webdriver.Chrome) -> list[str]:
    return [found.text for found in page.find_elements(By.TAG_NAME, "h2") if found.is_displayed()]


def emulate(page: webdriver.Chrome, *, scheme: str = "light", media: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def colour(page: webdriver.Chrome, selector: str, name: str = "color") -> tuple[int, ...]:
    value = one(page, selector).value_of_css_property(name)
    return tuple(int(part) for part in value[value.index("(") + 1 : -1].split(",")[:3])


def luminance(rgb: tuple[int, ...]) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_all_findings_are_shown_at_first_and_nothing_is_complained_of(page: webdriver.Chrome) -> None:
    assert len(shown(page)) == 5
    assert one(page, ".count").text == "5 of 5 findings"
    assert not one(page, ".nothing").is_displayed()
    assert complaints(page) == []


def test_the_search_takes_all_words_of_resources_properties_values_and_reasons(
    page: webdriver.Chrome,
) -> None:
    search = one(page, "input[name=text]")
    for words, number in (("debug", 1), ("payments-function", 2), ("PAYMENTS buys", 1), ("no such thing", 0)):
        search.clear()
        search.send_keys(words)
        assert len(shown(page)) == number, words
        assert one(page, ".count").text == f"{number} of 5 findings"
    assert one(page, ".nothing").is_displayed()


def test_a_severity_can_be_left_out_and_empty_sections_go_with_it(page: webdriver.Chrome) -> None:
    for name in ("critical", "high", "medium"):
        one(page, f"input[value={name}]").click()
    assert shown(page) == ["low"]
    assert headings(page)[-3:] == ["Not checked", "Waived", "Waivers that need attention"]
    assert "Drift" not in headings(page)
    one(page, "button[type=reset]").click()
    assert len(shown(page)) == 5


def test_a_check_and_a_project_can_be_chosen(page: webdriver.Chrome) -> None:
    Select(one(page, "select[name=check]")).select_by_visible_text("cloud")
    assert shown(page) == ["critical"]
    Select(one(page, "select[name=project]")).select_by_visible_text("payments")
    assert shown(page) == []


def test_the_filter_is_worked_by_the_keyboard(page: webdriver.Chrome) -> None:
    one(page, "input[name=text]").send_keys("debug\n")
    assert len(shown(page)) == 1, "enter sends nothing"
    one(page, "input[value=high]").send_keys(" ")
    assert shown(page) == []


def test_markup_from_an_account_does_nothing(browser: webdriver.Chrome, tmp_path: Path) -> None:
    hostile = replace(DEBUG, resource=HOSTILE, path=HOSTILE, target=HOSTILE, fix=HOSTILE)
    page = opened(browser, replace(REPORT, findings=(hostile,)), tmp_path)
    assert one(page, "h3").text == HOSTILE
    assert page.find_elements(By.TAG_NAME, "img") == []
    assert complaints(page) == []


def test_an_inline_script_that_is_not_the_pages_own_is_refused(page: webdriver.Chrome) -> None:
    page.execute_script(
        "const added = document.createElement('script'); added.textContent = 'window.ran = true';"
        "document.body.append(added);"
    )
    assert page.execute_script("return window.ran") is None
    assert "Content Security Policy" in complaints(page)[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(page: webdriver.Chrome, scheme: str) -> None:
    emulate(page, scheme=scheme)
    paper, card = colour(page, "body", "background-color"), colour(page, "article", "background-color")
    assert (luminance(paper) > 0.5) == (scheme == "light")
    for selector in ("h1", ".meta", ".verdict .status", ".about", "article code", ".fix strong", "pre"):
        assert contrast(colour(page, selector), card) >= 4.5, selector
    for name in ("critical", "high", "low"):
        assert contrast(colour(page, f".severity.{name}, .legend .{name}"), card) >= 4.5, name
    assert contrast(colour(page, ".about"), paper) >= 4.5


def test_printed_it_is_whole_and_without_the_filter(page: webdriver.Chrome) -> None:
    emulate(page, scheme="dark", media="print")
    assert luminance(colour(page, "body", "background-color")) > 0.5, "paper is white"
    assert luminance(colour(page, "h1")) < 0.5
    assert not one(page, ".filter").is_displayed()
    assert one(page, "pre").value_of_css_property("max-height") == "none"
    assert base64.b64decode(page.print_page()).startswith(b"%PDF")


def test_on_a_phone_only_tables_are_scrolled_sideways(page: webdriver.Chrome) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True},
    )
    wide, room = page.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    cut_off = page.execute_script(
        "return [...document.querySelectorAll('.wide')].filter((found) => {"
        "  const table = found.querySelector('table'), style = getComputedStyle(found);"
        "  return table.offsetWidth > found.clientWidth && style.overflowX !== 'auto';"
        "}).length"
    )
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= room == 390
    assert cut_off == 0


def test_without_findings_there_is_no_filter(browser: webdriver.Chrome, tmp_path: Path) -> None:
    page = opened(browser, EMPTY, tmp_path)
    assert page.find_elements(By.CSS_SELECTOR, "form") == []
    assert complaints(page) == []
