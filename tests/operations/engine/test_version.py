import tomllib
from pathlib import Path

import pytest

from operations import REPOSITORY
from operations.engine.version import Version, parse, pinned


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0\n", Version(3, 259, 0)),
        ("3.260.1-alpha.8f2c", Version(3, 260, 1)),
        ("warning: something", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_the_cli_answers(text: str, version: Version | None) -> None:
    assert parse(text) == version


@pytest.mark.parametrize(
    ("version", "will_do"),
    [
        (Version(3, 259, 0), True),
        (Version(3, 259, 4), True),
        (Version(3, 300, 0), True),
        (Version(3, 258, 9), False),
        (Version(4, 0, 0), False),
        (Version(2, 900, 0), False),
    ],
)
def test_the_pinned_minor_release_or_a_later_one_of_its_major_will_do(
    version: Version, will_do: bool
) -> None:
    assert version.will_do_for(Version(3, 259, 3)) is will_do


def test_the_cli_and_the_sdk_are_pinned_to_the_same_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    assert f"pulumi=={pinned(REPOSITORY / 'tools' / 'go.mod')}" in project["dependencies"]


def test_a_module_without_the_cli_is_refused(tmp_path: Path) -> None:
    module = tmp_path / "go.mod"
    module.write_text("module tools\n")

    with pytest.raises(ValueError, match="does not require"):
        pinned(module)
