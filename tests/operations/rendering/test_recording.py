"""A program is recorded in one thread, without collecting garbage, and leaves the process as it was."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from operations.rendering import Recorder, record
from operations.rendering.chain import render_chain


class Witness(Recorder):
    """Notes in which threads it is asked, and whether garbage is collected then."""

    seen: set[tuple[int, bool]]

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.seen.add((threading.get_ident(), gc.isenabled()))
        return super().new_resource(args)


def ran(program: Callable[[], Any]) -> Witness:
    witness = Witness()
    witness.seen = set()
    return record(program, witness, project="network", environment="dev", config={})


def program() -> None:
    for number in range(5):
        pulumi.CustomResource("aws:sqs/queue:Queue", f"queue-{number}", {})


def test_a_program_is_answered_in_its_own_thread_without_collection() -> None:
    assert ran(program).seen == {(threading.get_ident(), False)}


def test_collection_goes_on_afterwards() -> None:
    ran(program)
    assert gc.isenabled()


def test_collection_goes_on_after_a_program_that_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        ran(lambda: 1 / 0)
    assert gc.isenabled()


def test_collection_stays_off_for_whoever_has_turned_it_off() -> None:
    gc.disable()
    try:
        ran(program)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_program_registers_in_the_same_order_each_time() -> None:
    one, other = render_chain("dev"), render_chain("dev")
    assert [[each.urn for each in stack.resources] for stack in one.values()] == [
        [each.urn for each in stack.resources] for stack in other.values()
    ]
