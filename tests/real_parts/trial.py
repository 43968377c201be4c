"""One trial: payments, workers that are killed, faults, redrives; then what must hold, seen from outside."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from functions.payment_processor.payments import differing_fields
from operations import REPOSITORY
from operations.dead_letters.examine import examine
from operations.dead_letters.letter import Reason
from operations.dead_letters.plan import Selection, plan
from operations.dead_letters.queue import DeadLetterQueue
from operations.dead_letters.redrive_counts import RedriveCounts
from operations.payments.ledger import LedgerReader
from operations.payments.record import PaymentRecord
from tests.functions.payment_processor.builders import ENVIRONMENT, request
from tests.operations.payments.records import table_description
from tests.real_parts.fault_proxy import FaultProxy
from tests.real_parts.parts import Parts
from tests.real_parts.topic import Topic

TABLE = ENVIRONMENT["TABLE_NAME"]
WORKERS = 3
INVOCATION_SECONDS, VISIBILITY_SECONDS, RECEIVES = 6, 3, 5
SHARE_OF_FAULTS = 0.15
SHARE_OF_KILLS = 0.3
"""Of the rounds that follow one another every quarter of a second."""
DRAIN_SECONDS = 30
"""Least time for what is left in the queue; a longer trial gets as long as it disturbed."""
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass(kw_only=True)
class TrialReport:
    """What a trial did and found."""

    seconds: float = 0.0
    payments: int = 0
    messages: int = 0
    kills: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    notifications: int = 0
    redriven: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


def run(parts: Parts, logs: Path, *, seconds: float, seed: int) -> TrialReport:
    """Send and disturb for some seconds, drain, redrive what may succeed, and check."""
    chosen = random.Random(seed)  # noqa: S311 # repeatable, not secret
    report, began = TrialReport(), time.monotonic()
    dynamodb = _client("dynamodb", parts.dynamodb)
    sqs = _client("sqs", parts.sqs)
    dynamodb.create_table(**table_description(TABLE))
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
    queue = sqs.create_queue(
        QueueName="payments",
        Attributes={"RedrivePolicy": policy, "VisibilityTimeout": str(VISIBILITY_SECONDS)},
    )["QueueUrl"]
    sent: dict[str, list[Any]] = {}
    with ExitStack() as stack:
        topic = stack.enter_context(Topic())
        proxies = [
            stack.enter_context(FaultProxy(port, share=SHARE_OF_FAULTS, seed=seed + number))
            for number, port in enumerate((parts.dynamodb, parts.sqs, topic.server_address[1]))
        ]
        workers = Workers(proxies, queue.replace(str(parts.sqs), str(proxies[1].server_address[1])), logs)
        stack.callback(workers.kill_all)
        workers.fill(WORKERS)
        while time.monotonic() - began < seconds:
            _send(sqs, queue, chosen, sent, report)
            if chosen.random() < SHARE_OF_KILLS:
                workers.kill_one(chosen)
                report.kills += 1
                workers.fill(WORKERS)
            time.sleep(0.25)
        for proxy in proxies:
            proxy.share = 0.0
        workers.fill(WORKERS)
        ledger, counts = LedgerReader(dynamodb, TABLE), RedriveCounts(dynamodb, TABLE)
        letters = DeadLetterQueue(sqs, dead, queue, counts, wait_seconds=0)
        deadline = time.monotonic() + max(DRAIN_SECONDS, seconds)
        while time.monotonic() < deadline:
            _await_empty(sqs, queue, deadline)
            found = examine(letters, ledger, counts, most=100_000, most_redrives=1_000)
            going = plan(found.letters, Selection()).redrive
            if not going and found.complete:
                break
            moved = letters.redrive({each.letter.message_id: each.redrives for each in going})
            report.redriven += sum(each.problem is None for each in moved.moved)
        workers.kill_all()
        report.faults = dict(sum((proxy.injected for proxy in proxies), Counter[str]()))
        report.dead_letters = dict(Counter(str(each.reason) for each in found.letters))
        records = {record.payment["paymentId"]: record for record in ledger.scan()}
        published = list(topic.messages)
    report.notifications, report.payments = len(published), len(sent)
    report.violations = list(violations(sent, records, published))
    waiting = set(report.dead_letters) - {Reason.CONFLICT}
    report.violations += [f"a letter that is {reason} was left" for reason in sorted(waiting)]
    report.violations += [f"{_depth(sqs, queue)} message(s) were left in the queue"] * bool(
        _depth(sqs, queue)
    )
    report.seconds = time.monotonic() - began
    return report


def violations(
    sent: dict[str, list[Any]], records: dict[str, PaymentRecord], published: Sequence[dict[str, Any]]
) -> Iterator[str]:
    """Yield what may not be: lost, doubled, changed, contradictory or unnotified payments."""
    notified: dict[str, set[str]] = {}
    for message in published:
        notified.setdefault(message["paymentId"], set()).add(json.dumps(message, sort_keys=True))
    for name in records.keys() - sent.keys():
        yield f"{name} is stored, and nobody sent it"
    for name, contents in sent.items():
        record = records.get(name)
        if record is None:
            yield f"{name} was lost"
            continue
        events = [entry["event"] for entry in record.trail]
        yield from (f"{name}: {problem}" for problem in record.problems)
        if not any(differing_fields(record.payment, content) == [] for content in contents):
            yield f"{name} is stored with content that nobody sent"
        if events.count("NOTIFIED") != 1 or record.payment["state"] != "NOTIFIED":
            yield f"{name} has the trail {events}"
        if len(notified.get(name, ())) != 1:
            yield f"{name} has {len(notified.get(name, ()))} different notifications"
        conflicts = [entry["messageId"] for entry in record.trail if entry["event"] == "CONFLICT"]
        if len(conflicts) != len(set(conflicts)):
            yield f"{name} has two entries for one conflicting message"
        refused = any(differing_fields(record.payment, content) for content in contents)
        if refused and not conflicts:
            yield f"{name} met other content, and no entry says so"


class Workers:
    """Worker processes, whose calls pass through the proxies."""

    def __init__(self, proxies: Sequence[FaultProxy], queue: str, logs: Path) -> None:
        ports = [proxy.server_address[1] for proxy in proxies]
        endpoints = {
            f"AWS_ENDPOINT_URL_{service}": f"http://127.0.0.1:{port}"
            for service, port in zip(("DYNAMODB", "SQS", "SNS"), ports, strict=True)
        }
        path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}
        self._environment = ENVIRONMENT | CREDENTIALS | endpoints | path
        self._queue, self._log = queue, (logs / "workers.log").open("ab")
        self._processes: list[subprocess.Popen[bytes]] = []

    def fill(self, count: int) -> None:
        self._processes = [process for process in self._processes if process.poll() is None]
        command = [
            sys.executable,
            "-m",
            "tests.real_parts.worker_process",
            self._queue,
            str(INVOCATION_SECONDS),
        ]
        while len(self._processes) < count:
            process = subprocess.Popen(  # noqa: S603
                command, env=self._environment, cwd=REPOSITORY, stdout=self._log, stderr=self._log
            )
            self._processes.append(process)

    def kill_one(self, chosen: random.Random) -> None:
        self._processes.pop(chosen.randrange(len(self._processes))).kill()

    def kill_all(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def _send(
    sqs: Any, queue: str, chosen: random.Random, sent: dict[str, list[Any]], report: TrialReport
) -> None:
    """Queue new payments, with repeats and conflicts among them."""
    entries = []
    for number in range(10):
        if sent and chosen.random() < 0.3:
            name = chosen.choice(sorted(sent))
            other = chosen.random() < 0.3
            content = request(paymentId=name, amount=1234 + other)
        else:
            content = request(paymentId=f"payment-{len(sent):06}")
        sent.setdefault(content["paymentId"], []).append(content)
        entries.append({"Id": str(number), "MessageBody": json.dumps(content)})
    sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    report.messages += len(entries)


def _depth(sqs: Any, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def _await_empty(sqs: Any, queue: str, deadline: float) -> None:
    while _depth(sqs, queue) and time.monotonic() < deadline:
        time.sleep(0.25)


def _client(service: str, port: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # of a service on this machine
    )
