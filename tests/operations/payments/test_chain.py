"""An export proves itself, and shows what was removed or rewritten in the ledger later."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from moto import mock_aws

from operations.payments.chain import (
    ChainReport,
    ExportError,
    closing_line,
    compared_with_ledger,
    export_problems,
    exported,
    exported_line,
)
from operations.payments.ledger import LedgerReader
from operations.payments.record import PaymentRecord
from tests.operations.payments.records import TABLE, make_table, recorded

PRIVATE = ("DE89", "FR14", "Jane Doe", "4711-private")


@pytest.fixture
def records() -> list[PaymentRecord]:
    with mock_aws():
        client = make_table()
        recorded(client, "CONFLICT", "NOTIFIED")
        recorded(client, paymentId="payment-0002")
        return list(LedgerReader(client, TABLE).scan())


@pytest.fixture
def lines(records: list[PaymentRecord]) -> list[str]:
    report = ChainReport()
    for record in records:
        report.add(record)
    return [*map(exported_line, records), closing_line("2026-01-31", report)]


def test_a_report_counts_what_it_verified(records: list[PaymentRecord]) -> None:
    report, other = ChainReport(), ChainReport()
    for record in records:
        report.add(record)
    for record in reversed(records):
        other.add(record)
    assert (report.payments, report.entries, report.unchained, report.problems) == (2, 4, 0, [])
    assert report.digest == other.digest, "in whatever order"


def test_an_export_proves_itself_without_anything_private(lines: list[str]) -> None:
    closing, payments = exported(lines)
    assert (closing["day"], closing["payments"], len(payments)) == ("2026-01-31", 2, 2)
    assert list(export_problems(closing, payments)) == []
    assert not [each for each in PRIVATE if each in "".join(lines)]


def spoiled(change: Callable[[list[Any]], None]) -> Callable[[list[str]], list[str]]:
    def spoil(lines: list[str]) -> list[str]:
        contents = [json.loads(line) for line in lines]
        change(contents)
        return [json.dumps(content) for content in contents]

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        spoiled(lambda contents: contents.pop(0)),
        spoiled(lambda contents: contents[0]["trail"].pop()),
        spoiled(lambda contents: contents[0]["trail"].pop(0)),
        spoiled(lambda contents: contents[0]["trail"][0].update(at="2026-01-01T00:00:00.000Z")),
        spoiled(lambda contents: contents[1]["payment"].update(amount=9)),
        spoiled(lambda contents: contents[1]["payment"].update(chainHead="0" * 64)),
        spoiled(lambda contents: contents[2].update(digest="0" * 64)),
    ],
)
def test_an_export_that_was_changed_shows_it(
    spoil: Callable[[list[str]], list[str]], lines: list[str]
) -> None:
    assert list(export_problems(*exported(spoil(lines))))


@pytest.mark.parametrize("lines", [[], ["{}"], ["x"], ["[]"], ['{"payment": {}}'], ["7", "{}"]])
def test_another_file_is_no_export(lines: list[str]) -> None:
    with pytest.raises(ExportError, match=r"export|last line"):
        exported(lines)


def test_a_ledger_that_only_grew_agrees_with_an_export(
    records: list[PaymentRecord], lines: list[str]
) -> None:
    _, payments = exported(lines)
    earlier = {**payments[0], "trail": payments[0]["trail"][:1]}
    assert list(compared_with_ledger(earlier, records[0])) == []


def test_what_was_removed_or_rewritten_since_an_export_shows(
    records: list[PaymentRecord], lines: list[str]
) -> None:
    _, payments = exported(lines)
    assert list(compared_with_ledger(payments[0], None)) == [
        "it was exported, and is no longer in the ledger"
    ]
    (problem,) = compared_with_ledger({**payments[0], "trail": payments[1]["trail"]}, records[0])
    assert "does not continue the exported one" in problem
    other = {**payments[0], "payment": {**payments[0]["payment"], "amount": 9}}
    assert list(compared_with_ledger(other, records[0])) == ["amount changed since the export"]
