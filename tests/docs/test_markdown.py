import re
from functools import cache
from pathlib import Path

import pytest

from operations import REPOSITORY
from tests.docs.markdown import Document, documents, rows

OURS = documents()
PRIVATE = re.compile(
    r"(?<![\w.:])/(home|root|work|tmp|Users|mnt|srv|opt|var)/|\.(internal|corp|lan|intranet)\b"
)


def broken(document: Document) -> list[str]:
    """The relative links of a document that lead nowhere."""
    return [link for link in document.links() if not _leads_somewhere(document, link)]


def _leads_somewhere(document: Document, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = (document.path.parent / path).resolve() if path else document.path
    if not target.exists() or not target.is_relative_to(REPOSITORY):
        return False
    return not anchor or anchor in _anchors(target)


@cache
def _anchors(path: Path) -> frozenset[str]:
    return Document(path).anchors


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
def test_relative_links_resolve(found: Document) -> None:
    assert broken(found) == []


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
def test_nothing_names_a_private_machine(found: Document) -> None:
    assert [line for line in found.text.splitlines() if PRIVATE.search(line)] == []


def test_the_documentation_is_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/deployment.md"} <= {
        found.name for found in OURS
    }


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [REPOSITORY / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        targets = [link.partition("#")[0] for link in Document(path).links() if "://" not in link]
        waiting += [(path.parent / target).resolve() for target in targets if target.endswith(".md")]
    written = {*(REPOSITORY / "docs").rglob("*.md"), *REPOSITORY.glob("*.md")}
    assert {path.name for path in written - reached} == set()


def test_every_decision_is_listed() -> None:
    folder = REPOSITORY / "docs" / "adr"
    written = {path.name for path in folder.glob("[0-9]*.md")}
    assert set(Document(folder / "README.md").links()) == written


@pytest.mark.parametrize("link", ["missing.md", "#nowhere", "other.md#nowhere", "../outside.md"])
def test_a_broken_link_is_found(tmp_path: Path, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.test_markdown.REPOSITORY", tmp_path)
    (tmp_path / "other.md").write_text("# There\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(f"# Here\n[a link]({link}) [fine](other.md#there) [fine](#here)\n", encoding="utf-8")
    assert broken(Document(page)) == [link]


def test_a_table_is_read_without_its_rule() -> None:
    assert rows("| a | b |\n|---|:--|\n| 1 | 2 |\n") == [("a", "b"), ("1", "2")]
