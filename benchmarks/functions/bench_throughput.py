"""Throughput and queueing delay as concurrency grows: 1, 10, 100 workers, as in dev, staging and prod.

How long a batch of each size takes is measured on the function's own code, with every AWS call taking some
milliseconds; what becomes of arriving payments then is simulated, event by event: payments arrive at random
(Poisson), wait, and are taken up to ten at a time by the next worker that is free. A hundred workers on one
machine would measure that machine.
"""

import argparse
import heapq
import json
import random
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from benchmarks.functions.bench_batch import BATCH, Aws, messages, seconds_of

WORKERS = (1, 10, 100)
LOADS = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Shares of the greatest throughput."""
BAR = 40


@dataclass(frozen=True, kw_only=True)
class Point:
    """What payments meet at one load. Delays, in milliseconds, are those before a worker takes a payment."""

    workers: int
    load: float
    payments_per_second: float
    mean_delay_ms: float
    p99_delay_ms: float


def batch_seconds(milliseconds: float, rounds: int) -> list[float]:
    """Median time of a batch of 1, 2, … payments."""
    aws = Aws(milliseconds / 1000)
    with ThreadPoolExecutor(BATCH) as pool:
        seconds_of(aws, pool, [messages(BATCH)])
        return [
            statistics.median(seconds_of(aws, pool, [messages(size)]) for _ in range(rounds))
            for size in range(1, BATCH + 1)
        ]


def delays(workers: int, rate: float, seconds: Sequence[float], payments: int, seed: int = 1) -> list[float]:
    """How long each payment waits, in seconds. `seconds` are those of a batch of 1, 2, … payments."""
    chosen = random.Random(seed)  # noqa: S311 # repeatable, not secret
    arrivals, clock = list[float](), 0.0
    for _ in range(payments):
        clock += chosen.expovariate(rate)
        arrivals.append(clock)
    free = [0.0] * workers
    waited = list[float]()
    while len(waited) < payments:
        began = max(free[0], arrivals[len(waited)])
        batch = 1
        while batch < len(seconds) and len(waited) + batch < payments:
            if arrivals[len(waited) + batch] > began:
                break
            batch += 1
        waited += [began - arrival for arrival in arrivals[len(waited) : len(waited) + batch]]
        heapq.heapreplace(free, began + seconds[batch - 1])
    return waited


def point(workers: int, load: float, seconds: Sequence[float], payments: int) -> Point:
    """What payments meet where so many arrive as is this share of the greatest throughput."""
    rate = load * throughput(workers, seconds)
    waited = sorted(delays(workers, rate, seconds, payments))
    return Point(
        workers=workers,
        load=load,
        payments_per_second=round(rate),
        mean_delay_ms=round(statistics.fmean(waited) * 1000, 1),
        p99_delay_ms=round(waited[int(len(waited) * 0.99)] * 1000, 1),
    )


def throughput(workers: int, seconds: Sequence[float]) -> float:
    """Payments per second where all workers are busy with full batches."""
    return workers * len(seconds) / seconds[-1]


def plot(points: Sequence[Point]) -> str:
    """A bar for the mean delay at each load, one panel a number of workers."""
    longest = max(each.mean_delay_ms for each in points) or 1
    lines = []
    for workers in dict.fromkeys(each.workers for each in points):
        lines.append(f"{workers} worker{'s' if workers > 1 else ''}: mean queueing delay by load")
        for each in points:
            if each.workers == workers:
                bar = "#" * max(1, round(BAR * each.mean_delay_ms / longest)) if each.mean_delay_ms else ""
                lines.append(
                    f"  {each.load:4.0%} {each.payments_per_second:7.0f}/s |{bar:<{BAR}} "
                    f"{each.mean_delay_ms:7.1f} ms, p99 {each.p99_delay_ms:7.1f} ms"
                )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure, simulate and print; 1 where throughput does not grow with the workers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--milliseconds", type=float, default=5.0, help="of every AWS call")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--payments", type=int, default=50_000, help="to simulate at each load")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    seconds = batch_seconds(options.milliseconds, options.rounds)
    points = [point(workers, load, seconds, options.payments) for workers in WORKERS for load in LOADS]
    # What the simulation itself gets through where more arrives than can be processed.
    greatest = {workers: options.payments / _last(workers, seconds, options.payments) for workers in WORKERS}
    if options.json:
        print(
            json.dumps(
                {
                    "batch_ms": [round(each * 1000, 2) for each in seconds],
                    "payments_per_second": {workers: round(rate) for workers, rate in greatest.items()},
                    "points": [asdict(each) for each in points],
                }
            )
        )
    else:
        print(f"batch of 1: {seconds[0] * 1000:.1f} ms, of {BATCH}: {seconds[-1] * 1000:.1f} ms (measured)")
        for workers, rate in greatest.items():
            print(f"{workers:4} workers process {rate:7.0f} payments per second at most (simulated)")
        print(plot(points))
    return 0 if all(greatest[workers] >= 0.9 * workers * greatest[1] for workers in WORKERS) else 1


def _last(workers: int, seconds: Sequence[float], payments: int) -> float:
    """When the last of `payments` is taken that are all there from the start."""
    return max(delays(workers, 1e9, seconds, payments)) + seconds[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
