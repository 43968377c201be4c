from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.delivery.function import NotDeliverable
from sandbox.delivery.lambdas import Lambdas
from tests.sandbox.accounts_of_tests import Tenant, small_function

BY_BODY = """
    import time

    def handler(event, context):
        failures = []
        for record in event["Records"]:
            print(record["body"], record["attributes"]["ApproximateReceiveCount"], len(event["Records"]))
            match record["body"]:
                case "raise": raise ValueError("told to")
                case "sleep": time.sleep(30)
                case "exit": raise SystemExit(3)
                case "stranger": failures.append({"itemIdentifier": "of another batch"})
                case "fail": failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}
"""


@pytest.fixture
def lambdas(account: Tenant, tmp_path: Path) -> Iterator[Lambdas]:
    lambdas = account.lambdas(tmp_path)
    yield lambdas
    lambdas.close()


def test_messages_that_succeed_go_and_one_that_fails_ends_in_the_dead_letter_queue(
    account: Tenant, lambdas: Lambdas
) -> None:
    function = small_function(account, BY_BODY, receives=3)
    ids = function.send("one", "fail", "two")
    processed = lambdas.process()
    assert [processed.receives[name] for name in ids] == [1, 3, 1]
    assert function.waiting() == []
    assert function.waiting(function.dead) == ["fail"]


@pytest.mark.parametrize("body", ["raise", "stranger", "exit"])
def test_a_batch_fails_as_a_whole_where_it_is_not_answered_sensibly(
    account: Tenant, lambdas: Lambdas, body: str
) -> None:
    function = small_function(account, BY_BODY)
    function.send("one", body)
    lambdas.process()
    assert function.waiting(function.dead) == sorted(["one", body])


def test_a_timeout_ends_the_process_and_fails_the_batch(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, BY_BODY, timeout=1)
    function.send("sleep")
    processed = lambdas.process()
    assert [invocation.error for invocation in processed.invocations] == [
        "Task timed out after 1.00 seconds"
    ] * 2
    assert [invocation.cold for invocation in processed.invocations] == [True, True]
    assert function.waiting(function.dead) == ["sleep"]


@pytest.mark.parametrize(("batch", "most"), [(1, 1), (3, 3), (25, 25)])
def test_a_batch_holds_no_more_than_the_mapping_says(
    account: Tenant, lambdas: Lambdas, batch: int, most: int
) -> None:
    function = small_function(account, BY_BODY, batch=batch, reserved=1)
    function.send(*(["one"] * 25))
    (delivery,) = lambdas.process().deliveries
    sizes = [len(each.messages) for each in delivery.batches]
    assert max(sizes) == most
    assert sum(sizes) == 25


def test_without_partial_responses_only_an_error_fails(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, BY_BODY, partial=False)
    function.send("fail", "one")
    lambdas.process()
    assert function.waiting() == function.waiting(function.dead) == []


def test_without_a_redrive_policy_a_failed_message_stays_hidden(account: Tenant, lambdas: Lambdas) -> None:
    function = small_function(account, BY_BODY, receives=None)
    (message,) = function.send("fail")
    assert lambdas.process().receives == {message: 1}
    assert function.waiting() == function.waiting(function.dead) == []


@pytest.mark.parametrize("off", [{"enabled": False}, {"reserved": 0}])
def test_nothing_is_received_where_it_could_not_be_processed(
    account: Tenant, lambdas: Lambdas, off: dict[str, int]
) -> None:
    function = small_function(account, BY_BODY, **off)  # type: ignore[arg-type]  # one of the builder's own
    function.send("one")
    assert lambdas.process().receives == {}
    assert function.waiting() == ["one"]


def test_the_next_batch_finds_a_warm_process_until_the_code_changes(
    account: Tenant, lambdas: Lambdas
) -> None:
    from tests.sandbox.accounts_of_tests import zipped

    function = small_function(account, BY_BODY)
    cold = []
    for change in (False, False, True):
        if change:
            new = zipped("def handler(event, context): print('new')")
            account.client("lambda").update_function_code(FunctionName="work", ZipFile=new)
        function.send("one")
        (invocation,) = lambdas.process().invocations
        cold.append(invocation.cold)
    assert cold == [True, False, True]
    assert invocation.log == "new\n"


def test_a_visibility_timeout_below_the_functions_is_refused_in_lambdas_words(
    account: Tenant, lambdas: Lambdas
) -> None:
    small_function(account, BY_BODY, timeout=20, visibility=19)
    with pytest.raises(
        NotDeliverable, match="visibility timeout: 19 seconds is less than Function timeout: 20"
    ):
        lambdas.process()


def test_what_the_function_writes_is_in_the_result_and_in_its_log_group(
    account: Tenant, lambdas: Lambdas
) -> None:
    account.client("logs").create_log_group(logGroupName="work-logs")
    function = small_function(account, BY_BODY, LoggingConfig={"LogGroup": "work-logs"})
    function.send("one")
    assert lambdas.process().log == "one 1 1\n"
    events = account.client("logs").filter_log_events(logGroupName="work-logs")["events"]
    messages = [event["message"] for event in events]
    assert messages[0] == "one 1 1"
    assert "Memory Size: 256 MB" in messages[-1]
