"""What a batch costs: AWS calls per payment, and the time of a batch beside the same payments one at a time.

The function's own code runs against a table and a topic in memory whose every call takes some milliseconds.
Both ways are timed in turn, in one run; counted is the median of all rounds.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from functions.payment_processor.ledger import Ledger
from functions.payment_processor.notifications import Notifier
from functions.payment_processor.worker import Message, Worker
from tests.functions.payment_processor.builders import request
from tests.functions.payment_processor.fakes import FakeTable, FakeTopic

BATCH = 10
"""The event source mapping's batch size."""
MOST_CALLS = 2.1
"""A payment: two transactions, and a tenth of a PublishBatch."""
TARGET_RATIO = 0.35
LIMITS = {"EUR": 1_000_000}


@dataclass
class Aws:
    """A table and a topic that take `seconds` for every call, and count them."""

    seconds: float
    calls: Counter[str] = field(default_factory=Counter)

    def gate(self, operation: str, effect: Callable[[], Any]) -> Any:
        """A call on its way there and back."""
        self.calls[operation] += 1
        time.sleep(self.seconds)
        return effect()

    def worker(self, pool: ThreadPoolExecutor) -> Worker:
        """The function's worker on fresh storage."""
        ledger = Ledger(FakeTable().client(self.gate), "payments-table")
        return Worker(ledger, Notifier(FakeTopic(self.gate), "arn:topic"), LIMITS, pool)


def messages(count: int) -> list[Message]:
    """So many new payments."""
    bodies = (request(paymentId=f"payment-{number:04}") for number in range(count))
    return [
        Message(body=json.dumps(body), message_id=f"message-{number}", request_id="request")
        for number, body in enumerate(bodies)
    ]


def seconds_of(aws: Aws, pool: ThreadPoolExecutor, batches: list[list[Message]]) -> float:
    """How long it takes to process the batches, one after the other."""
    worker = aws.worker(pool)
    began = time.perf_counter()
    for batch in batches:
        outcomes = worker.process(batch, lambda: 30.0)
        assert {outcome.result for outcome in outcomes} == {"accepted"}
    return time.perf_counter() - began


def measure(milliseconds: float, rounds: int) -> dict[str, Any]:
    """Calls a payment of full batches, and the median times in milliseconds."""
    aws, sent = Aws(milliseconds / 1000), messages(BATCH)
    singly, together = list[float](), list[float]()
    with ThreadPoolExecutor(BATCH) as pool:
        seconds_of(aws, pool, [sent])  # starts the threads
        for _ in range(rounds):
            singly.append(seconds_of(aws, pool, [[message] for message in sent]))
            together.append(seconds_of(aws, pool, [sent]))
        counted = Aws(0)
        seconds_of(counted, pool, [sent])
    one, batch = statistics.median(singly) * 1000, statistics.median(together) * 1000
    return {
        "calls": dict(counted.calls),
        "calls_per_payment": counted.calls.total() / BATCH,
        "most_calls_per_payment": MOST_CALLS,
        "one_at_a_time_ms": round(one, 1),
        "batch_ms": round(batch, 1),
        "ratio": round(batch / one, 2),
        "target_ratio": TARGET_RATIO,
    }


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--milliseconds", type=float, default=5.0, help="of every AWS call")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    found = measure(options.milliseconds, options.rounds)
    if options.json:
        print(json.dumps(found))
    else:
        print(
            f"{BATCH} payments, {options.milliseconds:g} ms an AWS call, median of {options.rounds} rounds:"
        )
        print(f"  one at a time {found['one_at_a_time_ms']:7.1f} ms")
        print(f"  in one batch  {found['batch_ms']:7.1f} ms  x {found['ratio']:.2f} (target {TARGET_RATIO})")
        print(f"  calls per payment {found['calls_per_payment']:.1f} (target {MOST_CALLS}): {found['calls']}")
    met = found["ratio"] <= TARGET_RATIO and found["calls_per_payment"] <= MOST_CALLS
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
