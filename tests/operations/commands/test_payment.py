"""The script against a deployed stack: a payment with its audit trail, without account references."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from operations import workspace
from operations.commands import payment as script
from sandbox import Sandbox
from sandbox.payments import Kind, payment
from sandbox.settling import settle

PRIVATE = ("DE02120300000000202051", "NL02ABNA0123456789", "sandbox conflict")


def show(*arguments: str, code: int) -> Result:
    done = CliRunner().invoke(script.app, ["show", *arguments])
    assert done.exit_code == code, done.output
    assert not [private for private in PRIVATE if private in done.output]
    return done


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(script.app, [*arguments, "--env", "staging"])
    assert done.exit_code == code, done.output
    assert not [private for private in PRIVATE if private in done.output]
    return done.stdout


def test_a_payment_is_shown_with_all_that_happened_to_it(
    deployed_copy: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box = deployed_copy
    for name, value in box.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workspace, "outputs", cache(workspace.outputs))  # they stay as they are
    settle(box, "staging", [payment(Kind.CONFLICT, "conflict-0001")], box.outputs("payments", "staging"))

    text = show("conflict-0001", "--env", "staging", code=0).stdout
    assert "EUR 19.99" in text
    assert "****2051 → ****6789" in text
    data = json.loads(show("conflict-0001", "--env", "staging", "--json", code=0).stdout)
    assert sorted(each["event"] for each in data["trail"]) == ["ACCEPTED", "CONFLICT", "NOTIFIED"]
    assert data["problems"] == []

    told = show("not-there-1", "--env", "staging", code=1).stderr
    assert told == "The ledger of staging has no payment not-there-1.\n"

    day = datetime.now(UTC).date().isoformat()
    rows = [json.loads(line) for line in run("list", "--day", day, "--json").splitlines()]
    assert [(row["payment_id"], row["state"], row["amount"]) for row in rows] == [
        ("conflict-0001", "NOTIFIED", 1999)
    ]
    assert run("list", "--day", day, "--state", "RECORDED") == ""
    assert (
        run("list", "--day", day, "--currency", "EUR", "--csv").splitlines()[1].startswith("conflict-0001,")
    )
    for scope in (["conflict-0001"], ["--day", day], ["--all"]):
        assert json.loads(run("verify", *scope, "--json"))["problems"] == []
    export = tmp_path / "day.jsonl"
    run("export", "--day", day, "--output", str(export))
    run("verify", "--export", str(export))
    run("reconcile", "--day", day, "--metric", code=1)
    books = json.loads(run("reconcile", "--day", day, "--full", "--json", code=1))
    assert books["differences"] == ["1 message(s) in the dead-letter queue"]
    assert (books["stored"], books["notified"], books["totals"]["EUR"]["amount"]) == (1, 1, 1999)

    table = box.outputs("payments", "staging")["tableName"]
    key = {"pk": {"S": "PAYMENT#conflict-0001"}, "sk": {"S": "AUDIT#000002"}}
    box.client("dynamodb", "staging").delete_item(TableName=table, Key=key)
    assert (
        "PROBLEM: the payment counts 3 audit entries, there are 2"
        in show("conflict-0001", "--env", "staging", code=1).stdout
    )


def test_what_is_no_payment_id_is_a_usage_error() -> None:
    assert "8 to 64 of A-Z a-z 0-9 - _" in " ".join(show("x", "--env", "dev", code=2).stderr.split())


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    assert show("payment-0001", "--env", "prd", code=2).stderr == "'prd' is not one of dev, staging, prod.\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["list", "--day", "yesterday"], "no day such as 2026-01-31"),
        (["list", "--day", "2026-01-31", "--state", "LOST"], "RECORDED or NOTIFIED"),
        (["list", "--day", "2026-01-31", "--currency", "DEM"], "no currency of the contract"),
        (["list", "--day", "2026-01-31", "--json", "--csv"], "exclude each other"),
        (["verify"], "name one of"),
        (["verify", "payment-0001", "--all"], "name one of"),
        (["verify", "--export", "/nowhere/day.jsonl"], "can't be read"),
        (["export", "--day", "2026-01-31", "--output", "/nowhere/day.jsonl"], "No such file"),
        (["reconcile", "--day", "2026-02-30"], "no day such as 2026-01-31"),
    ],
)
def test_wrong_arguments_are_a_usage_error(arguments: list[str], problem: str) -> None:
    done = CliRunner().invoke(script.app, [*arguments, "--env", "dev"])
    assert done.exit_code == 2
    assert problem in " ".join(done.stderr.replace("│", " ").split())
