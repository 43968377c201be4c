"""A payment processor, as its component registers it."""

from functools import cache
from typing import Any

from components.payment_processor import PaymentProcessor
from tests.builders import payment_processor_args, payments_scaling, placement, with_provider
from tests.recorder import Recorder, record


def recorded(environment: str = "dev", **changed: Any) -> Recorder:
    args = payment_processor_args(placement=placement(environment), **changed)
    return record(
        with_provider(lambda opts: PaymentProcessor("payments", args, opts)), environment=environment
    )


def scaled(**scaling: Any) -> Recorder:
    """With these scaling fields, and dev's others."""
    return recorded(scaling=payments_scaling(**scaling))


@cache
def plain() -> Recorder:
    """Recorded once for all tests that only read."""
    return recorded()
