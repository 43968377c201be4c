import io

from rich.console import Console

from operations.deployment.activity import Activity
from operations.deployment.display import Display
from operations.deployment.outcome import Failed, NotRun, Succeeded
from operations.deployment.plan import Action, plan

PLAN = plan(Action.UP, environments=["dev"])
BOOTSTRAP, NETWORK, PAYMENTS = PLAN.stacks
PLACES = dict.fromkeys(PLAN.stacks, "111111111111 us-east-1")


def tell(display: Display) -> None:
    display.watch(Activity(stack=BOOTSTRAP, phase="preview"))
    display.watch(Activity(stack=BOOTSTRAP, phase="preview", done=1, current="create role"))
    display.watch(Activity(stack=BOOTSTRAP, phase="up", done=1, current="create role"))
    display.conclude(Succeeded(stack=BOOTSTRAP, changes={"create": 2}, seconds=3.2))
    display.watch(Activity(stack=NETWORK, phase="up", done=7, current="create vpc"))


def test_without_a_terminal_each_phase_and_each_outcome_is_a_line() -> None:
    console = Console(file=io.StringIO(), width=80)
    display = Display(PLAN, PLACES, console)
    with display.running():
        tell(display)
        display.conclude(Failed(stack=NETWORK, reason="network/dev: [it] broke", seconds=1.0))

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "bootstrap-iam/dev: preview …",
        "bootstrap-iam/dev: up …",
        "bootstrap-iam/dev is up: 2 create (3.2 s)",
        "network/dev: up …",
        "network/dev FAILED after 1.0 s",
        "    network/dev: [it] broke",
    ]


def test_the_table_shows_every_stack_as_it_stands() -> None:
    display = Display(PLAN, PLACES, Console(file=io.StringIO()))
    tell(display)
    shown = Console(file=io.StringIO(), width=160)
    shown.print(display.table())
    assert isinstance(shown.file, io.StringIO)
    rows = [line.split() for line in shown.file.getvalue().splitlines()[1:]]

    assert rows[0][3:] == ["done", "1", "3", "s", "2", "create"]
    assert rows[1][3:] == ["up", "7", "0", "s", "create", "vpc"]
    assert rows[2][3:] == ["waiting"]


def test_the_table_shows_what_failed_and_what_was_not_run() -> None:
    display = Display(PLAN, PLACES, Console(file=io.StringIO()))
    display.conclude(Failed(stack=NETWORK, reason="it broke\nmend it", seconds=1.0))
    display.conclude(NotRun(stack=PAYMENTS, because="network/dev failed"))
    shown = Console(file=io.StringIO(), width=160)
    shown.print(display.table())
    assert isinstance(shown.file, io.StringIO)

    assert "failed" in shown.file.getvalue()
    assert "it broke" in shown.file.getvalue()
    assert "mend it" not in shown.file.getvalue()
    assert "network/dev failed" in shown.file.getvalue()


def test_on_a_terminal_the_table_is_live() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    display = Display(PLAN, PLACES, console)
    with display.running():
        tell(display)

    assert isinstance(console.file, io.StringIO)
    assert "bootstrap-iam/dev is up" not in console.file.getvalue()
    assert "111111111111 us-east-1" in console.file.getvalue()
