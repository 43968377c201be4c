"""The project's stacks as the Automation API sees them: one program a folder, one stack an environment."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode  # the class of the constructor's own argument

from components.stack_files import read_project
from components.stacks import PROJECTS, BootstrapIamOutputs
from operations import REPOSITORY
from operations.engine import Engine, ensure_engine
from operations.engine.checkpoints import SECRETS_PROVIDER
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackMissing, StackName, translate
from operations.engine.refusal import Refusal
from operations.engine.stack_file import WithStackFileKept

UNVERIFIED_TOO = {f"{project}:previewUnverified": True for project in PROJECTS}
"""Transient configuration with which a preview shows what an update's promotion gate would refuse."""

StackKind = TypeVar("StackKind", bound=auto.Stack)


class AccessRefused(OperationFailed):
    """A role of the environment could not be assumed."""


class Workspace(auto.LocalWorkspace):
    """A project's folder. Using a stack leaves the user's own selection of one alone."""

    def select_stack(self, stack_name: str) -> None:
        """Nothing to do: every command names its own stack, and fails where there is none."""

    def look_for(self, stack_name: str) -> None:
        """Raises auto.StackNotFoundError where there is no such stack."""
        self._pulumi("stack", "--show-name", "--stack", stack_name)

    def create_stack(self, stack_name: str) -> None:
        """Creates the stack, without selecting it."""
        provider = ["--secrets-provider", self.secrets_provider] if self.secrets_provider else []
        self._pulumi("stack", "init", "--no-select", stack_name, *provider)

    def _pulumi(self, *arguments: str) -> None:
        self.pulumi_command.run(list(arguments), self.work_dir, self.env_vars)


def stack(
    project: str,
    environment: str,
    *,
    root: Path = REPOSITORY,
    environ: Mapping[str, str] | None = None,
    command: EngineCommand | None = None,
    create: bool = True,
) -> auto.Stack:
    """The stack of `project` in `environment`; it is created where there is none, unless `create` is false.

    `root` holds `projects/`. `environ` is the whole environment of the engine, this process's by default.
    `command` runs the engine, and can interrupt it, where the caller has one.

    Raises EngineUnavailable; OperationFailed, in one of its kinds.
    """
    workspace = _workspace(project, environment, root, command or engine_command(environ))
    with translating(project, environment):
        try:
            workspace.look_for(environment)
        except auto.StackNotFoundError:
            if not create:
                raise
            workspace.create_stack(environment)
    return auto.Stack(environment, workspace, StackInitMode.SELECT)


def stack_of(
    kind: type[StackKind],
    name: StackName,
    *,
    root: Path,
    command: EngineCommand,
    transient: Mapping[str, Any] | None = None,
) -> StackKind:
    """As `stack`, of a class of the caller's own, and unasked: its first command fails where there is none.

    `transient` configuration, by key with its namespace, holds for this object's commands alone, as far as it
    is the project's. Raises OperationFailed where there is no such project or stack file.
    """
    workspace = _workspace(name.project, name.environment, root, command, transient)
    return kind(name.environment, workspace, StackInitMode.SELECT)


def _workspace(
    project: str,
    environment: str,
    root: Path,
    command: EngineCommand,
    transient: Mapping[str, Any] | None = None,
) -> Workspace:
    directory = project_directory(project, root)
    _must_have_file(directory, environment)
    own = {key: value for key, value in (transient or {}).items() if key.startswith(f"{project}:")}
    kept = WithStackFileKept(command, environment, own)
    secrets = command.environ.get(SECRETS_PROVIDER, "").replace("{environment}", environment)
    return Workspace(work_dir=str(directory), pulumi_command=kept, secrets_provider=secrets or None)


