from pathlib import Path

import pytest
import yaml

from operations.engine.command import EngineCommand
from operations.engine.stack_file import WithStackFileKept
from operations.workspace import engine_command, outputs, stack
from tests.operations.small_projects import Repository, repository

PROGRAM = 'import pulumi; pulumi.export("days", pulumi.Config().require_secret("days"))'
# Written as no machine would: the CLI would quote the number and drop the comment's place.
FILE = "config:\n    network:days:    7  # a week\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    made.project("network", PROGRAM)
    file(made).write_text(FILE)
    return made


@pytest.fixture
def command(repo: Repository) -> EngineCommand:
    return engine_command({**repo.environ, "PULUMI_CONFIG_PASSPHRASE": "a passphrase"})


def file(repo: Repository) -> Path:
    return repo.root / "projects" / "network" / "Pulumi.dev.yaml"


def test_the_engine_reads_the_stacks_file_and_leaves_it_as_it_is(
    repo: Repository, command: EngineCommand
) -> None:
    made = stack("network", "dev", root=repo.root, command=command)
    made.up()
    outputs("network", "dev", root=repo.root, command=command)
    made.destroy()

    assert file(repo).read_text() == FILE
    assert sorted(path.name for path in file(repo).parent.glob("*.yaml")) == [
        "Pulumi.dev.yaml",
        "Pulumi.prod.yaml",
        "Pulumi.staging.yaml",
        "Pulumi.yaml",
    ]


def test_what_the_user_configures_is_written_and_taken(repo: Repository, command: EngineCommand) -> None:
    file(repo).write_text("config: {}\n")
    made = stack("network", "dev", root=repo.root, command=command)
    kept = WithStackFileKept(command, "dev")
    kept.run(["config", "set", "--secret", "days", "9", "--stack", "dev"], str(file(repo).parent), {})
    made.preview()  # would fail without the value

    assert "encryptionsalt" in file(repo).read_text()


def test_keys_that_another_backend_left_in_the_file_do_not_reach_the_engine(
    repo: Repository, command: EngineCommand
) -> None:
    left_behind = "encryptedkey: bm90IGEga2V5\nsecretsprovider: awskms://alias/gone?region=us-east-1\n"
    file(repo).write_text(FILE + left_behind)
    stack("network", "dev", root=repo.root, command=command).up()
    assert file(repo).read_text() == FILE + left_behind


def test_transient_values_are_in_the_engines_copy_alone(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.dev.yaml"
    stack_file.write_text(FILE)
    seen: list[dict[str, object]] = []

    class Listening:
        command, version = "pulumi", None

        def run(self, args: list[str], *_: object) -> None:
            seen.append(yaml.safe_load(Path(args[args.index("--config-file") + 1]).read_text()))

    kept = WithStackFileKept(Listening(), "dev", {"network:more": {"a": "b"}})  # type: ignore[arg-type]  # a double
    kept.run(["up", "--yes"], str(tmp_path), {})

    assert seen == [{"config": {"network:days": 7, "network:more": {"a": "b"}}}]
    assert stack_file.read_text() == FILE
