"""A sandbox: AWS accounts on this machine, and the environment in which engine, boto3 and scripts find them.

stack files → accounts;  moto server → AWS_ENDPOINT_URL;  a folder → state, engine's home, provider plugin
"""

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from pulumi import automation as auto

from components.environment import EnvironmentTree, environments_of
from components.naming import Names
from components.stacks import PROJECTS
from operations import workspace
from operations.deployment.activity import Watch
from operations.deployment.execute import execute
from operations.deployment.operate import Operator
from operations.deployment.outcome import Failed, Outcome, Report
from operations.deployment.plan import Action, plan
from operations.engine.command import EngineCommand
from operations.verification.deployment import up_and_verify
from operations.verification.target import ROLE, Target
from sandbox import accounts, folder, inventory
from sandbox.delivery.asynchronous import AsyncInvocation
from sandbox.delivery.lambdas import Lambdas, Processed
from sandbox.plugin import chosen, recorded
from sandbox.server.process import Server, ServerProcess, copy


class DeploymentFailed(Exception):  # noqa: N818  what it is
    """Some stack was not deployed or destroyed; the message has every reason."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = tuple(outcomes)
        failures = [outcome.reason for outcome in outcomes if isinstance(outcome, Failed)]
        super().__init__("\n".join(failures or map(str, outcomes)))


class Sandbox:
    """Use it as a context manager: `with Sandbox() as box: box.up("staging"); box.client("lambda",
    "staging")`.

    Args:
        root: folder that holds `projects/`; a copy in the sandbox's own folder by default, which may be
            changed. folder: where everything is kept; a temporary folder by default, which goes when the
            sandbox ends. port: of the server; a free one by default. ladder: the environments; those
            of `root` by default. server: a running one, instead of one that starts and ends with the sandbox.
        plugin: `own`, `installed` or the path of an executable; by default that of the folder, if there is
            a sandbox in it, else of the variable SANDBOX_PLUGIN.

    Raises PluginUnavailableError; ServerFailed on entry, where the server can't be started.
    """

    def __init__(
        self,
        *,
        root: Path | None = None,
        folder: Path | None = None,
        port: int = 0,
        ladder: EnvironmentTree | None = None,
        server: Server | None = None,
        plugin: str | None = None,
    ) -> None:
        known = recorded(folder) if folder and server and not plugin else None
        self.plugin = known or chosen(plugin, os.environ)
        self._temporary = folder is None
        self.folder = (folder or Path(tempfile.mkdtemp(prefix="sandbox-"))).resolve()
        self.root = root or _projects(self.folder)
        self.ladder = ladder or environments_of(self.root / "projects")
        self.accounts = accounts.accounts(self.root, self.ladder)
        self._port, self._server, self._owns_server = port, server, server is None
        self._lambdas: dict[str, Lambdas] = {}
        self._sessions: dict[str, boto3.Session] = {}
        self._making_client = threading.Lock()

    def __enter__(self) -> Self:
        folder.prepare(self.folder, self.plugin)
        if self._server is None:
            try:
                self._server = ServerProcess(self._port)
            except BaseException:
                self._remove_folder()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for lambdas in self._lambdas.values():
            lambdas.close()
        if self._server and self._owns_server:
            self._server.stop()
        self._remove_folder()

    def copy(self) -> "Sandbox":
        """A sandbox of its own that begins with everything this one holds, in a fraction of a second.

        It is to be used within the life of this one, and not while this one is being deployed to.
        """
        target = Path(tempfile.mkdtemp(prefix="sandbox-")).resolve()
        shutil.copytree(self.folder / "state", target / "state")
        own_projects = self.root == self.folder
        if own_projects:
            folder.copy_of_projects(target)
            shutil.copytree(self.root / "projects", target / "projects", dirs_exist_ok=True)
        copied = Sandbox(
            root=target if own_projects else self.root,
            folder=target,
            ladder=self.ladder,
            server=copy(self._running()),
            plugin=self.plugin,
        )
        copied._temporary = copied._owns_server = True
        return copied

    @property
    def url(self) -> str:
        """Where its AWS is."""
        return self._running().url

    @property
    def server_process_id(self) -> int:
        """Process of its server."""
        return self._running().process_id

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment in which any process works in this sandbox."""
        return folder.environ(self.folder, self.url, os.environ)

    @property
    def variables(self) -> dict[str, str]:
        """Those of its environment that another terminal has to set."""
        return folder.variables(self.folder, self.url)

    def command(self) -> EngineCommand:
        """The engine, in this sandbox."""
        return workspace.engine_command(self.environ)

    def deploy(
        self,
        action: Action,
        *environments: str,
        projects: Sequence[str] = PROJECTS,
        at_once: int = 1,
        policy_pack: Path | None = None,
        watch: Watch = lambda _: None,
        concluded: Callable[[Outcome], None] = lambda _: None,
        command: EngineCommand | None = None,
        verified: bool = False,
    ) -> Report:
        """Do `action` to environments (all by default), as scripts/deploy.py does it.

        An `up` with `verified` verifies each environment, so that the one above it may take its artifact.
        """
        engine = command or self.command()
        chosen = plan(
            action,
            environments=environments or self.ladder,
            projects=projects,
            at_once=at_once,
            ladder=self.ladder,
        )
        operator = Operator(
            command=engine,
            watch=watch,
            root=self.root,
            policy_pack=policy_pack,
            keeps_data=policy_pack is not None,  # without a pack nothing is previewed, for speed
        )
        operate = operator.operation(action)
        if verified and action is Action.UP:
            operate = up_and_verify(operator, lambda environment: self.target(environment, engine))
        return execute(chosen, operate, interrupt=engine.interrupt, concluded=concluded)

    def up(
        self,
        *environments: str,
        projects: Sequence[str] = PROJECTS,
        at_once: int = 1,
        verified: bool = True,
    ) -> Report:
        """Deploy environments, and verify them; raises DeploymentFailed with the reasons where one fails."""
        return _all_succeeded(
            self.deploy(Action.UP, *environments, projects=projects, at_once=at_once, verified=verified)
        )

    def target(self, environment: str, command: EngineCommand | None = None) -> Target:
        """What verifies an environment: its verifier's clients, and the delivery of what they send."""
        account = self.accounts[environment]
        names = Names(environment=environment, suffix=account.suffix)
        session = self.session(environment, names(f"{ROLE}-role"))
        return Target(
            environment=environment,
            outputs=workspace.outputs(
                "payments", environment, root=self.root, command=command or self.command()
            ),
            client=lambda service: session.client(service, endpoint_url=self.url),
            # A sandbox that is kept up delivers by itself.
            deliver=(lambda: self.process(environment, witness=False)) if self._owns_server else None,
        )

    def preview(self, *environments: str, projects: Sequence[str] = PROJECTS) -> Report:
        """See what `up` would do; raises DeploymentFailed with the reasons where one fails."""
        return _all_succeeded(self.deploy(Action.PREVIEW, *environments, projects=projects))

    def destroy(self, *environments: str, projects: Sequence[str] = PROJECTS, at_once: int = 1) -> Report:
        """Take environments down; raises DeploymentFailed with the reasons where one fails."""
        return _all_succeeded(self.deploy(Action.DESTROY, *environments, projects=projects, at_once=at_once))

    def refresh(self, project: str, environment: str) -> auto.RefreshResult:
        """Take what moto holds into a stack's state."""
        return self.stack(project, environment).refresh()

    def stack(self, project: str, environment: str) -> auto.Stack:
        """A stack, for what else the Automation API can do with it."""
        return workspace.stack(project, environment, root=self.root, command=self.command())

    def outputs(self, project: str, environment: str) -> dict[str, Any]:
        """A stack's outputs."""
        return workspace.outputs(project, environment, root=self.root, command=self.command())

    def export(self, project: str, environment: str) -> dict[str, Any]:
        """A stack's state, as `pulumi stack export` has it. Raises StackMissing where there is none."""
        with workspace.translating(project, environment):
            result = self.command().run(
                ["stack", "export", "--stack", environment],
                str(workspace.project_directory(project, self.root)),
                {},
            )
        exported: dict[str, Any] = json.loads(result.stdout)
        return exported

    def account(self, environment: str) -> accounts.Account:
        """Where an environment lives."""
        return self.accounts[environment]

    def session(self, environment: str, role: str = accounts.ADMINISTRATOR) -> boto3.Session:
        """A boto3 session in an environment's account and region, as one of its roles."""
        account = self.accounts[environment]
        return accounts.session(
            self.url, account.id, account.region, f"arn:aws:iam::{account.id}:role/{role}"
        )

    def client(self, service: str, environment: str) -> Any:
        """A boto3 client in an environment's account and region."""
        with (
            self._making_client
        ):  # a boto3 session makes one client at a time; clients themselves can be shared
            if environment not in self._sessions:
                self._sessions[environment] = self.session(environment)
            return self._sessions[environment].client(service, endpoint_url=self.url)

    def process(self, environment: str, *, witness: bool = True) -> Processed:
        """Deliver what waits in the environment's queues to its functions, until nothing does.

        With `witness`, what is published meanwhile is in the result.
        """
        return self.lambdas(environment).process(witness=witness)

    def invoke(self, environment: str, function_name: str, payload: Any) -> AsyncInvocation:
        """Invoke a function asynchronously (InvocationType Event), and wait for the end of it."""
        return self.lambdas(environment).invoke(function_name, payload)

    def lambdas(self, environment: str) -> Lambdas:
        """The functions of an environment."""
        if environment not in self._lambdas:
            self._lambdas[environment] = Lambdas(
                self.session(environment), endpoint=self.url, cache=self.folder / "code"
            )
        return self._lambdas[environment]

    def leftovers(self) -> dict[str, list[str]]:
        """What accounts hold that a fresh one does not, by account and region; empty where nothing is left.

        Every account and region that anyone has used is looked at, whether it is an environment's or not.
        """
        return inventory.leftovers(self.url)

    def _running(self) -> Server:
        if self._server is None:
            raise RuntimeError("the sandbox is not running: use it in a `with` statement")
        return self._server

    def _remove_folder(self) -> None:
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)


def _projects(target: Path) -> Path:
    """The sandbox's copy of the projects: the one that is there already, or a new one."""
    return target if (target / "projects").is_dir() else folder.copy_of_projects(target)


def _all_succeeded(report: Report) -> Report:
    if not report.succeeded:
        raise DeploymentFailed(report.outcomes)
    return report
