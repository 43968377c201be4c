"""An environment's payments as its operator reaches them: the stack's outputs, and clients of its account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.configuration import InvalidConfiguration
from components.environment import LADDER
from components.stacks import PaymentsOutputs
from operations import workspace
from operations.engine import EngineUnavailable
from operations.engine.failure import OperationFailed


class CouldNotOperate(Exception):  # noqa: N818  what it is
    """Nothing could be looked at, or no further; the message, for the user, says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One environment's payments. `outputs` are those of its payments stack."""

    environment: str
    outputs: Mapping[str, Any]
    session: boto3.Session

    def client(self, service: str) -> Any:
        """A boto3 client of the operator's role."""
        return self.session.client(service)


@contextmanager
def operating(environment: str) -> Iterator[Operator]:
    """Work as the operator of an environment; what goes wrong meanwhile is raised as CouldNotOperate.

    Raises CouldNotOperate too where the environment or its stacks are not there, or you are not let in.
    """
    if environment not in LADDER:
        raise CouldNotOperate(f"{environment!r} is not one of {', '.join(LADDER)}.")
    project = PaymentsOutputs.PROJECT
    try:
        outputs = workspace.outputs(project, environment)
        if "deadLetterQueueUrl" not in outputs:
            raise CouldNotOperate(
                f"{project}/{environment} is not deployed, or no longer.\n"
                f"Deploy it: python scripts/deploy.py up --env {environment}"
            )
        session = workspace.session(environment, role="operator")
        yield Operator(environment=environment, outputs=outputs, session=session)
    except (OperationFailed, EngineUnavailable, InvalidConfiguration) as error:
        raise CouldNotOperate(str(error)) from error
    except (ClientError, BotoCoreError) as error:
        raise CouldNotOperate(f"AWS refuses, or can't be reached: {error}") from error
