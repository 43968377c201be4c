"""What the script says before it reads anything; what it does is in tests/operations/promotion."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from operations.commands import promote
from operations.promotion.record import EntryKind
from operations.promotion.wiring import PromotionConfig, build_context, default_config


@pytest.fixture
def surroundings(tmp_path: Path) -> PromotionConfig:
    """This machine's, with a state backend without stacks."""
    (tmp_path / "state").mkdir()
    environ = {
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PATH": "/usr/bin:/bin",
    }
    return replace(default_config(None), environ=environ)


@pytest.fixture
def records(tmp_path: Path, surroundings: PromotionConfig, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the script finds and writes records."""
    environ = surroundings.environ
    monkeypatch.setattr(
        promote,
        "default_config",
        lambda named, projects: replace(default_config(named, projects), environ=environ),
    )
    return tmp_path / "state" / ".promotion"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(promote.app, list(arguments))


def test_without_a_command_it_promotes() -> None:
    assert "--allow-iam-widening" in run("run", "--help").output
    assert "Name the environment with --to" in run("--from", "staging").output


def test_its_commands_are_these() -> None:
    shown = run("--help").output
    for command in ("run", "plan", "rollback", "history", "status", "release-hold"):
        assert f"  {command} " in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "nowhere"), "dev, staging, prod"),
        (("--to", "dev"), "dev is the lowest environment"),
        (("--from", "dev", "--to", "prod"), "prod takes releases from staging alone"),
        (("plan", "--to", "prod", "--from", "dev"), "prod takes releases from staging alone"),
        (("--to", "prod", "--project", "nowhere"), "There are bootstrap-iam, network, payments"),
        (("--to", "prod"), "staging is not deployed"),
        (("rollback", "--env", "prod"), "prod is not deployed"),
        (("rollback", "--env", "nowhere"), "dev, staging, prod"),
        (("history", "--env", "nowhere"), "dev, staging, prod"),
        (("status", "--env", "nowhere"), "dev, staging, prod"),
        (("release-hold", "--env", "nowhere", "--reason", "it was a mistake"), "dev, staging, prod"),
        (("release-hold", "--env", "prod", "--reason", "ok"), "at least 10 characters"),
        (("--from", "staging", "--wave", "1", "--to", "prod"), "--wave takes --from"),
        (("plan", "--wave", "1"), "--wave takes --from"),
        (("--to", "prod", "--plan", "no-such-file"), "no-such-file can't be read"),
        (("--to", "prod", "--plan", __file__), "holds no plan"),
        (("history", "--env", "prod", "--records", "https://api.pulumi.com"), "--records"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_message(
    records: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)

    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stdout == ""
    assert not records.exists()


def test_a_record_that_was_tampered_with_stops_everything(records: Path) -> None:
    (records / "prod").mkdir(parents=True)
    (records / "prod" / "000001.json").write_text("{}")

    done = run("history", "--env", "prod")

    assert done.exit_code == 2
    assert "prod, entry 1 can't be read" in done.stderr


@pytest.mark.usefixtures("records")
def test_a_hold_is_lifted_with_a_reason_and_history_tells_both(surroundings: PromotionConfig) -> None:
    with build_context(surroundings, Console(quiet=True)) as shop:
        shop.journal.note("prod", EntryKind.HELD, reason="the verification failed")

    assert run("release-hold", "--env", "prod", "--reason", "ok").exit_code == 2
    lifted = run("release-hold", "--env", "prod", "--reason", "the handler was corrected")

    assert (lifted.exit_code, "prod is no longer on hold" in lifted.stderr) == (0, True)
    entries = json.loads(run("history", "--env", "prod", "--json").stdout)
    assert [entry["kind"] for entry in entries] == ["held", "released"]
    told = run("history", "--env", "prod").stdout
    assert "the verification failed" in told
    assert "the handler was corrected" in told


@pytest.mark.usefixtures("records")
def test_status_of_environments_that_are_not_deployed_says_so() -> None:
    done = run("status", "--env", "staging", "--json")

    assert done.exit_code == 0, done.stderr
    (staging,) = json.loads(done.stdout)["environments"]
    assert (staging["release"], staging["verified"], staging["behind"]) == (None, False, None)


def test_lifting_a_hold_that_is_none_changes_nothing(records: Path) -> None:
    done = run("release-hold", "--env", "prod", "--reason", "it was a mistake")

    assert (done.exit_code, "not on hold" in done.stderr) == (0, True)
    assert not records.exists()
