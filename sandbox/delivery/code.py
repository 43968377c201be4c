"""The code of a deployed function, on disk."""

import base64
import hashlib
import io
import os
import shutil
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from sandbox.delivery.function import Function


class CodeDamaged(Exception):  # noqa: N818  what it is
    """The zip that Lambda gives out is not the one whose digest it names."""


def unpacked(function: Function, cache: Path) -> Path:
    """The folder with the function's code, unpacked once a digest. Raises CodeDamaged."""
    digest = base64.b64decode(function.code_sha256).hex()
    folder = cache / digest
    if folder.is_dir():
        return folder
    with urllib.request.urlopen(function.code_location, timeout=60) as response:  # noqa: S310  our own server
        content = response.read()
    actual = hashlib.sha256(content).hexdigest()
    if actual != digest:
        raise CodeDamaged(
            f"{function.name}: its zip has the SHA-256 {actual}, and Lambda names {digest}. Deploy it anew."
        )
    cache.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=cache))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(partial)
    try:
        os.replace(partial, folder)  # noqa: PTH105  whole or not at all
    except OSError:  # another process was faster
        shutil.rmtree(partial)
    return folder
