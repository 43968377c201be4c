"""Pictures of terminal output."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.terminal_picture import main, picture


def texts(svg: str) -> str:
    """Return the text of a picture."""
    return "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")  # noqa: S314  our own text


def test_a_picture_shows_the_first_lines_and_counts_the_others() -> None:
    shown = texts(picture("first\nsecond\nthird\nfourth\n", title="$ command", lines=2))
    assert "first" in shown
    assert "second" in shown
    assert "third" not in shown
    assert "2 more lines" in shown


def test_a_picture_keeps_colours_and_loads_no_fonts() -> None:
    svg = picture("\x1b[31mred\x1b[0m <plain>\n", title="$ command", lines=2)
    assert "<plain>" in texts(svg)
    assert "url(https" not in svg.replace('"', "")
    assert svg != picture("red <plain>\n", title="$ command", lines=2)


def test_the_command_is_run_and_titles_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    assert main([str(path), "5", sys.executable, "-c", "print('in sync')"]) == 0
    assert "in sync" in texts(path.read_text())


def test_an_empty_output_keeps_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("before")
    assert main([str(path), "5", sys.executable, "-c", ""]) == 2
    assert path.read_text() == "before"
    assert "wrote nothing" in capsys.readouterr().err
    assert main([str(path)]) == 2
