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


def test_what_was_made_meanwhile_is_not_searched_as_soon_as_the_collector_works_again() -> None:
    with paused_collection():
        made: list[list[int]] = [[] for _ in range(1000)]
    young = {id(each) for each in gc.get_objects(generation=0)}
    assert not young & {id(each) for each in made}


def test_what_somebody_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        with paused_collection():
            pass
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()
