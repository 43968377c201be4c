"""States and refresh events that a real AWS plugin wrote; real_plugin/README.md describes them."""

import json
from pathlib import Path
from typing import Any

from operations import REPOSITORY
from operations.drift.engine import Seen, Step
from operations.drift.plain import plain
from operations.drift.sources import Code
from operations.drift.stack import PROVIDERS, REFERENCE, STACK_TYPE
from operations.engine.failure import StackName

FOLDER = Path(__file__).with_name("real_plugin")


def recorded(environment: str) -> dict[StackName, Any]:
    """The exports of the three stacks of dev or staging."""
    return {
        StackName(project=project, environment=environment): _readable_by_todays_programs(
            json.loads((FOLDER / f"{project}.{environment}.json").read_text(encoding="utf-8"))
        )
        for project in ("bootstrap-iam", "network", "payments")
    }


def _readable_by_todays_programs(document: dict[str, Any]) -> dict[str, Any]:
    """The export, with outputs of other stacks that programs read since it was recorded."""
    code = Code(projects=REPOSITORY / "projects")
    for resource in document["deployment"]["resources"]:
        if resource["type"] == REFERENCE:
            read = resource["outputs"]
            _, project, environment = read["name"].split("/")
            name = StackName(project=project, environment=environment)
            read["outputs"] = {**plain(code.rendered(name).outputs), **read["outputs"]}
    return document


def refreshed(project: str, account: str) -> tuple[Step, ...]:
    """The steps of a refresh preview of staging, the account `clean` or `changed`."""
    events = json.loads((FOLDER / f"{project}.staging.refresh.{account}.json").read_text(encoding="utf-8"))
    steps = {(event["urn"], event["op"]): event for event in events}
    return tuple(
        Step(
            operation=event["op"],
            key=event["urn"].split("::", 2)[2],
            type=event["type"],
            old=_seen(event["old"]),
            new=_seen(event["old"] if event["new"] == "old" else event["new"]),
        )
        for event in steps.values()
        if event["type"] not in (STACK_TYPE, REFERENCE) and not event["type"].startswith(PROVIDERS)
    )


def _seen(state: Any) -> Seen | None:
    return state and Seen(inputs=plain(state["inputs"]), outputs=plain(state["outputs"]))
