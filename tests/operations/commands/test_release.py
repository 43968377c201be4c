import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from components import artifact
from components.release import UnreleasedCheckout
from operations.commands import release as script
from tests.builders import ARTIFACT, RELEASE


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "build", lambda _: ARTIFACT)
    monkeypatch.setattr(script, "of_checkout", lambda *_: RELEASE)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(script.app, list(arguments))


def data(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_what_is_built_is_listed_and_shown(tmp_path: Path) -> None:
    folder = ["--folder", str(tmp_path)]
    built = data("build", *folder)

    assert built["id"] == RELEASE.id
    assert built["commit"] == RELEASE.commit
    assert data("show", RELEASE.id, *folder) == built
    assert data("list", *folder) == [built]
    assert RELEASE.id in run("list", *folder).stdout
    assert RELEASE.commit in run("show", RELEASE.id, *folder).stdout


def test_a_checkout_that_differs_from_its_commit_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        script, "of_checkout", lambda *_: UnreleasedCheckout(because="it differs in README.md")
    )
    result = run("build", "--folder", str(tmp_path))
    assert result.exit_code == 1
    assert "no release: it differs in README.md" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_artifact_that_can_not_be_built_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_: str) -> None:
        raise artifact.ArtifactUnavailable("the wheels can't be had")

    monkeypatch.setattr(artifact, "build", unavailable)
    result = run("build", "--folder", str(tmp_path))
    assert (result.exit_code, result.stderr) == (1, "the wheels can't be had\n")


def test_a_release_that_was_never_built_is_not_shown(tmp_path: Path) -> None:
    result = run("show", "000000000000", "--folder", str(tmp_path))
    assert result.exit_code == 1
    assert "no manifest" in result.stderr
    assert run("list", "--folder", str(tmp_path)).exit_code == 0
