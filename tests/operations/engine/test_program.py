import subprocess
import sys
from pathlib import Path

from operations.engine import language_host, program
from operations.engine.program import _traceback


def fail_in(folder: Path, source: str) -> Exception:
    file = folder / "__main__.py"
    file.write_text(source)
    try:
        exec(compile(source, str(file), "exec"), {})  # noqa: S102  the source is the test's own
    except Exception as error:  # noqa: BLE001  whatever the source raises
        return error
    raise AssertionError("the source was to fail")


def test_a_traceback_begins_with_the_programs_own_frame(tmp_path: Path) -> None:
    error = fail_in(tmp_path, "def broken():\n    1 / 0\nbroken()\n")
    lines = _traceback(error, str(tmp_path)).splitlines()

    assert lines[1].strip().startswith(f'File "{tmp_path}/__main__.py", line 3')
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "test_program" not in "\n".join(lines)


def test_a_failure_outside_the_program_is_told_whole(tmp_path: Path) -> None:
    error = fail_in(tmp_path, "1 / 0")

    assert "test_program.py" in _traceback(error, str(tmp_path / "another"))


def test_both_sides_agree_on_the_status_that_says_the_user_was_told() -> None:
    assert program.EXPLAINED == language_host.EXPLAINED == 32


def test_a_call_without_what_it_needs_is_refused() -> None:
    answer = subprocess.run(  # noqa: S603  our own program
        [sys.executable, program.__file__, "/nowhere"], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert "--monitor" in answer.stderr
