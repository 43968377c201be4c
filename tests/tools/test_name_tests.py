from pathlib import Path

import pytest

from tools.name_tests import uncollected


@pytest.mark.parametrize(
    ("name", "source", "collected"),
    [
        ("test_queue.py", "def test_it(): ...", True),
        ("queue_test.py", "def test_it(): ...", False),
        ("queue.py", "class TestQueue: ...", False),
        ("queue.py", "async def test_it(): ...", False),
        ("builders.py", "def queue(): ...\ndef make_test_data(): ...", True),
        ("__init__.py", "", True),
    ],
)
def test_a_file_with_tests_under_another_name_is_found(
    tmp_path: Path, name: str, source: str, collected: bool
) -> None:
    (tmp_path / "component").mkdir()
    file = tmp_path / "component" / name
    file.write_text(source)

    assert uncollected(tmp_path) == ([] if collected else [str(file)])
