"""A sandbox runs the plugin that it is told to: its own provider, the one that is installed, or another."""

import json
import shlex
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from operations import REPOSITORY
from operations.deployment.operate import Operator
from operations.engine.failure import StackName
from sandbox import Sandbox, command, plugin
from sandbox.plugin import EXECUTABLE, INSTALLED, OWN, PluginUnavailableError, chosen, install, recorded
from tests.sandbox.recorded_plugin.__main__ import recorded_outputs

BOOTSTRAP = StackName(project="bootstrap-iam", environment="dev")


def executable(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_without_a_choice_it_is_the_sandboxes_own_provider() -> None:
    assert chosen(None, {}) == OWN
    assert chosen(OWN, {plugin.VARIABLE: INSTALLED}) == OWN


def test_the_installed_plugin_is_found_where_the_users_engine_keeps_it(tmp_path: Path) -> None:
    installed = executable(plugin.plugin_folder(tmp_path / ".pulumi") / EXECUTABLE)
    assert chosen(INSTALLED, {"HOME": str(tmp_path)}) == str(installed)
    assert chosen(None, {"HOME": str(tmp_path), plugin.VARIABLE: INSTALLED}) == str(installed)
    elsewhere = executable(plugin.plugin_folder(tmp_path / "other") / EXECUTABLE)
    assert chosen(INSTALLED, {"HOME": str(tmp_path), "PULUMI_HOME": str(tmp_path / "other")}) == str(
        elsewhere
    )


def test_a_plugin_that_is_not_installed_is_an_error_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(PluginUnavailableError) as refused:
        chosen(INSTALLED, {"HOME": str(tmp_path)})
    assert f"pulumi plugin install resource aws {version('pulumi_aws')}" in str(refused.value)


@pytest.mark.parametrize("made", ["absent", "folder", "not executable"])
def test_a_path_must_be_an_executable(tmp_path: Path, made: str) -> None:
    path = tmp_path / "plugin"
    if made == "folder":
        path.mkdir()
    if made == "not executable":
        path.write_text("")
    with pytest.raises(PluginUnavailableError, match="the path of an executable"):
        chosen(str(path), {})


def test_the_choice_is_kept_in_the_sandboxes_folder(tmp_path: Path) -> None:
    assert recorded(tmp_path) is None
    path = executable(tmp_path / "some where" / "plugin")
    install(tmp_path, str(path))
    assert recorded(tmp_path) == str(path)
    shim = plugin.plugin_folder(tmp_path / "home") / EXECUTABLE
    assert shlex.quote(str(path)) in shim.read_text()


@pytest.mark.parametrize("name", ["tour", "up", "serve"])
def test_a_command_refuses_a_plugin_that_is_not_there_in_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path / "none")
    for arguments, variables in (
        (["--plugin", str(tmp_path / "absent")], {}),
        ([], {plugin.VARIABLE: str(tmp_path / "absent")}),
    ):
        result = CliRunner().invoke(command.app, [name, *arguments], env=variables)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "the path of an executable" in result.stderr


def test_stacks_go_up_unchanged_and_down_through_another_plugin(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    stand_in = executable(
        tmp_path / "plugin",
        f'PYTHONPATH="{REPOSITORY}" exec {shlex.quote(sys.executable)} -m tests.sandbox.recorded_plugin '
        f'{shlex.quote(str(calls))} "$@"',
    )
    with Sandbox(plugin=str(stand_in)) as box:
        operator = Operator(command=box.command(), watch=lambda _: None, root=box.root, keeps_data=False)
        operator.up(BOOTSTRAP)
        state = box.export("bootstrap-iam", "dev")
        unchanged = operator.preview(BOOTSTRAP)
        operator.destroy(BOOTSTRAP)
        called = [json.loads(line) for line in calls.read_text().splitlines()]
        assert {each["endpoint"] for each in called} == {box.url}
    resources: list[dict[str, Any]] = state["deployment"]["resources"]
    roles = {
        each["urn"].rsplit("::", 1)[-1]: each for each in resources if each["type"] == "aws:iam/role:Role"
    }
    expected_id, expected = recorded_outputs("dev")["aws:iam/role:Role", "deployer-role"]
    assert roles["deployer-role"]["id"] == expected_id
    assert roles["deployer-role"]["outputs"]["uniqueId"] == expected["uniqueId"]
    created = {tuple(each["resource"])[-1] for each in called if each["operation"] == "create"}
    deleted = {tuple(each["resource"])[-1] for each in called if each["operation"] == "delete"}
    assert created == deleted >= {*roles}
    assert set(unchanged) == {"same"}
