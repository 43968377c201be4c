import json
import os
import sys
from pathlib import Path

import pytest

from operations.drift.formats.as_json import document
from operations.drift.report import Check, Classification
from operations.engine.failure import OperationFailed
from operations.promotion import drift as promotion_drift
from operations.promotion.drift import detect, read
from tests.operations.promotion.evidences import drift, finding, not_checked

SCRIPT = """
import json, os, pathlib, sys
folder, arguments = pathlib.Path(__file__).parents[1], sys.argv[1:]
which = "parity" if "parity" in arguments else "upstream"
answer = json.loads((folder / "answers.json").read_text())[which]
with (folder / "asked").open("a") as asked:
    asked.write(" ".join([sys.executable, os.environ["STACK_ACCESS"], *arguments]) + "\\n")
print(answer if isinstance(answer, str) else json.dumps(answer))
print("the engine is gone", file=sys.stderr)
sys.exit(1)
"""
"""Stands for scripts/drift.py; the real one is asked in test_end_to_end.py."""

LOOKED = (Check.CLOUD, Check.CODE, Check.UNMANAGED)
UPSTREAM = drift(checks=LOOKED, findings=(finding(),), not_checked=(not_checked(),))
PARITY = drift(
    source="code",
    checks=(Check.PARITY,),
    findings=(finding(check=Check.PARITY, environment="prod", classification=Classification.CONTROLLED),),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The promoter's checkout, whose scripts answer, with a release's in the folder `release`."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "drift.py").write_text(SCRIPT)
    (tmp_path / "scripts" / "render_release.py").write_text(SCRIPT)
    (tmp_path / "release" / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "release" / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(promotion_drift, "REPOSITORY", tmp_path)
    monkeypatch.setattr(promotion_drift, "RENDERING", tmp_path / "scripts" / "render_release.py")
    _answer(tmp_path, upstream=document(UPSTREAM), parity=document(PARITY))
    return tmp_path


def _answer(root: Path, **answers: object) -> None:
    (root / "answers.json").write_text(json.dumps(answers))


def test_a_report_is_read_as_it_was_written() -> None:
    assert read(document(UPSTREAM)) == UPSTREAM
    assert read(document(PARITY)) == PARITY


def test_another_version_of_reports_is_refused() -> None:
    with pytest.raises(ValueError, match=r"version 2"):
        read({**document(PARITY), "schemaVersion": 2})


def test_the_source_is_compared_as_it_is_and_the_target_as_the_code_makes_it(root: Path) -> None:
    found = detect("staging", "prod", root / "release", os.environ, ["network", "payments"])

    assert {*found.checks} == {*Check}
    assert found.findings == (*UPSTREAM.findings, *PARITY.findings)
    assert found.not_checked == UPSTREAM.not_checked
    upstream, parity = (root / "asked").read_text().splitlines()
    ours, theirs = sys.executable, str(root / "release" / ".venv" / "bin" / "python")
    assert upstream.startswith(f"{ours} reader --baseline staging"), (
        "by this checkout's interpreter, as reader"
    )
    assert parity.startswith(f"{theirs} reader"), "with the release's components"
    assert f"--root {root / 'release'}" in upstream
    assert f"--root {root / 'release'}" in parity
    assert "--env staging --check cloud --check code" in upstream
    assert "--check parity --from-code" in parity
    assert "--project network --project payments" in upstream
    assert "--project network --project payments" in parity


@pytest.mark.parametrize("answer", ["", "no json", {}, {"schemaVersion": 1}])
def test_without_a_report_it_fails_with_the_last_word(root: Path, answer: object) -> None:
    _answer(root, upstream=answer, parity=document(PARITY))

    with pytest.raises(OperationFailed, match=r"exit code 1.*the engine is gone"):
        detect("staging", "prod", root / "release", os.environ)
