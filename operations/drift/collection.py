"""Spares large states the search for garbage: they hold no cycles, and it takes longer than to parse them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Iterator[None]:
    """Python's cyclic garbage collector rests meanwhile, and takes what was made for old afterwards.

    It would search all of that at once as soon as it works again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():  # what somebody has frozen would be thawed
                gc.freeze()
                gc.unfreeze()
            gc.enable()
