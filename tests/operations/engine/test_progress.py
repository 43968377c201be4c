import io

import pytest

from operations.engine import progress
from operations.engine.progress import Progress


def test_a_step_is_told_at_its_beginning_and_its_end() -> None:
    said = io.StringIO()
    with Progress(said).during("Building"):
        pass

    assert said.getvalue() == "Building …\n  done in 0s\n"


def test_a_step_that_fails_is_not_told_as_done() -> None:
    said = io.StringIO()
    with pytest.raises(RuntimeError), Progress(said).during("Building"):
        raise RuntimeError

    assert said.getvalue() == "Building …\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_long_step_tells_what_it_is_at(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Told(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_UPDATES", 0.001)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.001)
    said = Told()
    telling = Progress(said)
    with telling.during("Building"):
        telling.show("compiling example.com/module")
        while "compiling" not in said.getvalue():
            pass

    assert ("\r" in said.getvalue()) is terminal
