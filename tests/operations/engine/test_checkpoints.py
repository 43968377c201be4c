"""The guard in front of the engine: which states it looks at, and what it makes of them."""

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from operations.engine.backend_files import FolderFiles
from operations.engine.checkpoints import (
    META,
    StateRefused,
    declared_secrets,
    guard,
    stack_outputs,
    stacks_read_by,
)
from operations.engine.command import EngineCommand
from operations.engine.failure import BackendUnreachable, StackName
from operations.engine.installation import NO_ACQUISITION, Engine
from tests.operations.engine.test_checkpoint import URL, checkpoint, provider

TEMPLATE = URL.replace("-dev?", "-{environment}?")


class State:
    """A backend in a folder, and a project beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "projects" / "payments"
        self.project.mkdir(parents=True)
        (self.project / "Pulumi.yaml").write_text("name: payments\nruntime: python\n")
        for environment in ("dev", "staging", "prod"):
            (self.project / f"Pulumi.{environment}.yaml").write_text("config: {}\n")
        self.write_file(META, "version: 1\n")

    @property
    def environ(self) -> dict[str, str]:
        return {"PULUMI_BACKEND_URL": f"file://{self.root / 'state'}", "STACK_SECRETS_PROVIDER": TEMPLATE}

    def write_file(self, path: str, text: str) -> None:
        place = self.root / "state" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def write(self, stack: str, *, url: str | None = None, evil: bool = False) -> None:
        document = checkpoint()
        environment = stack.rpartition("/")[2]
        document["checkpoint"]["latest"]["secrets_providers"]["state"]["url"] = url or TEMPLATE.replace(
            "{environment}", environment
        )
        if evil:
            provider(document)["inputs"]["pluginDownloadURL"] = "https://example.com"
        self.write_file(f".pulumi/stacks/{stack}.json", json.dumps(document))

    def run(self, *arguments: str, **variables: str) -> None:
        guard(arguments, str(self.project), {**self.environ, **variables})


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("up", "--yes", "--stack", "prod"),
        ("preview", "--stack=prod"),
        ("refresh", "-s", "prod"),
        ("destroy", "--stack", "organization/payments/prod"),
    ],
)
@pytest.mark.parametrize(
    "stack", ["payments/prod", "network/prod", "bootstrap-iam/prod", "payments/staging", "payments/dev"]
)
def test_a_program_gets_no_outputs_of_a_state_that_is_not_safe(
    state: State, arguments: tuple[str, ...], stack: str
) -> None:
    state.write(stack)
    state.run(*arguments)

    state.write(stack, evil=True)
    with pytest.raises(StateRefused, match=rf"{stack}: its state(.|\n)*pluginDownloadURL"):
        state.run(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("stack", "output", "--json", "--stack", "dev"),
        ("stack", "export", "--stack", "dev"),
        ("stack", "--show-name", "--stack", "dev"),
    ],
)
def test_reading_a_stack_is_refused_by_its_own_state_alone(state: State, arguments: tuple[str, ...]) -> None:
    state.write("payments/dev")
    state.write("network/dev", evil=True)
    state.run(*arguments)

    state.write("payments/dev", evil=True)
    with pytest.raises(StateRefused):
        state.run(*arguments)


@pytest.mark.parametrize("arguments", [("stack", "init", "dev"), ("config", "--stack", "dev"), ("whoami",)])
def test_what_reads_no_state_is_not_stopped_by_one(state: State, arguments: tuple[str, ...]) -> None:
    state.write("payments/dev", evil=True)
    state.run(*arguments)


def test_each_environment_has_its_own_key(state: State) -> None:
    state.write("payments/staging", url=TEMPLATE.replace("{environment}", "dev"))

    with pytest.raises(StateRefused, match=r"secrets-dev.*declared is .*secrets-staging"):
        state.run("stack", "output", "--stack", "staging")


@pytest.mark.parametrize(
    ("environ", "written", "declared"),
    [
        ({}, "", {"passphrase"}),
        ({"STACK_SECRETS_PROVIDER": TEMPLATE}, "", {URL}),
        ({"STACK_SECRETS_PROVIDER": TEMPLATE, "PULUMI_CONFIG_PASSPHRASE": ""}, "", {URL, "passphrase"}),
        ({}, "secretsprovider: awskms://alias/mine\n", {"awskms://alias/mine"}),
    ],
)
def test_secrets_providers_are_declared_by_variable_stack_file_or_passphrase(
    state: State, environ: Mapping[str, str], written: str, declared: set[str]
) -> None:
    (state.project / "Pulumi.dev.yaml").write_text(f"{written}config: {{}}\n")
    name = StackName(project="payments", environment="dev")

    assert declared_secrets(name, state.project, environ) == declared


@pytest.mark.parametrize("meta", ["version: 0\n", "", "version: 2\n", "{", "[]"])
def test_another_layout_is_refused(state: State, meta: str) -> None:
    state.write("payments/dev")
    state.write_file(META, meta)

    with pytest.raises(StateRefused, match=r"meta\.yaml"):
        state.run("stack", "output", "--stack", "dev")


def test_a_state_that_cannot_be_read_is_not_passed_on(state: State) -> None:
    (state.root / "state" / ".pulumi" / "stacks" / "payments" / "dev.json").mkdir(parents=True)

    with pytest.raises(BackendUnreachable, match=r"can't be read"):
        state.run("stack", "output", "--stack", "dev")


def test_a_backend_without_files_is_left_to_its_service(state: State) -> None:
    state.write("payments/dev", evil=True)
    state.run("stack", "output", "--stack", "dev", PULUMI_BACKEND_URL="https://api.pulumi.com")


@pytest.mark.parametrize("how", ["login", "project"])
def test_the_backend_is_the_one_that_the_engine_finds(state: State, tmp_path: Path, how: str) -> None:
    state.write("payments/dev", evil=True)
    url, home = f"file://{state.root / 'state'}", tmp_path / "home"
    home.mkdir()
    if how == "login":
        (home / "credentials.json").write_text(json.dumps({"current": url}))
    else:
        (state.project / "Pulumi.yaml").write_text(f"name: payments\nbackend:\n  url: {url}\n")

    with pytest.raises(StateRefused):
        state.run("stack", "output", "--stack", "dev", PULUMI_BACKEND_URL="", PULUMI_HOME=str(home))


def deployed(outputs: Mapping[str, Any]) -> bytes:
    stack = {"type": "pulumi:pulumi:Stack", "outputs": outputs}
    resources = [{"type": "aws:sqs/queue:Queue", "outputs": {"url": "x"}}, stack]
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}).encode()


@pytest.mark.parametrize(
    ("suffix", "content", "outputs"),
    [
        (
            "",
            deployed({"release": "r-1", "projects": ["payments"]}),
            {"release": "r-1", "projects": ["payments"]},
        ),
        (".gz", gzip.compress(deployed({"release": "r-1"})), {"release": "r-1"}),
        ("", b'{"version": 3, "checkpoint": {"latest": {}}}', {}),
        ("", b'{"version": 3, "checkpoint": {"stack": "dev"}}', {}),
        (".other", b"{}", {}),
    ],
)
def test_the_outputs_of_a_stack_are_those_of_its_checkpoint(
    tmp_path: Path, suffix: str, content: bytes, outputs: Mapping[str, Any]
) -> None:
    path = tmp_path / ".pulumi" / "stacks" / "payments" / f"dev.json{suffix}"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert stack_outputs(StackName(project="payments", environment="dev"), FolderFiles(tmp_path)) == outputs


def test_an_environment_off_the_ladder_reads_its_own_stacks() -> None:
    name = StackName(project="payments", environment="canary-of-a-test")
    assert {each.environment for each in stacks_read_by(name)} == {"canary-of-a-test"}


def test_every_command_of_the_engine_is_guarded_and_fetches_no_plugin(state: State, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    cli = tmp_path / "bin" / "pulumi"
    cli.parent.mkdir()
    cli.write_text(
        f"#!{sys.executable}\nimport os\nopen({str(ran)!r}, 'w').write(os.environ['{NO_ACQUISITION}'])\n"
    )
    cli.chmod(0o755)
    engine = Engine(executable=cli, version="3.259.0", has_language_host=True, path_entries=())
    command = EngineCommand(engine, {**state.environ, "PATH": "/usr/bin:/bin"})
    arguments: Any = (["stack", "output", "--stack", "dev"], str(state.project), {})
    state.write("payments/dev", evil=True)
    with pytest.raises(StateRefused):
        command.run(*arguments)
    assert not ran.exists()

    state.write("payments/dev")
    command.run(*arguments)
    assert ran.read_text() == "true"
