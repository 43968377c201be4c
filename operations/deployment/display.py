"""Shows a deployment while it runs: a live table on a terminal, a line for each event elsewhere."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from operations.deployment.activity import Activity
from operations.deployment.outcome import Failed, NotRun, Outcome, Succeeded
from operations.deployment.plan import Plan
from operations.deployment.render import describe, line
from operations.engine.failure import StackName


class Display:
    """Hears of activities, from any thread, and of outcomes; talks on `console`."""

    def __init__(self, plan: Plan, places: Mapping[StackName, str], console: Console) -> None:
        self._plan, self._places, self._console = plan, places, console
        self._lock = threading.Lock()
        self._activities: dict[StackName, Activity] = {}
        self._began: dict[StackName, float] = {}
        self._outcomes: dict[StackName, Outcome] = {}
        self._live: Live | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Shows until the block ends."""
        if not self._console.is_terminal:
            yield
            return
        with Live(get_renderable=self.table, console=self._console, refresh_per_second=4) as self._live:
            yield

    def watch(self, activity: Activity) -> None:
        """What the engine is doing now."""
        with self._lock:
            before = self._activities.get(activity.stack)
            self._activities[activity.stack] = activity
            self._began.setdefault(activity.stack, time.monotonic())
        if self._live is None and (before is None or before.phase != activity.phase):
            self._say(f"{activity.stack}: {activity.phase} …")

    def conclude(self, outcome: Outcome) -> None:
        """What became of a stack."""
        with self._lock:
            self._outcomes[outcome.stack] = outcome
        if self._live is None:
            self._say(line(outcome, self._plan.action))

    def table(self) -> Table:
        """A row a stack, as things stand."""
        table = Table(box=None, pad_edge=False)
        for heading in ("stack", "account and region", "", "resources", "time", ""):
            table.add_column(
                heading, justify="right" if heading in ("resources", "time") else "left", no_wrap=True
            )
        with self._lock:
            for stack in self._plan.stacks:
                table.add_row(str(stack), self._places[stack], *self._row(stack))
        return table

    def _row(self, stack: StackName) -> tuple[Text | str, ...]:
        activity = self._activities.get(stack)
        done = str(activity.done) if activity else ""
        match self._outcomes.get(stack):
            case Succeeded(changes=changes, seconds=seconds):
                return Text("done", "green"), done, f"{seconds:.0f} s", describe(changes)
            case Failed(reason=reason, seconds=seconds):
                return Text("failed", "bold red"), done, f"{seconds:.0f} s", reason.splitlines()[0]
            case NotRun(because=because):
                return Text("not run", "yellow"), "", "", because
        if activity is None:
            return Text("waiting", "dim"), "", "", ""
        return (
            Text(activity.phase, "cyan"),
            done,
            f"{time.monotonic() - self._began[stack]:.0f} s",
            Text(activity.current, "dim"),
        )

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
