"""`python -m tests.security [FILE]`: writes docs/security.md."""

import sys
from pathlib import Path

from operations import REPOSITORY
from tests.security.footholds import footholds
from tests.security.reach import paths, requests
from tests.security.report import render

PAGE = REPOSITORY / "docs" / "security.md"


def page() -> str:
    """Return the page as the probes find it now."""
    return render(footholds("prod"), tuple(paths("prod")), requests())


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(page(), encoding="utf-8")
