"""The check of commit subjects."""

import subprocess
from pathlib import Path

import pytest

from tools.commit_subjects import LONGEST, main, mistake


@pytest.mark.parametrize(
    "subject",
    [
        "fix(drift): report inline policies after a refresh",
        "feat!: take the settings from one file",
        "docs: add a glossary",
        "Merge branch 'main' into work",
        'Revert "fix: read the state once"',
    ],
)
def test_conventional_and_generated_subjects_are_accepted(subject: str) -> None:
    assert mistake(subject) == ""


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "report inline policies",
        "fix:report",
        "fixed(drift): report",
        "fix(drift): report it.",
        "fix(): report",
    ],
)
def test_other_subjects_are_rejected_with_the_allowed_types(subject: str) -> None:
    assert repr(subject) in mistake(subject)
    assert "feat, fix" in mistake(subject)


def test_long_subjects_are_rejected() -> None:
    assert mistake("fix: " + "x" * (LONGEST - 5)) == ""
    assert str(LONGEST) in mistake("fix: " + "x" * (LONGEST - 4))


def test_the_hook_checks_the_first_line_of_the_message(tmp_path: Path) -> None:
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text("fix(drift): report inline policies\n\nThey were left out.\n")
    assert main([str(message)]) == 0
    message.write_text("They were left out.\n\nfix(drift): report inline policies\n")
    assert main([str(message)]) == 1


def test_a_range_is_checked_commit_by_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)  # noqa: S603
    for subject in ("first", "fix: second", "feat: third"):
        subprocess.run([*git, "commit", "-q", "--allow-empty", "--no-verify", "-m", subject], check=True)  # noqa: S603
    assert main(["--range", "HEAD~2..HEAD"]) == 0
    assert main(["--range", "HEAD"]) == 1


def test_missing_arguments_are_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
