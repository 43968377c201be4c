"""What is up: the sandbox itself, and in each account what is deployed and what waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from components.stacks import PROJECTS, PaymentsOutputs
from operations.engine.failure import StackMissing
from sandbox.box import Sandbox
from sandbox.keeper import Record, read_record
from sandbox.report import NOTHING


@dataclass(frozen=True, kw_only=True)
class Status:
    """Of the sandbox that is kept in a folder; no `record` where none is up."""

    record: Record | None
    resources: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By environment and project: how many resources the stack holds."""
    messages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By environment and queue: how many messages wait, or are being processed."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Account and region by environment."""

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        if self.record is None:
            return {"running": False}
        return {
            "running": True,
            "url": self.record.url,
            "process": self.record.keeper_process,
            "environments": {
                environment: {
                    "place": place,
                    "resources": dict(self.resources[environment]),
                    "messages": dict(self.messages[environment]),
                }
                for environment, place in self.places.items()
            },
        }

    def as_table(self) -> Table | None:
        """For people; None where no sandbox is up."""
        if self.record is None:
            return None
        title = f"{self.record.url}, process {self.record.keeper_process}"
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left")
        for heading in ("env", "account and region", *PROJECTS):
            table.add_column(heading, justify="right" if heading in PROJECTS else "left", no_wrap=True)
        table.add_column("messages", overflow="fold")
        for environment, place in self.places.items():
            queues = self.messages[environment]
            table.add_row(
                environment,
                place,
                *(str(self.resources[environment].get(project) or NOTHING) for project in PROJECTS),
                "\n".join(_waiting(queue, count) for queue, count in queues.items() if count) or NOTHING,
            )
        return table


def _waiting(queue: str, count: int) -> str:
    return f"{count} in {queue.removeprefix(f'{PaymentsOutputs.PROJECT}-')}"


def status(folder: Path) -> Status:
    """Look at the sandbox that is kept in a folder."""
    record = read_record(folder)
    if record is None:
        return Status(record=None)
    with Sandbox(folder=folder, server=record.server) as box:
        return Status(
            record=record,
            places={name: f"{account.id} {account.region}" for name, account in box.accounts.items()},
            resources={
                name: {project: _held(box, project, name) for project in PROJECTS} for name in box.accounts
            },
            messages={name: _messages(box, name) for name in box.accounts},
        )


def _held(box: Sandbox, project: str, environment: str) -> int:
    try:
        exported = box.export(project, environment)
    except StackMissing:
        return 0
    resources = exported.get("deployment", {}).get("resources") or []
    return sum(
        1 for resource in resources if resource.get("custom") and not resource["type"].startswith("pulumi:")
    )


def _messages(box: Sandbox, environment: str) -> dict[str, int]:
    sqs = box.client("sqs", environment)
    counts = {}
    for page in sqs.get_paginator("list_queues").paginate():
        for url in page.get("QueueUrls", []):
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            account = box.account(environment)
            name = url.rsplit("/", 1)[1].removesuffix(f"-{environment}-{account.suffix}")
            counts[name] = int(attributes["ApproximateNumberOfMessages"]) + int(
                attributes["ApproximateNumberOfMessagesNotVisible"]
            )
    return counts
