"""Finds tests that pytest would never collect: they are in a file that is not named `test_*.py`."""

import ast
import sys
from pathlib import Path


def uncollected(folder: Path) -> list[str]:
    """The files below `folder` that define tests under a name that pytest passes over."""
    return [
        str(path)
        for path in sorted(folder.rglob("*.py"))
        if not path.name.startswith("test_") and _defines_tests(path.read_text(encoding="utf-8"))
    ]


def _defines_tests(source: str) -> bool:
    return any(
        (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"))
        or (isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
        for node in ast.parse(source).body
    )


if __name__ == "__main__":
    found = uncollected(Path("tests"))
    for path in found:
        sys.stderr.write(f"{path}: holds tests, but pytest only collects test_*.py. Rename it.\n")
    sys.exit(1 if found else 0)
