"""The alarms of an environment that are on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.stacks import PaymentsOutputs
from operations import REPOSITORY
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackMissing
from operations.workspace import outputs, session

ROLE = "reader"
"""Looking at alarms takes no more than a reader's access."""


def alarms_on(environment: str, *, root: Path = REPOSITORY, command: EngineCommand) -> tuple[str, ...]:
    """Return the names of the environment's alarms that are on; none where payments is not deployed.

    Raises OperationFailed where they cannot be read.
    """
    try:
        shown = outputs(PaymentsOutputs.PROJECT, environment, root=root, command=command)
    except StackMissing:
        return ()
    if "functionName" not in shown:
        return ()
    try:
        return tuple(alarms(session(environment, role=ROLE, root=root).client("cloudwatch"), shown))
    except (ClientError, BotoCoreError) as error:
        raise OperationFailed(f"the alarms of {environment} cannot be read: {error}") from error


def alarms(cloudwatch: Any, shown: Mapping[str, Any]) -> list[str]:
    """Return the names of the alarms that are on in the environment with these payments outputs.

    The alarm of the verification dead-letter queue is left out: it is on because of what an earlier
    verification left, which the next one removes. Raises botocore's errors.
    """
    # An alarm belongs to the environment if its name ends as the function's does.
    end = shown["functionName"].partition("-function")[2]
    pages = cloudwatch.get_paginator("describe_alarms").paginate(StateValue="ALARM")
    names = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    return sorted(name for name in names if name.endswith(end) and "-verification-" not in name)
