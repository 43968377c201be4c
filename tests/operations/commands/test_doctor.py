import json

import pytest
from moto import mock_aws
from typer.testing import CliRunner

from operations.commands import doctor as script
from operations.doctor.finding import passed


def test_an_environment_that_does_not_exist_is_refused() -> None:
    done = CliRunner().invoke(script.app, ["--env", "live"])
    assert (done.exit_code, "is not one of" in done.stderr) == (2, True)


def test_findings_come_as_json_and_decide_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "_plugin", lambda: passed("aws-plugin", "installed"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        done = CliRunner().invoke(script.app, ["--env", "prod", "--json"])

    found = {each["check"]: each["status"] for each in json.loads(done.stdout)}
    assert (done.exit_code, found["account"], found["aws-plugin"]) == (1, "failed", "passed")
