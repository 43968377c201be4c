"""Code archives: from what a program wrote (a zip, a folder, assets) to the bytes of a zip."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.provider.errors import ProviderError
from sandbox.provider.wire import ASSET_SIGNATURE, SIGNATURE_KEY

# Zip's earliest time: without a date of their own, same sources make the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def zip_bytes(archive: Mapping[str, Any]) -> bytes:
    """The zip of an archive; one that is a zip file already is passed on byte for byte.

    Raises ProviderError when a file is missing or the archive is of a sort that the sandbox cannot read.
    """
    if path := archive.get("path"):
        source = Path(path)
        if source.is_file():
            return source.read_bytes()
        if not source.is_dir():
            raise ProviderError(f"no such file or directory: {source.absolute()}")
    elif "assets" not in archive:
        raise ProviderError("the sandbox reads code from files, folders and assets, not from a URI")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in sorted(_entries(archive)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, content)
    return buffer.getvalue()


def _entries(archive: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if path := archive.get("path"):
        yield from _files(Path(path), prefix)
    for name, item in (archive.get("assets") or {}).items():
        if item.get(SIGNATURE_KEY) == ASSET_SIGNATURE:
            yield f"{prefix}{name}", _content(item)
        else:
            yield from _entries(item, f"{prefix}{name}/")


def _files(path: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file():
                yield f"{prefix}{file.relative_to(path).as_posix()}", file.read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as inner:
            for name in inner.namelist():
                if not name.endswith("/"):
                    yield f"{prefix}{name}", inner.read(name)
    else:
        raise ProviderError(f"no folder and no zip file: {path.absolute()}")


def _content(asset: Mapping[str, Any]) -> bytes:
    if "text" in asset:
        return str(asset["text"]).encode()
    if "path" in asset:
        try:
            return Path(asset["path"]).read_bytes()
        except OSError as error:
            raise ProviderError(f"reading the asset {asset['path']}: {error.strerror}") from error
    raise ProviderError("the sandbox reads assets from text and files, not from a URI")
