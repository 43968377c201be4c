import gc

import pytest

from operations.drift.collection import paused_collection


def test_the_collector_works_again_afterwards_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), paused_collection():
        1 / (0 if not gc.isenabled() else 1)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    with paused_collection():
        with paused_collection():
            pass
        assert not gc.isenabled()
