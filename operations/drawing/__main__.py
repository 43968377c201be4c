"""Draw docs/stacks.svg from the rendered programs, or say whether it still is what they make."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from components.environment import LADDER
from components.stack_files import read_project
from operations import REPOSITORY
from operations.drawing.picture import picture
from operations.drawing.svg import draw
from operations.rendering.chain import render_chain

DRAWING = REPOSITORY / "docs" / "stacks.svg"


def drawing() -> str:
    """What the programs make now."""
    files = read_project(REPOSITORY / "projects" / "payments")
    places = {
        each: f"account {files[each]['payments:accountId']}, {files[each]['payments:region']}"
        for each in LADDER
    }
    return draw(picture(render_chain(*LADDER), places))


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 where it is outdated.")
    ] = False,
    output: Annotated[Path, typer.Option("--output", help="File to draw.")] = DRAWING,
) -> None:
    """Draw the stacks as their programs make them."""
    text = drawing()
    if not check:
        output.write_text(text, encoding="utf-8")
    elif not output.is_file() or output.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{output} is outdated: python -m operations.drawing\n")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
