import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.archives import zip_bytes
from sandbox.provider.errors import ProviderError
from sandbox.provider.wire import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY


def _archive(**properties: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, **properties}


def _asset(**properties: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: ASSET_SIGNATURE, **properties}


def _names(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "code" / "package").mkdir(parents=True)
    (tmp_path / "code" / "handler.py").write_text("handler")
    (tmp_path / "code" / "package" / "__init__.py").write_text("")
    return tmp_path / "code"


def test_a_zip_file_is_passed_on_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("handler.py", "")
    assert zip_bytes(_archive(path=str(path))) == path.read_bytes()


def test_a_folder_becomes_the_same_zip_every_time(folder: Path) -> None:
    once = zip_bytes(_archive(path=str(folder)))
    (folder / "handler.py").touch()
    assert zip_bytes(_archive(path=str(folder))) == once
    assert _names(once) == {"handler.py": b"handler", "package/__init__.py": b""}


def test_assets_keep_their_names_and_may_hold_archives(folder: Path) -> None:
    zipped = folder.parent / "wheel.zip"
    with zipfile.ZipFile(zipped, "w") as writer:
        writer.writestr("wheel/__init__.py", "wheel")
    content = zip_bytes(
        _archive(
            assets={
                "text.py": _asset(text="text"),
                "file.py": _asset(path=str(folder / "handler.py")),
                "vendored": _archive(path=str(zipped)),
                "folder": _archive(path=str(folder)),
            }
        )
    )
    assert _names(content) == {
        "text.py": b"text",
        "file.py": b"handler",
        "vendored/wheel/__init__.py": b"wheel",
        "folder/handler.py": b"handler",
        "folder/package/__init__.py": b"",
    }


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (_archive(path="/nowhere/code.zip"), "no such file or directory: /nowhere/code.zip"),
        (
            _archive(uri="https://example.com/code.zip"),
            "reads code from files, folders and assets, not from a URI",
        ),
        (
            _archive(assets={"a": _asset(path="/nowhere/a.py")}),
            "reading the asset /nowhere/a.py: No such file",
        ),
        (
            _archive(assets={"a": _asset(uri="https://example.com")}),
            "reads assets from text and files, not from a",
        ),
        (_archive(assets={"a": _archive(path=__file__)}), "no folder and no zip file"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(archive: dict[str, Any], message: str) -> None:
    with pytest.raises(ProviderError, match=message):
        zip_bytes(archive)
