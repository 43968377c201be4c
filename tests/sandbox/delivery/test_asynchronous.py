import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.delivery.lambdas import Lambdas
from tests.sandbox.accounts_of_tests import REGION, Tenant, small_function

FAILS_AT_FIRST = """
    calls = []

    def handler(event, context):
        calls.append(context.aws_request_id)
        if len(calls) <= event["failures"]:
            raise RuntimeError("not yet")
        return {"calls": calls}
"""


@pytest.fixture
def lambdas(account: Tenant, tmp_path: Path) -> Iterator[Lambdas]:
    lambdas = account.lambdas(tmp_path)
    yield lambdas
    lambdas.close()


def dead_letter_config(account: Tenant) -> dict[str, str]:
    return {"TargetArn": f"arn:aws:sqs:{REGION}:{account.id}:dead"}


def test_an_event_is_retried_under_the_same_id_until_it_succeeds(account: Tenant, lambdas: Lambdas) -> None:
    small_function(account, FAILS_AT_FIRST)
    invocation = lambdas.invoke("work", {"failures": 2})
    assert invocation.succeeded
    assert [attempt.error for attempt in invocation.attempts] == ["RuntimeError: not yet"] * 2 + [None]
    assert {attempt.request_id for attempt in invocation.attempts} == {invocation.request_id}


def test_an_event_that_keeps_failing_goes_to_the_dead_letter_queue(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, FAILS_AT_FIRST, DeadLetterConfig=dead_letter_config(account))
    account.client("lambda").put_function_event_invoke_config(FunctionName="work", MaximumRetryAttempts=1)
    invocation = lambdas.invoke("work", {"failures": 9})
    assert (len(invocation.attempts), invocation.succeeded, invocation.dead_lettered) == (2, False, True)
    (message,) = account.client("sqs").receive_message(QueueUrl=function.dead, MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert json.loads(message["Body"]) == {"failures": 9}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes == {
        "RequestID": invocation.request_id,
        "ErrorCode": "200",
        "ErrorMessage": "RuntimeError: not yet",
    }


def test_a_destination_hears_of_the_failure_with_the_payload(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, FAILS_AT_FIRST)
    destination = {"OnFailure": {"Destination": dead_letter_config(account)["TargetArn"]}}
    account.client("lambda").put_function_event_invoke_config(
        FunctionName="work", MaximumRetryAttempts=0, DestinationConfig=destination
    )
    lambdas.invoke("work", {"failures": 9})
    (record,) = map(json.loads, function.waiting(function.dead))
    assert record["requestPayload"] == {"failures": 9}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responsePayload"] == {"errorType": "RuntimeError", "errorMessage": "not yet"}


def test_a_function_that_is_switched_off_is_not_run(account: Tenant, lambdas: Lambdas) -> None:
    small_function(account, FAILS_AT_FIRST, reserved=0, DeadLetterConfig=dead_letter_config(account))
    invocation = lambdas.invoke("work", {"failures": 0})
    assert (invocation.attempts, invocation.dead_lettered) == ((), True)
