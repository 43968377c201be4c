"""Tells the user what a long step is at: a line rewritten on a terminal, a line now and then elsewhere."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_SECONDS_BETWEEN_LINES = 15.0
_SECONDS_BETWEEN_UPDATES = 0.5


class Progress:
    """Writes to `stream` (standard error by default: data alone goes to standard output)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._doing = ""
        self._now = ""

    def say(self, text: str) -> None:
        """A line of its own."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def show(self, text: str) -> None:
        """What the current step is at, shown when it next reports."""
        self._now = text

    @contextmanager
    def during(self, doing: str) -> Iterator[None]:
        """Reports on the step `doing` until the block ends."""
        self._doing, self._now = doing, ""
        began, over = time.monotonic(), threading.Event()
        self.say(f"{doing} …")
        reporter = threading.Thread(target=self._report, args=(began, over), daemon=True)
        reporter.start()
        try:
            yield
        except BaseException:
            self._end(over, reporter)
            raise
        self._end(over, reporter)
        self.say(f"  done in {_elapsed(began)}")

    def _end(self, over: threading.Event, reporter: threading.Thread) -> None:
        over.set()
        reporter.join()
        if self._terminal:
            self._stream.write("\r\x1b[K")

    def _report(self, began: float, over: threading.Event) -> None:
        pause = _SECONDS_BETWEEN_UPDATES if self._terminal else _SECONDS_BETWEEN_LINES
        while not over.wait(pause):
            line = f"  {_elapsed(began)}  {self._now or 'starting'}"
            self._stream.write(f"\r{line[:100]}\x1b[K" if self._terminal else f"{line}\n")
            self._stream.flush()


def _elapsed(began: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    return f"{minutes}m{seconds:02d}s" if minutes else f"{seconds}s"
