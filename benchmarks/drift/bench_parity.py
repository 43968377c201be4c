"""Parity of two synthetic states of 100, 1,000 and 10,000 resources a side: from text to differences.

The states are queues and keys, written as the engine writes them, with identifiers that differ as they do
between two accounts. One resource in a hundred differs otherwise. Beside it, in the same run and in processor
time: the time to parse both files, and DeepDiff over the whole states, as one would use it without knowing
what belongs together. With its defaults it is quick and of no use: where most differs it pairs nothing, and
calls every resource added and removed. Told to pair what is alike, it does what is asked of it, and against
that the target of 100 times is held. Against its defaults parity is 14 times as fast; 100 is out of reach
there, since to parse the two files alone takes a sixtieth of what DeepDiff takes.
"""

import argparse
import itertools
import json
import math
import multiprocessing
import resource
import sys
import time
import tracemalloc
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deepdiff import DeepDiff

from operations.drift.canonical import Identity, canonical_pair
from operations.drift.collection import paused_collection
from operations.drift.export import read_export
from operations.drift.stack_differences import stack_differences
from operations.engine.failure import StackName

SIZES = (100, 1_000, 10_000)
PEER_SIZE = 1_000
MOST_GROWTH = 12.0
"""Of the time, when there are ten times the resources; or as much as parsing grows, which is linear but for
what the processor's caches no longer hold.
"""
LEAST_SPEED_UP = 100.0
MOST_PARSES = 5.0
SIDES = (
    Identity(environment="staging", account="222222222222", region="us-west-2", suffix="acme"),
    Identity(environment="prod", account="333333333333", region="eu-west-1", suffix="acme"),
)


def state(size: int, side: Identity, *, different: bool) -> dict[str, Any]:
    """An export of that many resources, a key for every hundred."""
    made = [
        _key(number, side) if number % 100 == 1 else _queue(number, side, different and number % 100 == 0)
        for number in range(size)
    ]
    return {"version": 3, "deployment": {"resources": made}}


def _queue(number: int, side: Identity, different: bool) -> dict[str, Any]:
    name = f"queue-{number}-{side.environment}-{side.suffix}"
    arn = f"arn:aws:sqs:{side.region}:{side.account}:{name}"
    key = number // 100 * 100 + 1
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*", "Resource": arn}]}
    inputs = {
        "__defaults": ["delaySeconds", "fifoQueue"],
        "delaySeconds": 0,
        "fifoQueue": False,
        "kmsMasterKeyId": f"arn:aws:kms:{side.region}:{side.account}:key/{_key_id(key, side)}",
        "messageRetentionSeconds": 1_209_600,
        "name": name,
        "policy": json.dumps(policy),
        "tagsAll": {"Environment": side.environment, "ManagedBy": "pulumi", "Project": "payments"},
        "visibilityTimeoutSeconds": 182 if different else 181,
    }
    url = f"https://sqs.{side.region}.amazonaws.com/{side.account}/{name}"
    seen = {"arn": arn, "id": url, "url": url, "maxMessageSize": 1_048_576, "sqsManagedSseEnabled": False}
    return _exported(
        "aws:sqs/queue:Queue", f"queue-{number}", url, inputs, seen, side, [_urn_of_key(key, side)]
    )


def _key(number: int, side: Identity) -> dict[str, Any]:
    own = _key_id(number, side)
    seen = {"arn": f"arn:aws:kms:{side.region}:{side.account}:key/{own}", "id": own, "keyId": own}
    inputs = {"deletionWindowInDays": 30, "enableKeyRotation": True}
    return _exported("aws:kms/key:Key", f"key-{number}", own, inputs, seen, side, [])


def _key_id(number: int, side: Identity) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{side.account}/{number}"))


def _urn_of_key(number: int, side: Identity) -> str:
    return f"urn:pulumi:{side.environment}::payments::aws:kms/key:Key::key-{number}"


def _exported(
    type_: str,
    name: str,
    own: str,
    inputs: dict[str, Any],
    seen: dict[str, Any],
    side: Identity,
    dependencies: list[str],
) -> dict[str, Any]:
    start = f"urn:pulumi:{side.environment}::payments"
    return {
        "urn": f"{start}::{type_}::{name}",
        "custom": True,
        "id": own,
        "type": type_,
        "inputs": inputs,
        "outputs": {**{key: value for key, value in inputs.items() if key != "__defaults"}, **seen},
        "parent": f"{start}::pulumi:pulumi:Stack::payments-{side.environment}",
        "dependencies": dependencies,
        "provider": f"{start}::pulumi:providers:aws::aws::{uuid.uuid5(uuid.NAMESPACE_URL, side.account)}",
        "propertyDependencies": {key: dependencies for key in inputs if key != "__defaults"},
        "created": "2026-11-24T22:20:23.754283961Z",
        "modified": "2026-11-24T22:20:23.754283961Z",
    }


