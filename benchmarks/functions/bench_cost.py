"""What a million payments cost in each environment, from what the function's own handler does with a batch.

The handler runs on botocore's real clients; AWS's answers come after some milliseconds from this process.
What is counted (calls, write units, bytes) is the same everywhere; the processor time is this machine's.
The tables of docs/costs.md are the output of `--markdown`, from the figures that `--record` writes.
"""

import argparse
import contextlib
import io
import json
import math
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse

from benchmarks.functions.cost_model import PRICES_AS_OF, Measured, Place, billed_ms, cost
from components.environment import LADDER
from components.stack_files import read_project
from operations.workspace import project_directory
from tests.functions.payment_processor.builders import Context, batch, load_handler, request

FIGURES = Path(__file__).with_name("cost_figures.json")
CALLS_IN_A_ROW = 3
"""Record, publish, mark: those of different payments run side by side."""


class Aws:
    """Answers every call of two clients after some time, and notes what was asked."""

    def __init__(self, seconds: float, *clients: Any) -> None:
        self.seconds = seconds
        self.transactions: list[Any] = []
        self.publishes = 0
        for client in clients:
            client.meta.events.register("before-send", self._answer)
            client.meta.events.register("provide-client-params", self._note)

    def _note(self, params: Any, model: Any, **_: object) -> None:
        if model.name == "TransactWriteItems":
            self.transactions.append(params["TransactItems"])
        else:
            self.publishes += 1
            self.entries = [entry["Id"] for entry in params["PublishBatchRequestEntries"]]

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        time.sleep(self.seconds)
        if "dynamodb" in request.url:
            return _response("{}", "application/x-amz-json-1.0")
        sent = "".join(f"<member><Id>{name}</Id><MessageId>m</MessageId></member>" for name in self.entries)
        result = f"<PublishBatchResult><Successful>{sent}</Successful><Failed/></PublishBatchResult>"
        return _response(f"<PublishBatchResponse>{result}</PublishBatchResponse>", "text/xml")


def _response(text: str, content_type: str) -> AWSResponse:
    class Raw(io.BytesIO):
        def stream(self, **_: object) -> list[bytes]:
            return [self.getvalue()]

    return AWSResponse("https://aws", 200, {"Content-Type": content_type}, Raw(text.encode()))


def measure(size: int, milliseconds: float, rounds: int) -> Measured:
    """What the handler does with a batch of new payments."""
    handler = load_handler()
    worker = handler._worker
    aws = Aws(milliseconds / 1000, worker._ledger._client, worker._notifier._client)
    events = [
        batch(
            *(
                request(paymentId=f"payment-{number:04}-{index:04}", amount=10_000 + number * size + index)
                for index in range(size)
            )
        )
        for number in range(rounds + 1)
    ]
    logged, processor = io.StringIO(), list[float]()
    handler._logger.handlers[0].setStream(logged)
    with contextlib.redirect_stdout(logged):
        handler.handler(events[0], Context())  # makes threads and connections
        aws.transactions, aws.publishes = [], 0
        logged.seek(0)
        logged.truncate()
        for event in events[1:]:
            began = time.process_time()
            assert handler.handler(event, Context()) == {"batchItemFailures": []}
            processor.append(time.process_time() - began)
    written = [_bytes(item) for transaction in aws.transactions for item in _items(transaction)]
    stored: dict[tuple[str, str], int] = {}
    for item in (item for transaction in aws.transactions for item in _items(transaction)):
        stored[_key(item)] = max(stored.get(_key(item), 0), _bytes(item))
    return Measured(
        payments=size,
        transactions=len(aws.transactions) // rounds,
        publishes=aws.publishes // rounds,
        write_units=(
            sum(2 * math.ceil(each / 1024) for each in written)
            + sum(map(_index_units, (operation for each in aws.transactions for operation in each)))
        )
        // rounds,
        stored_bytes=sum(stored.values()) // rounds,
        logged_bytes=len(logged.getvalue().encode()) // rounds,
        waiting_ms=CALLS_IN_A_ROW * milliseconds,
        processor_ms=round(statistics.median(processor) * 1000, 2),
    )


