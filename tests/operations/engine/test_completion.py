import subprocess
from pathlib import Path

from operations.engine.completion import write_language_host


def test_the_script_is_executable_and_runs_our_language_host(tmp_path: Path) -> None:
    script = write_language_host(tmp_path / "a folder")
    # Without the engine's address it can only say how it is used.
    answer = subprocess.run([script], capture_output=True, text=True, check=False)  # noqa: S603  just written

    assert answer.returncode == 2
    assert "ENGINE_ADDRESS" in answer.stderr


def test_a_script_that_is_right_already_is_left_alone(tmp_path: Path) -> None:
    before = write_language_host(tmp_path).stat().st_ino

    assert write_language_host(tmp_path).stat().st_ino == before


def test_a_script_for_another_python_is_replaced(tmp_path: Path) -> None:
    write_language_host(tmp_path, Path("/some/where else/python"))
    script = write_language_host(tmp_path)

    assert "where else" not in script.read_text()
    assert list(tmp_path.iterdir()) == [script]
