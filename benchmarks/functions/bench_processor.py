"""Processor time of the handler per payment, against bare boto3 making exactly the same calls.

Both run on botocore's real clients in this process; answers come at once and without a network. The handler
and its peer take turns, and the median of each is compared.
"""

import argparse
import contextlib
import copy
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config

from benchmarks.functions.bench_cost import Aws
from tests.functions.payment_processor.builders import Context, batch, load_handler, request

BATCH = 10
TARGET_RATIO = 1.1
TARGET_MILLISECONDS = 2.0
"""Per payment. Depends on the machine; the ratio does not."""


def event(number: int) -> dict[str, Any]:
    """Return a batch of payments that no other number has."""
    return batch(
        *(
            request(paymentId=f"payment-{number:04}-{index:04}", amount=10_000 + number * BATCH + index)
            for index in range(BATCH)
        )
    )


def measure(rounds: int) -> dict[str, float]:
    """Return milliseconds per payment of the handler and of its peer, and their ratio."""
    handler = load_handler()
    worker = handler._worker
    clients = (worker._ledger._client, worker._notifier._client)
    Aws(0.0, *clients)
    calls: list[tuple[str, dict[str, Any]]] = []

    def note(params: Any, model: Any, **_: object) -> None:
        calls.append((model.name, copy.deepcopy(params)))

    log = io.StringIO()
    handler._logger.handlers[0].setStream(log)
    with contextlib.redirect_stdout(log):
        handler.handler(event(0), Context())  # creates threads and connections
        for client in clients:
            client.meta.events.register("provide-client-params", note)
        handler.handler(event(1), Context())
        for client in clients:
            client.meta.events.unregister("provide-client-params", note)
    peer = _peer(calls)
    peer()
    times: dict[str, list[float]] = {"handler": [], "peer": []}
    for number in range(2, rounds + 2):
        payments = event(number)
        with contextlib.redirect_stdout(log):
            times["handler"].append(_processor_time(lambda: handler.handler(payments, Context())))  # noqa: B023
        times["peer"].append(_processor_time(peer))
    milliseconds = {name: statistics.median(each) * 1000 / BATCH for name, each in times.items()}
    return {
        "handler_ms": round(milliseconds["handler"], 2),
        "peer_ms": round(milliseconds["peer"], 2),
        "ratio": round(milliseconds["handler"] / milliseconds["peer"], 3),
        "target_ratio": TARGET_RATIO,
        "target_ms": TARGET_MILLISECONDS,
    }


def _peer(calls: list[tuple[str, dict[str, Any]]]) -> Callable[[], None]:
    """Return a function that makes the recorded calls as the handler does: writes side by side."""
    dynamodb, sns = boto3.client("dynamodb", config=Config(max_pool_connections=BATCH)), boto3.client("sns")
    Aws(0.0, dynamodb, sns)
    pool = ThreadPoolExecutor(BATCH)
    writes = [params for name, params in calls if name == "TransactWriteItems"]
    publishes = [params for name, params in calls if name == "PublishBatch"]

    def run() -> None:
        list(pool.map(lambda params: dynamodb.transact_write_items(**params), writes[:BATCH]))
        for params in publishes:
            sns.publish_batch(**params)
        list(pool.map(lambda params: dynamodb.transact_write_items(**params), writes[BATCH:]))

    return run


def _processor_time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where the ratio is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="batches of ten")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"
    }.items():  # fmt: skip
        os.environ[name] = value
    measured = measure(options.rounds)
    if options.json:
        print(json.dumps(measured))
    else:
        print(f"processor time per payment, batches of {BATCH}, median of {options.rounds}:")
        print(f"  boto3, the same calls  {measured['peer_ms']:.2f} ms")
        print(f"  the handler            {measured['handler_ms']:.2f} ms (target {TARGET_MILLISECONDS})")
        print(f"  ratio                  x {measured['ratio']:.2f} (target {TARGET_RATIO})")
    return 0 if measured["ratio"] <= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
