"""Reads the repository's Markdown as far as the tests of the documentation need it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from operations import REPOSITORY

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)", re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(REPOSITORY).as_posix()

    @cached_property
    def text(self) -> str:
        """Return the content."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Return the content without code blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """The code blocks in a language."""
        return [content for named, content in _FENCE.findall(self.text) if named == language]

    def spans(self) -> list[str]:
        """Return the code spans."""
        return [" ".join(content.split()) for _, content in _SPAN.findall(self.prose)]

    def links(self) -> list[str]:
        """Return the targets of links and pictures."""
        return _LINK.findall(_SPAN.sub("", self.prose))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The fragments that its headings have on GitHub."""
        headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(self.prose))
        return frozenset(heading.replace(" ", "-") for heading in headings)

    def section(self, heading: str) -> str:
        """Return the text below a heading, up to the next heading of any level."""
        found = re.search(rf"^#+ +{re.escape(heading)}\n(.*?)(?=^#|\Z)", self.prose, re.MULTILINE | re.DOTALL)
        assert found, f"{self.name} has no section {heading!r}"
        return found[1]


def documents() -> list[Document]:
    """Every Markdown file that is the project's own."""
    return [Document(path) for path in sorted(_markdown(REPOSITORY))]


def document(name: str) -> Document:
    """Return one Markdown file."""
    return Document(REPOSITORY / name)


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of the first table in a text, heading first."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return [row for row in cells if not all(set(cell) <= {"-", ":"} for cell in row)]


def _markdown(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith((".", "__")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _markdown(path)
        elif path.suffix == ".md":
            yield path


@cache
def sources(*folders: str) -> str:
    """All Python sources below some folders as one text, in which strings over several lines are joined."""
    texts = [
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
    ]
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(texts))
