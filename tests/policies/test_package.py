"""The pack in a folder of its own, in an environment of its own, away from this repository."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from operations.engine import ensure_engine
from policies import package as packaging
from policies.cli import main
from policies.package import FOLDER, PackageError, package
from policies.version import PACK, VERSION
from tests.policies.states import export, table

UV = str(Path(sys.executable).with_name("uv"))


def run(command: list[str], folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(  # noqa: S603  the tests' own commands
        command, cwd=folder, env={**environ, **variables}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged folder under another name, with an environment from its own lock."""
    folder = package(tmp_path_factory.mktemp("elsewhere") / "guardrails")
    for command in (
        [UV, "venv", "--quiet", "--python", sys.executable, ".venv"],
        [UV, "pip", "install", "--quiet", "--python", ".venv", "--require-hashes", "-r", "requirements.txt"],
    ):
        done = run(command, folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_packaged_folder_judges_a_stack_in_its_own_environment(installed: Path) -> None:
    started = installed.parent / "started"
    (site_packages,) = (installed / ".venv").glob("lib/python*/site-packages")
    (site_packages / "started.pth").write_text(f"import pathlib; pathlib.Path({str(started)!r}).touch()\n")
    document = installed.parent / "export.json"
    document.write_text(json.dumps(export(table(serverSideEncryption=None))), encoding="utf-8")
    (installed.parent / "Pulumi.yaml").write_text("name: other\nruntime: yaml\n", encoding="utf-8")
    environ = ensure_engine().environ(
        {**os.environ, "PULUMI_HOME": str(installed.parent / "home"), "PULUMI_CONFIG_PASSPHRASE": ""}
    )
    done = run(
        ["pulumi", "policy", "analyze", "--file", str(document), "--policy-pack", str(installed)],
        installed.parent,
        **{**environ, "PULUMI_BACKEND_URL": installed.parent.as_uri()},
    )
    assert done.returncode != 0
    assert "table-encryption" in done.stdout + done.stderr
    assert started.exists(), "the pack ran in another environment"


def test_the_packaged_environment_holds_nothing_of_this_repository(installed: Path) -> None:
    names = ("pulumi_aws", "components", "moto")
    code = f"import importlib.util as util; print([name for name in {names} if util.find_spec(name)])"
    done = run([str(installed / ".venv" / "bin" / "python"), "-c", code], installed.parent)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_package_keeps_its_environment_inside_its_folder(tmp_path: Path) -> None:
    folder = package(tmp_path / "pack")
    assert packaging.PACKAGED_ENVIRONMENT in (folder / "PulumiPolicy.yaml").read_text().replace("    ", "")
    assert "../" not in (folder / "PulumiPolicy.yaml").read_text()
    assert not list(folder.rglob("__pycache__"))


def test_the_lock_pins_the_versions_of_the_repository() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^([a-z0-9.-]+==[^ \\]+)", path.read_text(encoding="utf-8"), re.MULTILINE))

    locked = pins(FOLDER / "requirements.txt")
    assert {line.partition("==")[0] for line in locked} >= {
        "pulumi",
        "pulumi-policy",
        "pyyaml",
        "rich",
        "typer",
    }
    assert locked <= pins(FOLDER.parent / "requirements.txt")


def test_the_project_file_has_the_packs_name_and_version() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["version"]) == (PACK, VERSION)


def test_a_folder_with_content_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").write_text("x")
    assert main(["package", "--output", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_target_inside_the_pack_is_refused() -> None:
    with pytest.raises(PackageError, match="inside the policy pack"):
        package(FOLDER / "build")
    assert not (FOLDER / "build").exists()


def test_a_target_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackageError, match="cannot be written"):
        package(tmp_path / "file" / "pack")
