import os
import subprocess
import sys
from datetime import timedelta

import pytest

from operations.promotion.actor import alive, this_process


def test_this_process_is_alive() -> None:
    own = this_process()

    assert own.process == os.getpid()
    assert own.started is not None
    assert alive(own) is True


def test_a_process_that_ended_is_dead() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert alive(this_process().model_copy(update={"process": ended.pid})) is False


def test_a_process_that_got_the_number_of_a_dead_one_is_another() -> None:
    own = this_process()
    assert own.started is not None

    earlier = own.model_copy(update={"started": own.started - timedelta(days=1)})
    assert alive(earlier) is False


def test_of_another_machines_process_nobody_can_tell() -> None:
    assert alive(this_process().model_copy(update={"host": "elsewhere"})) is None


def test_a_machine_that_does_not_tell_when_processes_began_leaves_it_open() -> None:
    assert alive(this_process().model_copy(update={"started": None})) is None


@pytest.mark.parametrize("field", ["boot", "namespace"])
def test_a_process_of_another_namespace_on_a_host_of_the_same_name_may_be_alive(field: str) -> None:
    """In a container the number may be free while the promotion goes on in another container."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    elsewhere = this_process().model_copy(update={"process": ended.pid, field: "another"})

    assert alive(elsewhere) is None
