"""The tables of the costs are those of the recorded figures, and the figures are the code's."""

from dataclasses import replace

import pytest

from benchmarks.functions.bench_cost import markdown, measure, places, recorded
from benchmarks.functions.cost_model import PRICES, billed_ms, cost
from tests.docs.markdown import document

FIGURES = recorded()


def test_the_tables_are_those_of_the_recorded_figures() -> None:
    assert markdown(FIGURES) in document("docs/costs.md").text, (
        "print them with: python benchmarks/functions/bench_cost.py --markdown"
    )


@pytest.mark.parametrize("name", FIGURES)
def test_recorded_call_counts_match_the_handler(name: str) -> None:
    kept = FIGURES[name]
    found = measure(kept.payments, milliseconds=0, rounds=2)
    assert (found.transactions, found.publishes, found.write_units) == (
        kept.transactions,
        kept.publishes,
        kept.write_units,
    )
    assert found.stored_bytes == pytest.approx(kept.stored_bytes, rel=0.05)
    assert found.logged_bytes == pytest.approx(kept.logged_bytes, rel=0.1)


def test_a_full_batch_makes_two_calls_and_a_tenth_for_each_payment() -> None:
    full = FIGURES["full"]
    assert (full.transactions + full.publishes) / full.payments == 2.1


def test_prices_are_known_for_every_environments_region() -> None:
    assert {place.region for place in places()} <= set(PRICES)


def test_more_memory_shortens_the_computing_only_and_up_to_a_whole_core() -> None:
    full = replace(FIGURES["full"], waiting_ms=10, processor_ms=8)
    assert billed_ms(full, 1769) == billed_ms(full, 4096) == 18
    assert billed_ms(full, 1769 // 4) == pytest.approx(42, abs=0.1)


def test_a_transaction_is_paid_for_by_its_units_whatever_the_batch() -> None:
    dev = places()[0]
    full, single = (cost(FIGURES[name], dev)["DynamoDB: writes"] for name in ("full", "single"))
    assert full == single == 13 * 0.625
