"""Reading takes nothing and misses nothing; redriving sends before it deletes, and loses nothing."""

import itertools
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.payment_processor.payments import content_digest
from operations.dead_letters.queue import DeadLetterQueue, Moved
from operations.dead_letters.redrive_counts import Content
from tests.operations.dead_letters.fake_queues import DEAD, SOURCE, FakeQueues
from tests.operations.payments.records import request

BODY = json.dumps(request(paymentId="payment-NUMBER"))


class Counts:
    """Redrive counts in memory."""

    def __init__(self) -> None:
        self.counts: dict[Content, int] = {}

    def put(self, counts: dict[Content, int]) -> None:
        assert len(counts) <= 25
        self.counts |= counts


class Failing:
    """A client of which one operation fails, every time."""

    def __init__(self, client: Any, operation: str) -> None:
        self._client, self._operation = client, operation

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._client, name)

        def fail(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

        return fail


def queue(fake: FakeQueues, counts: Any = None, client: Any = None) -> DeadLetterQueue:
    counts = Counts() if counts is None else counts
    return DeadLetterQueue(client or fake, DEAD, SOURCE, counts, wait_seconds=0, clock=fake.clock)


def read(fake: FakeQueues, time_limit: float = float("inf")) -> tuple[list[str], bool]:
    with queue(fake).reading(time_limit) as current:
        found = [message["MessageId"] for page in current.pages() for message in page]
        return found, current.complete


def visible(fake: FakeQueues, url: str = DEAD) -> int:
    return sum(message.shown_at <= fake.now for message in fake.queues[url].values())


@pytest.mark.parametrize("count", [0, 1, 10, 25, 150])
def test_reading_sees_every_letter_once_and_leaves_it(count: int) -> None:
    fake = FakeQueues()
    parked = fake.park(count)
    found, complete = read(fake)
    assert (sorted(found), complete) == (sorted(parked), True)
    assert visible(fake) == count


def test_a_pass_that_outlives_the_hiding_time_still_sees_every_letter_once() -> None:
    """Each receive takes 45 s: the first letters would show again after 14 of 30 receives."""
    fake = FakeQueues(seconds=45)
    parked = fake.park(300)
    found, complete = read(fake)
    assert (sorted(found), complete) == (sorted(parked), True)
    assert {message.receives for message in fake.queues[DEAD].values()} == {1}
    assert visible(fake) == 300


def test_an_empty_page_by_chance_does_not_end_a_pass_and_several_do() -> None:
    fake = FakeQueues()
    parked = fake.park(50)
    fake.empty_pages = itertools.cycle([False, True, True])
    assert sorted(read(fake)[0]) == sorted(parked)
    fake.empty_pages = itertools.chain([False, True, True, True], itertools.repeat(False))
    found, complete = read(fake)
    assert (len(found), complete) == (10, False), "there are 40 more, and it is not called complete"


def test_a_pass_ends_in_time_and_is_not_called_complete() -> None:
    fake = FakeQueues(seconds=1)
    fake.park(100)
    found, complete = read(fake, time_limit=5)
    assert (len(found), complete) == (50, False)
    assert visible(fake) == 100


def test_letters_that_another_reader_holds_make_a_pass_incomplete() -> None:
    fake = FakeQueues()
    fake.park(20)
    fake.receive_message(QueueUrl=DEAD, MaxNumberOfMessages=7, VisibilityTimeout=10_000)
    found, complete = read(fake)
    assert (len(found), complete) == (13, False)


def test_reaching_the_limit_of_hidden_messages_ends_a_pass_incomplete() -> None:
    class Limited(FakeQueues):
        def receive_message(self, **call: Any) -> Any:
            if len(self.calls) >= 3:
                raise ClientError({"Error": {"Code": "OverLimit", "Message": "no"}}, "ReceiveMessage")
            return super().receive_message(**call)

    fake = Limited()
    fake.park(100)
    found, complete = read(fake)
    assert (len(found), complete) == (30, False)


def test_a_redrive_moves_what_was_named_in_batches_and_leaves_the_rest() -> None:
    fake, heard = FakeQueues(), list[Moved]()
    parked = fake.park(250, BODY)
    chosen = dict.fromkeys(parked[:200], 0)
    redriven = queue(fake).redrive(chosen, heard.append)
    assert redriven.complete
    assert sorted(each.message_id for each in redriven.moved) == sorted(chosen)
    assert list(redriven.moved) == heard
    assert not [each for each in heard if each.problem or not each.new_message_id]
    assert (len(fake.queues[SOURCE]), len(fake.queues[DEAD]), visible(fake)) == (200, 50, 50)
    assert fake.calls.count("send") == fake.calls.count("delete") == 20


def test_a_redrive_that_outlives_the_hiding_time_moves_everything_and_calls_nothing_gone() -> None:
    fake = FakeQueues(seconds=60)
    parked = fake.park(150, BODY)
    redriven = queue(fake).redrive(dict.fromkeys(parked, 0))
    assert not [each for each in redriven.moved if each.problem]
    assert len(fake.queues[SOURCE]) == 150


def test_a_redrive_that_ends_early_says_so_and_goes_on_when_it_is_run_again() -> None:
    fake = FakeQueues(seconds=1)
    chosen = dict.fromkeys(fake.park(100, BODY), 0)
    first = queue(fake).redrive(chosen, time_limit=4)
    left = [each.message_id for each in first.moved if each.problem]
    assert (first.complete, len(left)) == (False, 60)
    assert {each.problem for each in first.moved if each.problem} == {"not reached: run the redrive again"}
    second = queue(fake).redrive(dict.fromkeys(left, 0))
    assert (second.complete, len(second.moved)) == (True, 60)
    assert (len(fake.queues[SOURCE]), len(fake.queues[DEAD])) == (100, 0)


def test_a_letter_with_ten_attributes_keeps_them_all() -> None:
    fake = FakeQueues()
    attributes = {f"a{n}": {"DataType": "String", "StringValue": str(n)} for n in range(10)}
    (parked,) = fake.park(1, BODY, **attributes)
    (moved,) = queue(fake).redrive({parked: 0}).moved
    assert moved.problem is None
    (arrived,) = fake.queues[SOURCE].values()
    assert arrived.attributes == attributes


def test_redrives_are_counted_by_payment_and_content_and_not_in_the_message() -> None:
    fake, counts = FakeQueues(), Counts()
    forged = {"Redrives": {"DataType": "Number", "StringValue": "999"}}
    (parked,) = fake.park(1, BODY, **forged)
    queue(fake, counts).redrive({parked: 3})
    digest = content_digest(request(paymentId="payment-000000"))
    assert counts.counts == {("payment-000000", digest): 4}
    (arrived,) = fake.queues[SOURCE].values()
    assert arrived.attributes == forged


def test_letters_that_are_too_large_for_one_call_go_in_several() -> None:
    fake = FakeQueues()
    parked = fake.park(10, BODY.replace("Jane", "J" * 60_000))
    redriven = queue(fake).redrive(dict.fromkeys(parked, 0))
    assert not [each for each in redriven.moved if each.problem]
    assert fake.calls.count("send") == 3


def test_a_failed_direct_invocation_goes_back_as_a_request() -> None:
    fake = FakeQueues()
    text = json.dumps(request())
    (parked,) = fake.park(1, json.dumps(text))
    queue(fake).redrive({parked: 0})
    assert [message.body for message in fake.queues[SOURCE].values()] == [text]


def test_a_letter_that_is_gone_meanwhile_is_reported() -> None:
    (moved,) = queue(FakeQueues()).redrive({"gone": 0}).moved
    assert moved == Moved(message_id="gone", problem="no longer in the queue")


@pytest.mark.parametrize(
    ("operation", "problem", "in_source"),
    [("send_message_batch", "not sent: ", 0), ("delete_message_batch", "sent, but not deleted here: ", 5)],
)
def test_letters_that_do_not_move_stay(operation: str, problem: str, in_source: int) -> None:
    fake = FakeQueues()
    parked = fake.park(5, BODY)
    redriven = queue(fake, client=Failing(fake, operation)).redrive(dict.fromkeys(parked, 0))
    assert all((each.problem or "").startswith(problem) for each in redriven.moved)
    assert (len(fake.queues[SOURCE]), len(fake.queues[DEAD]), visible(fake)) == (in_source, 5, 5)


@pytest.mark.parametrize(("step", "in_source"), [("send", 4), ("delete", 5)])
def test_one_refused_entry_of_a_batch_stays_alone(step: str, in_source: int) -> None:
    fake = FakeQueues()
    fake.fail_entries = {step}
    redriven = queue(fake).redrive(dict.fromkeys(fake.park(5, BODY), 0))
    assert [bool(each.problem) for each in redriven.moved] == [True, False, False, False, False]
    assert (len(fake.queues[SOURCE]), len(fake.queues[DEAD])) == (in_source, 1)


def test_what_was_received_is_shown_again_after_an_interruption() -> None:
    fake = FakeQueues()
    fake.park(25, BODY)

    def interrupt(_: Moved) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue(fake).redrive(dict.fromkeys(fake.queues[DEAD], 0), interrupt)
    assert visible(fake) == len(fake.queues[DEAD])


def test_a_hundred_thousand_letters_move_in_one_run() -> None:
    fake = FakeQueues(seconds=0.02)
    parked = fake.park(100_000, BODY)
    began = time.monotonic()
    redriven = queue(fake).redrive(dict.fromkeys(parked, 0))
    assert redriven.complete
    assert sum(each.problem is None for each in redriven.moved) == 100_000
    assert not fake.queues[DEAD]
    assert time.monotonic() - began < 60
