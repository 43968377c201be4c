"""Draws what a command writes to a terminal as an SVG picture, from a real run.

Example: python tools/terminal_picture.py docs/drift-report.svg 28 python scripts/drift.py --from-code
"""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

COLUMNS = 110
_FORMAT = re.sub(r"\n *@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's picture without its web fonts: the file loads nothing."""


def picture(output: str, *, title: str, lines: int) -> str:
    """Return an SVG of the first lines of a terminal's output, colours included."""
    rows = output.rstrip().splitlines()
    shown = rows[:lines] + ([f"… {len(rows) - lines} more lines"] if len(rows) > lines else [])
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi("\n".join(shown)))
    return console.export_svg(title=title, code_format=_FORMAT, unique_id="terminal")


def main(arguments: list[str]) -> int:
    """Run a command and draw its standard output. Return 2 for wrong usage or if it wrote nothing."""
    if len(arguments) < 3 or not arguments[1].isdecimal():
        sys.stderr.write("usage: terminal_picture.py FILE LINES COMMAND...\n")
        return 2
    path, lines, *command = arguments
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)  # noqa: S603
    if not done.stdout.strip():
        sys.stderr.write(
            f"{' '.join(command)} wrote nothing (exit code {done.returncode}): {path} is unchanged\n"
        )
        return 2
    drawn = picture(done.stdout, title="$ " + " ".join(command), lines=int(lines))
    Path(path).write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
