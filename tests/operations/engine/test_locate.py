from pathlib import Path

import pytest

from operations.engine.locate import Found, Unsuitable, locate
from operations.engine.version import Version
from tests.operations.engine.programs import executable, pulumi, search_path

PINNED = Version(3, 259, 0)


def test_no_cli_on_the_path_is_none(tmp_path: Path) -> None:
    assert locate({"PATH": str(tmp_path)}, PINNED) is None


def test_a_complete_installation_is_found_with_its_language_host(tmp_path: Path) -> None:
    cli = pulumi(tmp_path)
    executable(tmp_path, "pulumi-language-python", "")

    assert locate(search_path(tmp_path), PINNED) == Found(
        executable=cli, version=PINNED, has_language_host=True
    )


def test_a_link_to_a_complete_installation_is_complete(tmp_path: Path) -> None:
    real = pulumi(tmp_path / "opt")
    executable(tmp_path / "opt", "pulumi-language-python", "")
    links = tmp_path / "bin"
    links.mkdir()
    (links / "pulumi").symlink_to(real)

    assert locate(search_path(links), PINNED) == Found(
        executable=links / "pulumi", version=PINNED, has_language_host=True
    )


def test_a_bare_cli_has_no_language_host(tmp_path: Path) -> None:
    pulumi(tmp_path)
    found = locate(search_path(tmp_path), PINNED)

    assert isinstance(found, Found)
    assert not found.has_language_host


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo v3.100.2", "it is 3.100.2; 3.259 or a later 3.x is needed"),
        ("echo v4.0.0", "it is 4.0.0; 3.259 or a later 3.x is needed"),
        ("echo 'no such version' >&2; exit 126", "`pulumi version` answered 'no such version'"),
        ("echo", "`pulumi version` answered ''"),
    ],
)
def test_a_cli_that_will_not_do_is_unsuitable_for_a_reason(tmp_path: Path, script: str, reason: str) -> None:
    cli = executable(tmp_path, "pulumi", script)

    assert locate(search_path(tmp_path), PINNED) == Unsuitable(executable=cli, reason=reason)


def test_a_cli_that_can_not_be_run_at_all_is_unsuitable(tmp_path: Path) -> None:
    executable(tmp_path, "pulumi", "").write_bytes(b"\x7fELF")

    assert isinstance(locate(search_path(tmp_path), PINNED), Unsuitable)
