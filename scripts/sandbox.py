"""The sandbox on the command line: see `python scripts/sandbox.py --help`."""

import sys
from pathlib import Path

# Python puts this file's folder first, where the file itself would pass for the package `sandbox`.
sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).resolve().parent]

from sandbox.command import app  # noqa: E402  only importable now

if __name__ == "__main__":
    app(prog_name="sandbox.py")
