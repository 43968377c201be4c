"""The check of prose."""

from pathlib import Path

import pytest

from operations import REPOSITORY
from tools.prose import EXEMPT, is_checked, main, remarks


def lines(path: str, source: str) -> list[int]:
    """Return the lines with a remark."""
    return [remark.line for remark in remarks(path, source)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('"""What it does."""\n', 1),
        ('"""Module."""\n\n\ndef f():\n    """Whoever calls it."""\n', 5),
        ('"""Module."""\nx = "the wheels can\'t be had"\n', 2),
        ('"""Module."""\nx = 1  # a line a run\n', 2),
        ('"""Module."""\nx = f"{y} was not told of it"\n', 2),
        ('"""Module."""\nx = """\nplain\nit is written anew\n"""\n', 4),
        ("def test_what_is_wrong_is_shown(): ...\n", 1),
        ("def test_the_reason_is_told(): ...\n", 1),
    ],
)
def test_each_kind_of_python_text_is_checked(source: str, line: int) -> None:
    assert lines("module.py", source) == [line]


def test_code_and_plain_text_pass() -> None:
    source = (
        '"""Return the value."""\nsaid = told("told")  # one line per run\nx = "the key `anew` is missing"\n'
    )
    assert lines("module.py", source) == []


def test_markdown_is_checked_outside_code() -> None:
    source = "# Title\n\nIt is told.\n\n```sh\necho told\n```\n\n`told` is a name. One error a minute.\n"
    assert lines("page.md", source) == [3, 9]


def test_exempt_entries_exist() -> None:
    assert [path for path in EXEMPT if not (REPOSITORY / path).exists()] == []


def test_enabled_parts_of_exempt_folders_are_checked() -> None:
    assert is_checked("README.md")
    assert is_checked("docs/adr/README.md")
    assert not is_checked(EXEMPT[-1] + "module.py")


def test_the_exit_code_is_1_if_a_phrase_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("Plain text.\n")
    assert main([str(page)]) == 0
    page.write_text("Written anew.\n")
    assert main([str(page)]) == 1
    assert "page.md:1: 'anew': use \"again\"" in capsys.readouterr().err
