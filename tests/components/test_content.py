import shutil
from pathlib import Path

import pytest

from components.content import REPOSITORY, is_stack_file, read

FILES = {
    "components/naming.py": "a = 1\n",
    "components/payment_processor/function.py": "b = 1\n",
    "functions/payment_processor/handler.py": "c = 1\n",
    "functions/payment_processor/requirements.txt": "x==1\n",
    "policies/rules/key.py": "d = 1\n",
    "policies/PulumiPolicy.yaml": "version: 1.0.0\n",
    "projects/network/Pulumi.yaml": "name: network\n",
    "projects/network/__main__.py": "e = 1\n",
    "requirements.txt": "pulumi==3\n",
}
OTHERS = {
    "projects/network/Pulumi.prod.yaml": "config: {}\n",
    "README.md": "text\n",
    "scripts/deploy.py": "f = 1\n",
    "components/__pycache__/naming.pyc": "x",
    "functions/.cache/x": "x",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {**FILES, **OTHERS}.items():
        write(tmp_path, name, text)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8", newline="")


def digest(root: Path) -> str:
    return read(root / "projects", root).digest


def test_content_is_every_file_that_decides_what_is_deployed(root: Path) -> None:
    assert read(root / "projects", root).files.keys() == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_each_of_its_files_changes_the_digest(root: Path, name: str) -> None:
    before = digest(root)
    write(root, name, FILES[name] + "# changed\n")
    changed = digest(root)
    (root / name).unlink()
    assert len({before, changed, digest(root)}) == 3


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_file_changes_it(root: Path, name: str) -> None:
    before = digest(root)
    write(root, name, "changed")
    assert digest(root) == before


def test_a_new_file_and_a_moved_one_change_it(root: Path) -> None:
    before = digest(root)
    (root / "components/naming.py").rename(root / "components/renamed.py")
    moved = digest(root)
    write(root, "components/naming.py", "")
    assert len({before, moved, digest(root)}) == 3


def test_a_copy_elsewhere_and_one_with_crlf_have_the_same_digest(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in FILES:
        write(copy, name, FILES[name].replace("\n", "\r\n"))
    assert digest(copy) == digest(root)


def test_binary_files_are_taken_as_they_are(root: Path) -> None:
    file = root / "functions/payment_processor/data.bin"
    file.write_bytes(b"\0a\r\nb")
    before = digest(root)
    file.write_bytes(b"\0a\nb")
    assert digest(root) != before


def test_programs_elsewhere_count_instead_of_the_repositorys_own(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "projects", tmp_path / "other" / "projects")
    before = digest(root)
    assert read(tmp_path / "other" / "projects", root).digest == before
    write(tmp_path / "other", "projects/network/__main__.py", "changed = 1\n")
    assert read(tmp_path / "other" / "projects", root).digest != before


def test_a_folder_behind_a_link_counts(root: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    write(linked, "more.py", "g = 1\n")
    (root / "components" / "linked").symlink_to(linked)
    assert "components/linked/more.py" in read(root / "projects", root).files


def test_this_repositorys_content_holds_what_the_programs_import() -> None:
    files = read(REPOSITORY / "projects").files
    assert {"components/promotion_gate.py", "policies/rule.py", "requirements.txt"} <= files.keys()
    assert not [name for name in files if is_stack_file(Path(name).name)]
