"""Who holds a stack. The engine heeds locks when it changes a stack, and not when it only looks.

A stack that is being deployed to is neither what it was nor what it will be: it can't be compared, nor
promoted to.
Read from the lock files of a backend of one's own; a backend that is a service keeps no such files.
"""

import json
from collections.abc import Mapping

from operations.engine.backend_files import BackendUnreadableError, backend_files
from operations.engine.failure import StackName
from operations.rendering.recording import ORGANIZATION

__all__ = ["BackendUnreadableError", "holder"]


def holder(backend: str, name: StackName, environ: Mapping[str, str] | None = None) -> str | None:
    """Who holds the stack, or None where nobody does, or where the backend keeps no files.

    `backend` is its URL; `environ` are the variables to reach it with. Raises BackendUnreadableError.
    """
    files = backend_files(backend, environ)
    if files is None:
        return None
    for path in files.paths(f".pulumi/locks/{ORGANIZATION}/{name.project}/{name.environment}"):
        content = files.read(path)
        if content is None:  # it was given back just now
            continue
        try:
            lock = json.loads(content)
            return f"{lock['username']}@{lock['hostname']} (process {lock['pid']}) since {lock['timestamp']}"
        except (ValueError, KeyError, TypeError):
            return "somebody"
    return None