def _items(transaction: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is written, as far as the request tells: an update's item is the payment that was put before."""
    return [body.get("Item") or body["Key"] for operation in transaction for body in operation.values()]


def _index_units(operation: Mapping[str, Any]) -> int:
    """Write units of the index: an entry for a new payment; one removed and one added as its state moves.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations
    """
    (body,) = operation.values()
    if ":indexState" in body.get("ExpressionAttributeValues", {}):
        return 2
    return int("indexState" in body.get("Item", {}))


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _bytes(item: Mapping[str, Any]) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html."""
    return sum(len(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 2
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in value)
        case "M":
            return 3 + sum(1 + len(name) + _value_bytes(each) for name, each in value.items())
    return 1


def places() -> list[Place]:
    """The environments, as their stack files have them."""
    files = read_project(project_directory("payments"))
    return [
        Place(
            environment=name,
            region=str(files[name]["payments:region"]),
            memory_mb=int(files[name]["payments:memoryMb"]),
            point_in_time_recovery=str(files[name]["payments:pointInTimeRecovery"]).lower() == "true",
        )
        for name in LADDER
    ]


def markdown(measured: Mapping[str, Measured]) -> str:
    """The tables of docs/costs.md."""
    return "\n\n".join([_use(measured), *(_costs(each) for each in measured.values())]) + "\n"


def _use(measured: Mapping[str, Measured]) -> str:
    full, single = measured["full"], measured["single"]
    rows = {
        "AWS calls per payment": [
            f"{(m.transactions + m.publishes) / m.payments:.1f}" for m in (full, single)
        ],
        "DynamoDB write units per payment": [f"{m.write_units / m.payments:.0f}" for m in (full, single)],
        "bytes stored a payment": [f"{m.stored_bytes / m.payments:.0f}" for m in (full, single)],
        "bytes logged a payment": [f"{m.logged_bytes / m.payments:.0f}" for m in (full, single)],
        "waiting for AWS, ms a batch": [f"{m.waiting_ms:.0f}" for m in (full, single)],
        "computing on a whole core, ms a batch": [f"{m.processor_ms:.1f}" for m in (full, single)],
        **{
            f"billed in {place.environment}, ms a batch": [
                f"{billed_ms(m, place.memory_mb):.0f}" for m in (full, single)
            ]
            for place in places()
        },
    }
    return _table(["measured", f"batches of {full.payments}", f"batches of {single.payments}"], rows)


def _costs(measured: Measured) -> str:
    costs = {place.environment: cost(measured, place) for place in places()}
    names = list(next(iter(costs.values())))
    rows = {name: [f"{costs[each][name]:.2f}" for each in costs] for name in names}
    rows["**in all**"] = [f"**{sum(each.values()):.2f}**" for each in costs.values()]
    title = f"US dollars a million, batches of {measured.payments}, prices of {PRICES_AS_OF}"
    return _table([title, *costs], rows)


def _table(heading: list[str], rows: Mapping[str, list[str]]) -> str:
    rule = ["---", *("--:" for _ in heading[1:])]
    lines = [heading, rule, *([name, *cells] for name, cells in rows.items())]
    return "\n".join(
        f"| {' | '.join(line)} |" if line is not rule else f"|{'|'.join(line)}|" for line in lines
    )


def recorded() -> dict[str, Measured]:
    """The figures that docs/costs.md is made of."""
    return {name: Measured(**each) for name, each in json.loads(FIGURES.read_text(encoding="utf-8")).items()}


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--milliseconds", type=float, default=5.0, help="of every AWS call")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--record", action="store_true", help=f"write the figures to {FIGURES.name}, too")
    parser.add_argument("--markdown", action="store_true", help="print the tables of the recorded figures")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if options.markdown:
        print(markdown(recorded()), end="")
        return 0
    measured = {
        "full": measure(10, options.milliseconds, options.rounds),
        "single": measure(1, options.milliseconds, options.rounds),
    }
    if options.record:
        data = {name: asdict(each) for name, each in measured.items()}
        FIGURES.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    if options.json:
        costs = {
            name: {place.environment: cost(each, place) for place in places()}
            for name, each in measured.items()
        }
        print(json.dumps({"measured": {k: asdict(v) for k, v in measured.items()}, "dollars": costs}))
    else:
        print(markdown(measured), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
