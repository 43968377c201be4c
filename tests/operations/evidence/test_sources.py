from pathlib import Path

import pytest

from operations.engine.failure import OperationFailed, StackName
from operations.evidence.sources import FolderExports, InvalidRestoreDrillsError, read_restore_drills

NAME = StackName(project="payments", environment="prod")
DRILL = """\
drills:
  - environment: prod
    date: 2026-02-01
    restored_to: 2026-02-01T09:00Z
    minutes: 41
    result: passed
    compared: all items of the last day by id and amount
    owner: ada
"""


def test_an_export_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "payments.prod.json").write_text('{"version": 3}', encoding="utf-8")
    assert FolderExports(folder=tmp_path).read(NAME) == {"version": 3}


@pytest.mark.parametrize("text", [None, "{", "[]", "[" * 100_000], ids=["missing", "cut off", "list", "deep"])
def test_a_file_that_is_no_export_is_refused(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "payments.prod.json").write_text(text, encoding="utf-8")
    with pytest.raises(OperationFailed, match=r"payments\.prod\.json"):
        FolderExports(folder=tmp_path).read(NAME)


def test_restore_drills_are_read(tmp_path: Path) -> None:
    path = tmp_path / "drills.yaml"
    path.write_text(DRILL.replace("2026-02-01T09:00Z", '"2026-02-01T09:00Z"'), encoding="utf-8")
    (drill,) = read_restore_drills(path)
    assert (drill.environment, drill.minutes, drill.result) == ("prod", 41, "passed")


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("drills: 5", ["one list, `drills`"]),
        ("- a", ["one list, `drills`"]),
        ("drills: [", ["cannot be read"]),
        ("drills:\n  - {}\n  - {result: maybe}\n", ["number 1: date", "number 1: owner", "number 2: result"]),
    ],
)
def test_every_mistake_in_the_record_of_drills_is_reported(
    text: str, mistakes: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "drills.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRestoreDrillsError) as refused:
        read_restore_drills(path)
    for mistake in mistakes:
        assert mistake in str(refused.value)