def written(size: int, folder: Path) -> list[Path]:
    """The two files."""
    paths = [folder / f"{side.environment}.json" for side in SIDES]
    for path, side in zip(paths, SIDES, strict=True):
        path.write_text(json.dumps(state(size, side, different=side is SIDES[1])), encoding="utf-8")
    return paths


def parity(paths: list[Path]) -> tuple[float, float, int]:
    """Seconds to parse both, seconds for all of it, and the number of differences."""
    began = time.process_time()
    with paused_collection():
        documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        parsed = time.process_time() - began
        baseline, target = (
            read_export(document, StackName(project="payments", environment=side.environment))
            for document, side in zip(documents, SIDES, strict=True)
        )
        canonical = canonical_pair(baseline, target, SIDES)
        found = sum(1 for _ in stack_differences((baseline, target), canonical))
    return parsed, time.process_time() - began, found


def whole_states(size: int, limit: int, *, pairing: bool) -> float:
    """Seconds that DeepDiff takes, or infinity where it takes more than `limit`."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=_whole_states, args=(size, limit, pairing, theirs))
    child.start()
    theirs.close()
    try:
        return float(ours.recv())
    except EOFError:  # the kernel ended it
        return math.inf
    finally:
        child.join()


def _whole_states(size: int, limit: int, pairing: bool, answer: Any) -> None:
    baseline, target = (state(size, side, different=side is SIDES[1]) for side in SIDES)
    pair: dict[str, Any] = {"cutoff_distance_for_pairs": 1, "cutoff_intersection_for_pairs": 1}
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(began) + limit, math.ceil(began) + limit))
    DeepDiff(baseline, target, ignore_order=True, **(pair if pairing else {}))
    answer.send(time.process_time() - began)


def measured(rounds: int, folder: Path) -> dict[str, Any]:
    """All figures; of several rounds the quickest."""
    sizes: dict[int, dict[str, float]] = {}
    for size in reversed(SIZES):  # the largest first: the memory that it takes is there for all then
        paths = written(size, folder)
        done = [parity(paths) for _ in range(rounds)]
        if {found for _, _, found in done} != {size // 100}:
            raise AssertionError(f"of {size // 100} differences it found {done[0][2]}")
        sizes[size] = {"parsing": min(each[0] for each in done), "seconds": min(each[1] for each in done)}
    paths = written(SIZES[-1], folder)
    tracemalloc.start()
    parity(paths)
    megabytes = round(tracemalloc.get_traced_memory()[1] / 1e6)
    tracemalloc.stop()
    peers = {}
    for name, pairing in (("defaults", False), ("pairing", True)):
        limit = math.ceil(LEAST_SPEED_UP * sizes[PEER_SIZE]["seconds"]) + 1
        took = whole_states(PEER_SIZE, limit, pairing=pairing)
        peers[name] = {
            "seconds": None if took == math.inf else took,
            "times_slower_at_least": min(took, limit) / sizes[PEER_SIZE]["seconds"],
        }
    growth = {
        what: max(sizes[more][what] / sizes[size][what] for size, more in itertools.pairwise(SIZES))
        for what in ("seconds", "parsing")
    }
    return {
        "sizes": sizes,
        "growth": growth["seconds"],
        "growth_of_parsing": growth["parsing"],
        "times_the_parsing": sizes[SIZES[-1]]["seconds"] / sizes[SIZES[-1]]["parsing"],
        "megabytes_at_the_largest": megabytes,
        "deepdiff": peers,
    }


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="times that each size is done; the least counts"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        figures = measured(options.rounds, Path(folder))
    peer = figures["deepdiff"]["pairing"]["times_slower_at_least"]
    if options.json:
        print(json.dumps(figures))
    else:
        for size, each in sorted(figures["sizes"].items()):
            print(
                f"{size:6} resources a side: {each['seconds']:.4f} s, parsing {each['parsing']:.4f} s of it"
            )
        print(
            f"ten times the resources take x {figures['growth']:.1f} the time (target {MOST_GROWTH:.0f};",
            end=" ",
        )
        print(f"parsing alone x {figures['growth_of_parsing']:.1f})")
        print(f"at {SIZES[-1]}: x {figures['times_the_parsing']:.1f} the parsing (target {MOST_PARSES:.0f})")
        print(f"{figures['megabytes_at_the_largest']} MB at the peak, both files parsed")
        for name, each in figures["deepdiff"].items():
            took = "not done; more than" if each["seconds"] is None else f"{each['seconds']:.1f} s,"
            print(f"DeepDiff over whole states of {PEER_SIZE}, {name}: {took}", end=" ")
            print(f"x {each['times_slower_at_least']:.0f} (target {LEAST_SPEED_UP:.0f} when pairing)")
    linear = figures["growth"] <= max(MOST_GROWTH, figures["growth_of_parsing"])
    met = linear and figures["times_the_parsing"] <= MOST_PARSES
    return 0 if met and peer >= LEAST_SPEED_UP else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
