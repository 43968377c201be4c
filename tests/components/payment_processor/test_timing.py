import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.payment_processor import timing


@pytest.mark.parametrize(("reserved", "expected"), [(1, 2), (2, 2), (10, 10), (100, 100)])
def test_the_mapping_has_as_many_batches_in_flight_as_the_function_runs(reserved: int, expected: int) -> None:
    assert timing.maximum_concurrency(reserved) == expected


@pytest.mark.parametrize(("receives", "expected"), [(2, 2), (3, 2), (5, 2)])
def test_asynchronous_retries_go_as_far_as_lambda_does(receives: int, expected: int) -> None:
    assert timing.asynchronous_retries(receives) == expected


@given(st.integers(1, 1000))
def test_values_stay_in_what_aws_takes(number: int) -> None:
    assert 2 <= timing.maximum_concurrency(number) <= 1000
    assert 0 <= timing.asynchronous_retries(number) <= 2


def test_a_batch_fits_into_one_publish_and_needs_no_longer_window() -> None:
    assert timing.BATCH_SIZE <= 10
    assert timing.DEAD_LETTER_RETENTION_DAYS > timing.QUEUE_RETENTION_DAYS
