import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.delivery.lambdas import Lambdas
from tests.sandbox.accounts_of_tests import REGION, Tenant, small_function

TELLS_ALL = """
    import json, os, sys, boto3

    def handler(event, context):
        who = boto3.client("sts").get_caller_identity()
        print(json.dumps({
            "account": who["Account"],
            "role": who["Arn"],
            "environ": {
                name: os.environ.get(name) for name in ("COLOUR", "AWS_REGION", "AWS_PROFILE", "_HANDLER")
            },
            "remaining": context.get_remaining_time_in_millis(),
            "memory": context.memory_limit_in_mb,
            "arn": context.invoked_function_arn,
            "path": sys.path,
        }))
"""


@pytest.fixture
def lambdas(account: Tenant, tmp_path: Path) -> Iterator[Lambdas]:
    lambdas = account.lambdas(tmp_path)
    yield lambdas
    lambdas.close()


def test_a_function_runs_as_its_role_with_its_own_variables_and_code(
    account: Tenant, lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-whoever-runs-this")
    function = small_function(account, TELLS_ALL, Environment={"Variables": {"COLOUR": "blue"}})
    function.send("one")
    told = json.loads(lambdas.process().log)
    assert told["account"] == account.id
    assert ":assumed-role/function-role/" in told["role"]
    assert told["environ"] == {
        "COLOUR": "blue",
        "AWS_REGION": REGION,
        "AWS_PROFILE": None,
        "_HANDLER": "app.handler",
    }
    assert 15_000 < told["remaining"] <= 20_000
    assert told["memory"] == "256"
    assert told["arn"].endswith(":function:work")
    assert str(Path(__file__).parents[3]) not in told["path"]  # nothing of the repository


def test_code_that_cannot_be_imported_fails_each_invocation_anew(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, "import nothing_of_that_name")
    function.send("one")
    invocations = lambdas.process().invocations
    assert [(call.error, call.cold) for call in invocations] == [
        ("ModuleNotFoundError: No module named 'nothing_of_that_name'", True)
    ] * 2
