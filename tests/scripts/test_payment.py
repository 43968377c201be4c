"""The script against a deployed stack: a payment with its audit trail, without account references."""

import json
from functools import cache

import pytest
from typer.testing import CliRunner, Result

from operations import workspace
from sandbox import Sandbox
from sandbox.payments import Kind, payment
from sandbox.settling import settle
from scripts import payment as script

PRIVATE = ("DE02120300000000202051", "NL02ABNA0123456789", "sandbox conflict")


def show(*arguments: str, code: int) -> Result:
    done = CliRunner().invoke(script.app, ["show", *arguments])
    assert done.exit_code == code, done.output
    assert not [private for private in PRIVATE if private in done.output]
    return done


def test_a_payment_is_shown_with_all_that_happened_to_it(
    deployed_copy: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = deployed_copy
    for name, value in box.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workspace, "outputs", cache(workspace.outputs))  # they stay as they are
    settle(box, "staging", [payment(Kind.CONFLICT, "verify-conflict")], box.outputs("payments", "staging"))

    text = show("verify-conflict", "--env", "staging", code=0).stdout
    assert "EUR 19.99" in text
    assert "****2051 → ****6789" in text
    data = json.loads(show("verify-conflict", "--env", "staging", "--json", code=0).stdout)
    assert sorted(each["event"] for each in data["trail"]) == ["ACCEPTED", *["CONFLICT"] * 3, "NOTIFIED"]
    assert data["problems"] == []

    told = show("not-there-1", "--env", "staging", code=1).stderr
    assert told == "The ledger of staging has no payment not-there-1.\n"

    table = box.outputs("payments", "staging")["tableName"]
    key = {"pk": {"S": "PAYMENT#verify-conflict"}, "sk": {"S": "AUDIT#000002"}}
    box.client("dynamodb", "staging").delete_item(TableName=table, Key=key)
    assert (
        "PROBLEM: the payment counts 5 audit entries, there are 4"
        in show("verify-conflict", "--env", "staging", code=1).stdout
    )


def test_what_is_no_payment_id_is_a_usage_error() -> None:
    assert "8 to 64 of A-Z a-z 0-9 - _" in " ".join(show("x", "--env", "dev", code=2).stderr.split())


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    assert show("payment-0001", "--env", "prd", code=2).stderr == "'prd' is not one of dev, staging, prod.\n"
