import io

from rich.console import Console

from components.stacks import PROJECTS
from sandbox.keeper import Record
from sandbox.status import Status


def test_a_queue_fits_onto_a_narrow_terminal() -> None:
    console = Console(width=80, file=io.StringIO())
    table = Status(
        record=Record(url="http://127.0.0.1:40000", server_process=1, keeper_process=2),
        resources={"staging": dict.fromkeys(PROJECTS, 100)},
        messages={"staging": {"payments-queue": 0, "payments-dead-letter-queue": 7}},
        places={"staging": "222222222222 us-west-2"},
    ).as_table()
    with console.capture() as shown:
        console.print(table)
    assert "dead-letter-queue" in shown.get()