def outputs(
    project: str,
    environment: str,
    *,
    root: Path = REPOSITORY,
    environ: Mapping[str, str] | None = None,
    command: EngineCommand | None = None,
) -> dict[str, Any]:
    """The stack's outputs, by one command. Secret ones (the projects export none) stay masked.

    Raises StackMissing where the stack was never created, another OperationFailed, or EngineUnavailable.
    """
    run = command or engine_command(environ)
    with translating(project, environment):
        result = run.run(
            ["stack", "output", "--json", "--stack", environment], str(project_directory(project, root)), {}
        )
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def session(environment: str, *, role: str = "deployer", root: Path = REPOSITORY) -> boto3.Session:
    """A session of one of the environment's roles, in its account and region: what scripts act with.

    `role` is one of those with an output of bootstrap-iam, such as `operator`, who alone may read payments.
    The caller's own credentials, and the endpoints, come from this process's environment as boto3 reads it.
    They must belong to one of the role's principals. Raises AccessRefused, or what `outputs` raises.
    """
    bootstrap = BootstrapIamOutputs.PROJECT
    access, role_arn = outputs(bootstrap, environment, root=root), f"{role}RoleArn"
    region = read_project(project_directory(bootstrap, root), (environment,))[environment][
        f"{bootstrap}:region"
    ]
    try:
        answer = (
            boto3.Session(region_name=region)
            .client("sts")
            .assume_role(
                RoleArn=access[role_arn],
                ExternalId=access[_EXTERNAL_IDS.get(role, "deployerExternalId")],
                RoleSessionName=session_name(environment, os.environ),
            )
        )
    except KeyError as error:
        raise StackMissing(
            f"{bootstrap}/{environment} has no output {error}: it is not deployed, or no longer.\n"
            f"Deploy it: python scripts/deploy.py up --env {environment} --project {bootstrap}"
        ) from None
    except (ClientError, BotoCoreError) as error:
        principals = f"{role}Principals" if role in _EXTERNAL_IDS else "deployerPrincipals"
        raise AccessRefused(
            f"{access[role_arn]} can't be assumed: {error}\n"
            f"Use the credentials of one of {bootstrap}:{principals} in Pulumi.{environment}.yaml."
        ) from error
    credentials = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=region,
    )


_EXTERNAL_IDS = {"operator": "operatorExternalId", "destroyer": "destroyerExternalId"}
"""Role to the output with its external id; the other roles have the deployer's."""
LONGEST_SESSION_NAME = 64
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""


def session_name(environment: str, environ: Mapping[str, str]) -> str:
    """Return the name of a script's session, which shows in CloudTrail: environment and user.

    The user is the workflow's actor on GitHub, else the local user. AWS does not check the name; the
    principal that assumed the role stands beside it.
    """
    user = environ.get("GITHUB_ACTOR") or environ.get("USER") or environ.get("USERNAME") or "unknown"
    return f"operations-{environment}-{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', user)}"[:LONGEST_SESSION_NAME]


def engine_command(environ: Mapping[str, str] | None = None) -> EngineCommand:
    """The engine of this machine, to run in `environ` (this process's environment by default).

    Raises EngineUnavailable. Builds the engine where there is none, which takes minutes, once.
    """
    return EngineCommand(_engine((os.environ if environ is None else environ).get("PATH", "")), environ)


def project_directory(project: str, root: Path = REPOSITORY) -> Path:
    """The folder of the project's Pulumi.yaml. Raises OperationFailed where there is none."""
    directory = root / "projects" / project
    if not (directory / "Pulumi.yaml").is_file():
        raise OperationFailed(f"There is no project {project!r}: the projects are {', '.join(PROJECTS)}.")
    return directory


@contextmanager
def translating(
    project: str, environment: str, refusal: Callable[[], Refusal | None] = lambda: None
) -> Iterator[None]:
    """Turn the Automation API's errors into OperationFailed.

    `refusal` returns what the promotion gate sent among the events, once the command has failed.
    """
    try:
        yield
    except auto.CommandError as error:
        raise translate(error, StackName(project=project, environment=environment), refusal()) from error


@cache
def _engine(path: str) -> Engine:
    return ensure_engine(environ={**os.environ, "PATH": path})


def _must_have_file(directory: Path, environment: str) -> None:
    # `stack init` would otherwise make a file, and with it an environment, of a mistyped name.
    if not (directory / f"Pulumi.{environment}.yaml").is_file():
        known = sorted(path.name.split(".")[1] for path in directory.glob("Pulumi.*.yaml"))
        raise OperationFailed(
            f"There is no {directory.name}/Pulumi.{environment}.yaml; there is one for {', '.join(known)}."
        )
