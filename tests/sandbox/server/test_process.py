import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from sandbox.server.process import ServerFailed, ServerProcess, copy, is_alive
from tests.sandbox.accounts_of_tests import REGION, Tenant, new_account, small_function


def eventually(true: Callable[[], bool]) -> bool:
    for _ in range(400):
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_port_in_use_is_told_in_one_sentence(server: ServerProcess) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(ServerFailed) as failure:
        ServerProcess(port)
    (sentence,) = str(failure.value).splitlines()
    assert sentence.startswith(f"Port {port} of 127.0.0.1 can't be had")
    assert sentence.endswith("Name another with --port, or leave it out for a free one.")


def test_the_server_ends_when_its_owner_is_killed() -> None:
    source = (
        "import signal\n"
        "from sandbox.server.process import ServerProcess, copy\n"
        "server = ServerProcess()\n"
        "print(server.process_id, copy(server).process_id, flush=True)\n"
        "signal.pause()\n"
    )
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:  # noqa: S603  our own
        assert owner.stdout is not None
        servers = [int(number) for number in owner.stdout.readline().split()]
        assert all(map(is_alive, servers))
        owner.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(map(is_alive, servers)))


def test_a_queues_url_is_awss_own_and_does_not_change_with_the_port(account: Tenant) -> None:
    url = account.client("sqs").create_queue(QueueName="requests")["QueueUrl"]
    assert url == f"https://sqs.{REGION}.amazonaws.com/{account.id}/requests"
    assert account.client("sqs").list_queues()["QueueUrls"] == [url]


def test_a_long_poll_keeps_nobody_waiting(account: Tenant) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="requests")["QueueUrl"]
    received: list[str] = []

    def poll() -> None:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        received.extend(message["Body"] for message in answer.get("Messages", []))

    polling = threading.Thread(target=poll)
    polling.start()
    sqs.send_message(QueueUrl=url, MessageBody="at last")
    polling.join(timeout=15)
    assert received == ["at last"]


def test_sending_a_message_counts_no_receive(account: Tenant) -> None:
    function = small_function(account, "def handler(event, context): ...")
    function.send("one")
    (message,) = account.client("sqs").receive_message(
        QueueUrl=function.queue, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_the_zip_of_a_function_can_be_had_where_lambda_says(account: Tenant) -> None:
    small_function(account, "def handler(event, context): ...")
    location = account.client("lambda").get_function(FunctionName="work")["Code"]["Location"]
    with urllib.request.urlopen(location) as response:  # noqa: S310  our server
        assert response.read().startswith(b"PK")


def test_invoking_through_the_api_says_what_to_do_instead(account: Tenant) -> None:
    small_function(account, "def handler(event, context): ...")
    with pytest.raises(ClientError, match=r"does not run work through this API.*Sandbox\.invoke"):
        account.client("lambda").invoke(FunctionName="work")


def test_of_many_conditional_writes_at_once_one_succeeds(account: Tenant) -> None:
    ledger = account.client("dynamodb")
    ledger.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    outcomes: list[bool] = []

    def write(number: int) -> None:
        item = {"pk": {"S": "one"}, "by": {"N": str(number)}}
        try:
            ledger.put_item(TableName="ledger", Item=item, ConditionExpression="attribute_not_exists(pk)")
            outcomes.append(True)
        except ledger.exceptions.ConditionalCheckFailedException:
            outcomes.append(False)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == [False] * 19 + [True]


def test_a_copy_begins_with_everything_and_goes_its_own_way(server: ServerProcess) -> None:
    original = new_account(server)
    url = original.client("sqs").create_queue(QueueName="before")["QueueUrl"]
    copied = copy(server)
    try:
        there = Tenant(copied, original.id)
        assert there.client("sqs").list_queues()["QueueUrls"] == [url]
        there.client("sqs").delete_queue(QueueUrl=url)
        original.client("sqs").create_queue(QueueName="after")
        assert "QueueUrls" not in there.client("sqs").list_queues()
        assert len(original.client("sqs").list_queues()["QueueUrls"]) == 2
    finally:
        copied.stop()
    assert not is_alive(copied.process_id)
    assert not copied.answers


def test_alive_names_the_process(server: ServerProcess) -> None:
    with urllib.request.urlopen(f"{server.url}/sandbox/alive") as response:  # noqa: S310  our server
        assert json.load(response) == {"process": server.process_id}
    assert server.process_id != os.getpid()


def test_keys_for_signing_each_have_a_key_of_their_own(account: Tenant) -> None:
    kms = account.client("kms")
    keys = [
        kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"] for _ in "12"
    ]
    assert len({kms.get_public_key(KeyId=key)["PublicKey"] for key in keys}) == 2
