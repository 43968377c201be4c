from collections.abc import Callable
from pathlib import Path

import pytest

from operations.promotion.fingerprint import code, configuration, folder

FILES = {
    "projects/payments/__main__.py": "program",
    "projects/payments/Pulumi.yaml": "name: payments",
    "projects/payments/Pulumi.prod.yaml": "config: {}",
    "projects/payments/Pulumi.dev.yaml": "config: {}",
    "components/naming.py": "names",
    "functions/payment_processor/handler.py": "handler",
    "policies/rule.py": "rule",
    "requirements.txt": "pulumi",
    "README.md": "words",
    "components/__pycache__/naming.pyc": "compiled",
}
MATTERS: dict[Callable[[Path], str], set[str]] = {
    code: {name for name in FILES if name.split("/")[0] != "README.md" and "__pycache__" not in name},
    lambda root: folder(root / "policies"): {"policies/rule.py"},
    lambda root: configuration(root, "prod"): {
        "projects/payments/Pulumi.yaml",
        "projects/payments/Pulumi.prod.yaml",
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_a_digest_changes_with_what_matters_and_with_nothing_else(root: Path, name: str) -> None:
    before = [digest(root) for digest in MATTERS]
    (root / name).write_text("changed")
    changed = [digest(root) != old for digest, old in zip(MATTERS, before, strict=True)]

    assert changed == [name in matters for matters in MATTERS.values()]


def test_a_moved_file_is_a_change(root: Path) -> None:
    before = code(root)
    (root / "components" / "naming.py").rename(root / "components" / "names.py")
    assert code(root) != before


def test_a_digest_does_not_tell_where_the_files_are(root: Path) -> None:
    before = code(root)
    assert code(root.rename(root.with_name("elsewhere"))) == before
