"""Fetches and starts DynamoDB Local and ElasticMQ, where Java and Maven are installed."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations import REPOSITORY

POM = REPOSITORY / "tools" / "real-parts" / "pom.xml"
JARS = REPOSITORY / ".real-parts"
"""Fetched by Maven, ignored by git."""
LEAST_JAVA = 17
FETCH_SECONDS, START_SECONDS = 240, 60
DYNAMODB = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
ELASTICMQ = "org.elasticmq.server.Main"


class PartsUnavailableError(Exception):
    """The real parts cannot run here; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Ports of the running parts, on 127.0.0.1."""

    dynamodb: int
    sqs: int


def fetch() -> Path:
    """Return the folder of the jars, fetched if needed. Raises PartsUnavailableError."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None:
        raise PartsUnavailableError("there is no Java or no Maven")
    version = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', version.stderr)
    if found is None or int(found[1]) < LEAST_JAVA:
        raise PartsUnavailableError(f"Java {LEAST_JAVA} or later is needed")
    done = JARS / "fetched"
    if done.exists() and done.read_text(encoding="utf-8") == POM.read_text(encoding="utf-8"):
        return JARS
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    try:
        copied = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise PartsUnavailableError(f"Maven did not fetch them within {FETCH_SECONDS} s") from None
    if copied.returncode != 0:
        lines = [line for line in copied.stdout.splitlines() if "ERROR" in line]
        raise PartsUnavailableError(f"Maven cannot fetch them: {lines[0] if lines else copied.stderr[:200]}")
    done.write_text(POM.read_text(encoding="utf-8"), encoding="utf-8")
    return JARS


@contextmanager
def running(jars: Path, logs: Path) -> Iterator[Parts]:
    """Run both parts. Raises PartsUnavailableError if one does not start."""
    parts = Parts(dynamodb=_free_port(), sqs=_free_port())
    config = logs / "elasticmq.conf"
    config.write_text(
        f'node-address {{ host = "127.0.0.1", port = {parts.sqs} }}\n'
        f'rest-sqs {{ bind-hostname = "127.0.0.1", bind-port = {parts.sqs}, sqs-limits = strict }}\n'
        "rest-stats { enabled = false }\n",
        encoding="utf-8",
    )
    java = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", f"{jars}/*"]
    commands = {
        parts.dynamodb: [
            *java, f"-Djava.library.path={jars}", DYNAMODB, "-inMemory", "-port", str(parts.dynamodb),
        ],
        parts.sqs: [*java, f"-Dconfig.file={config}", ELASTICMQ],
    }  # fmt: skip
    processes = []
    try:
        for port, command in commands.items():
            log = (logs / f"{port}.log").open("wb")
            processes.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=logs))  # noqa: S603
        for port in commands:
            _await(port, logs / f"{port}.log")
        yield parts
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def _await(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise PartsUnavailableError(f"a part did not start: {log.read_text(errors='replace')[-300:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
