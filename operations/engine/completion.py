"""Completes a Pulumi CLI that has no Python language host with ours."""

import os
import shlex
import sys
import tempfile
from pathlib import Path

from operations.engine.locate import LANGUAGE_HOST

_OURS = Path(__file__).with_name("language_host.py")


def write_language_host(folder: Path, python: Path | None = None) -> Path:
    """Puts a `pulumi-language-python` that runs ours, with `python` (by default this one), into `folder`.

    In the CLI's own folder the engine takes it for the bundled one. Written by rename, and only where it
    differs, so an engine that is starting at this moment always finds a whole file.
    """
    script = folder / LANGUAGE_HOST
    interpreter = shlex.quote(str(python or sys.executable))
    # -P: the folder of language_host.py must not hide other modules from the programs; -u: the port must not
    # wait.
    text = f'#!/bin/sh\nexec {interpreter} -P -u {shlex.quote(str(_OURS))} "$@"\n'
    if script.is_file() and script.read_text(encoding="utf-8") == text:
        return script
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=LANGUAGE_HOST)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).chmod(0o755)
    Path(temporary).replace(script)
    return script
