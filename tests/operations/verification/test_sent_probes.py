"""The record names the messages of one verification, by id and content."""

from moto import mock_aws

from operations.verification.probes import SentProbes, body_digest
from operations.verification.sent_probes import SentProbesRecord
from tests.operations.payments.records import TABLE, items, make_table

RUN, OTHER = "0a1b2c3d4e5f", "ffffffffffff"


@mock_aws
def test_what_was_sent_is_found_by_its_run() -> None:
    client = make_table()
    record = SentProbesRecord(client, TABLE)
    sent = SentProbes(run=RUN, digests={"message-1": body_digest("{}")})
    record.put(sent)
    assert record.get(RUN) == sent
    assert record.get(OTHER) == SentProbes(run=OTHER, digests={})
    record.delete(OTHER)
    assert len(items(client)) == 1
    record.delete(RUN)
    assert items(client) == []


def test_a_message_was_sent_if_id_and_content_are_the_recorded_ones() -> None:
    sent = SentProbes(run=RUN, digests={"message-1": body_digest("{}")})
    assert sent.includes("message-1", "{}")
    assert not sent.includes("message-1", "{ }")
    assert not sent.includes("message-2", "{}")
