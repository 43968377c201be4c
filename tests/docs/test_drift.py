from datetime import date
from pathlib import Path

from operations.drift.outcome import DRIFT, IN_SYNC, NOT_CHECKED
from operations.drift.report import Check, Severity
from operations.drift.unmanaged.ignores import read_ignores
from operations.drift.waivers import read_waivers
from tests.docs.markdown import document, rows

PAGE = document("docs/drift.md")


def first_cells(section: str) -> list[str]:
    _, *found = rows(PAGE.section(section))
    return [row[0].strip("`") for row in found]


def test_the_example_of_a_waiver_is_one(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    [example] = [block for block in PAGE.blocks("yaml") if block.startswith("waivers:")]
    path.write_text(example, encoding="utf-8")
    [waiver] = read_waivers(path, date(2026, 11, 24))
    assert waiver.id == "cost-centre-of-prod"


def test_the_example_of_an_ignored_resource_is_one(tmp_path: Path) -> None:
    path = tmp_path / "ignored.yaml"
    [example] = [block for block in PAGE.blocks("yaml") if block.startswith("ignored:")]
    path.write_text(example, encoding="utf-8")
    [ignore] = read_ignores(path, date(2026, 11, 24))
    assert ignore.fits("arn:aws:iam::111111111111:role/audit-read", date(2026, 12, 31))


def test_every_check_is_documented() -> None:
    assert first_cells("Four checks") == [check.value for check in Check]


def test_every_severity_and_exit_code_is_documented() -> None:
    cells = first_cells("Severity and exit code")
    assert cells[:4] == [severity.value for severity in reversed(Severity)]
    assert {str(code) for code in (IN_SYNC, DRIFT, NOT_CHECKED)} <= {*cells}
