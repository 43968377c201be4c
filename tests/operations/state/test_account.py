"""A backend against moto's S3 and KMS, and the real engine with its state in it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.kms.exceptions import AccessDeniedException
from moto.kms.models import KmsBackend
from moto.server import ThreadedMotoServer
from pulumi import automation as auto

from operations import REPOSITORY
from operations.engine.failure import OperationFailed
from operations.state.access import access_policy
from operations.state.account import Account
from operations.state.backend import Backend
from operations.state.plan import decide
from operations.workspace import engine_command, outputs, stack, translating
from tests.components.deployer_access.evaluator import Call
from tests.components.deployer_access.evaluator import decide as judge
from tests.operations.small_projects import THING, Repository, repository

ACCOUNT = "123456789012"
"""Of everybody, in moto."""
BACKEND = Backend(
    bucket="acme-payments-state",
    region="us-east-1",
    environments=("dev", "staging", "prod"),
    account_id=ACCOUNT,
)
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def environ(endpoint: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
    return {**kept, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}


@pytest.fixture(scope="module")
def client(endpoint: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def run(environ: Mapping[str, str], *arguments: str, bucket: str = BACKEND.bucket) -> tuple[int, str, str]:
    """`scripts/state.py` with the bucket and its region."""
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "scripts/state.py", arguments[0], "--bucket", bucket, *arguments[1:]],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def created(environ: Mapping[str, str]) -> str:
    code, said, told = run(environ, "create", "--yes")
    assert code == 0, told
    return said


def test_it_is_made_once_and_said_how_to_use_it(environ: Mapping[str, str], created: str) -> None:
    assert f"export PULUMI_BACKEND_URL='{BACKEND.url}'" in created
    assert f"export STACK_SECRETS_PROVIDER='{BACKEND.secrets_provider}'" in created
    code, again, told = run(environ, "create")
    assert (code, again, told) == (0, created, "")
    assert run(environ, "check")[:2] == (0, "as it should be\n")


def test_s3_and_kms_hold_what_was_wanted(endpoint: str, client: Any, created: str) -> None:
    session = boto3.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
    )
    kms = session.client("kms", endpoint_url=endpoint)
    assert client.get_bucket_versioning(Bucket=BACKEND.bucket)["Status"] == "Enabled"
    statement, *others = json.loads(client.get_bucket_policy(Bucket=BACKEND.bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    assert [other["Sid"] for other in others] == [
        "LayoutIsWrittenBySetUp",
        "RecordsStay",
        "RecordsAreNotOverwritten",
    ]
    assert client.list_objects_v2(Bucket=BACKEND.bucket, Prefix=".pulumi/meta.yaml")["KeyCount"] == 1
    encryption = client.get_bucket_encryption(Bucket=BACKEND.bucket)["ServerSideEncryptionConfiguration"]
    key = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert key == kms.describe_key(KeyId=BACKEND.state_key)["KeyMetadata"]["Arn"]
    assert all(
        client.get_public_access_block(Bucket=BACKEND.bucket)["PublicAccessBlockConfiguration"].values()
    )
    for alias in BACKEND.keys:
        key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_what_somebody_changed_is_found_and_put_right(
    environ: Mapping[str, str], client: Any, created: str
) -> None:
    client.put_bucket_versioning(Bucket=BACKEND.bucket, VersioningConfiguration={"Status": "Suspended"})
    client.delete_public_access_block(Bucket=BACKEND.bucket)
    code, said, _ = run(environ, "check")
    assert (code, said.splitlines()) == (
        1,
        ["missing or different: set public access", "missing or different: set versioning"],
    )
    assert run(environ, "create")[0] == 2  # there is no terminal to ask on
    assert run(environ, "create", "--yes")[0] == 0
    assert run(environ, "check")[0] == 0


@pytest.fixture
def team(tmp_path: Path) -> Repository:
    return repository(tmp_path / "team")


@pytest.fixture
def shared(team: Repository, endpoint: str, client: Any, created: str) -> dict[str, str]:
    """The engine's environment with its state in the bucket, and secrets under the environment's key."""
    client.delete_bucket_policy(Bucket=BACKEND.bucket)  # moto heeds its denial, and not the condition of it
    kept = {name: value for name, value in team.environ.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    return {
        **kept,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": endpoint,
        "PULUMI_BACKEND_URL": f"s3://{BACKEND.bucket}?region=us-east-1&endpoint={endpoint}&s3ForcePathStyle=true",
        "STACK_SECRETS_PROVIDER": BACKEND.secrets_provider,
    }


SECRET = "not-for-everybody"
PROGRAM = f"{THING}\nThing('a')\npulumi.export('answer', pulumi.Output.secret('{SECRET}'))\n"


def test_state_lands_in_the_bucket_with_its_secrets_under_the_environments_key(
    team: Repository, shared: dict[str, str], client: Any
) -> None:
    folder = team.project("network", PROGRAM)
    before = (folder / "Pulumi.dev.yaml").read_text()
    stack("network", "dev", root=team.root, environ=shared).up()

    body = client.get_object(Bucket=BACKEND.bucket, Key=".pulumi/stacks/network/dev.json")["Body"].read()
    deployment = json.loads(body)["checkpoint"]["latest"]
    assert [each["urn"].split("::")[-1] for each in deployment["resources"]] == ["network-dev", "a"]
    assert SECRET not in body.decode()
    assert deployment["secrets_providers"]["type"] == "cloud"
    assert "alias/acme-payments-state-secrets-dev" in deployment["secrets_providers"]["state"]["url"]
    assert (folder / "Pulumi.dev.yaml").read_text() == before
    again = stack("network", "dev", root=team.root, environ=shared)
    assert again.outputs()["answer"].value == SECRET
    assert outputs("network", "dev", root=team.root, command=engine_command(shared)) == {"answer": "[secret]"}


def test_of_two_updates_of_one_stack_at_once_the_second_is_told(
    team: Repository, shared: dict[str, str], client: Any
) -> None:
    started, told = team.root / "started", team.root / "told"
    waits = f"while not pathlib.Path({str(told)!r}).exists():\n    time.sleep(0.05)"
    team.project(
        "payments",
        f"{THING}\nimport pathlib, time\npathlib.Path({str(started)!r}).touch()\n{waits}\nThing('a')",
    )
    first, second = (stack("payments", "dev", root=team.root, environ=shared) for _ in range(2))

    def up(one: auto.Stack) -> auto.UpResult:
        with translating("payments", "dev"):
            return one.up()

    with ThreadPoolExecutor() as pool:
        running = pool.submit(up, first)
        while not started.exists():
            time.sleep(0.05)
        try:
            with pytest.raises(OperationFailed, match="currently locked") as refused:
                up(second)
        finally:
            told.touch()
        assert running.result().summary.result == "succeeded"
    assert "cancel dev" in str(refused.value)
    listed = client.list_objects_v2(Bucket=BACKEND.bucket, Prefix=".pulumi/locks/organization/payments/dev/")
    assert listed["KeyCount"] == 0
    assert up(second).summary.result == "succeeded"


def test_everything_that_the_engine_wrote_is_what_the_environments_policy_lets_it(
    team: Repository, shared: dict[str, str], client: Any
) -> None:
    team.project("bootstrap-iam", PROGRAM)
    one = stack("bootstrap-iam", "staging", root=team.root, environ=shared)
    one.up()
    one.destroy()
    written = {
        each["Key"]  # the bucket is versioned, so what was deleted (the locks) is known as well
        for kind in ("Versions", "DeleteMarkers")
        for page in client.get_paginator("list_object_versions").paginate(Bucket=BACKEND.bucket)
        for each in page.get(kind, [])
        if "/staging" in each["Key"] or each["Key"].endswith("meta.yaml")
    }
    assert any("/locks/" in key for key in written)

    def may(action: str, key: str, environment: str, access: str = "write") -> bool:
        document = access_policy(BACKEND, "444444444444", access, [environment])  # type: ignore[arg-type]  # one of two words
        return (
            judge([document], Call(action=action, resource=f"arn:aws:s3:::{BACKEND.bucket}/{key}"))
            == "allowed"
        )

    for key in written:
        own = not key.endswith("meta.yaml")
        assert may("s3:PutObject", key, "staging") == own, key
        assert may("s3:GetObject", key, "prod"), key
        assert may("s3:GetObject", key, "dev") == (not own), key
        assert not may("s3:PutObject", key, "staging", access="read"), key
        assert not may("s3:PutObject", key, "prod"), key
        assert not may("s3:DeleteObject", key, "dev"), key
    record = ".promotion/staging/000001.json"
    assert [
        may(f"s3:{action}", record, "staging") for action in ("PutObject", "GetObject", "DeleteObject")
    ] == [
        True,
        True,
        False,
    ]
    assert not may("s3:GetObject", record, "dev")


READER = f"{THING}\npulumi.export('read', pulumi.StackReference('organization/network/dev').outputs)\n"


def test_whoever_reads_a_stack_needs_the_key_of_its_environment_which_the_policies_of_those_above_give(
    team: Repository, shared: dict[str, str], endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.project("network", f"{THING}\nThing('a')\npulumi.export('question', 'no secret')\n")
    stack("network", "dev", root=team.root, environ=shared).up()
    team.project("payments", READER)
    above = stack("payments", "prod", root=team.root, environ=shared)
    kms = boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    of_dev = kms.describe_key(KeyId=BACKEND.secrets_key("dev"))["KeyMetadata"]["Arn"]
    decrypt = KmsBackend.decrypt

    def heeding(backend: KmsBackend, *given: Any, **named: Any) -> tuple[bytes, str]:
        """As AWS would for somebody with the key of prod alone: moto lets everybody."""
        opened, key = decrypt(backend, *given, **named)
        if key == of_dev:
            raise AccessDeniedException("not yours")
        return opened, key

    monkeypatch.setattr(KmsBackend, "decrypt", heeding)
    with pytest.raises(OperationFailed, match=r"AccessDenied"), translating("payments", "prod"):
        above.preview()

    def may(action: str, of: str, environment: str) -> bool:
        document = access_policy(BACKEND, "444444444444", "write", [environment])
        conditions = {"kms:ResourceAliases": [BACKEND.secrets_key(of)]}
        resource = "arn:aws:kms:us-east-1:444444444444:key/0b0e"
        return judge([document], Call(action=action, resource=resource, conditions=conditions)) == "allowed"

    assert [may("kms:Decrypt", of, "staging") for of in BACKEND.environments] == [True, True, False]
    assert [may("kms:Encrypt", of, "staging") for of in BACKEND.environments] == [False, True, False]


def test_it_is_not_removed_under_stacks_that_hold_resources(
    environ: Mapping[str, str], endpoint: str, client: Any
) -> None:
    bucket = "acme-payments-other"
    assert run(environ, "create", "--yes", bucket=bucket)[0] == 0
    client.delete_bucket_policy(Bucket=bucket)  # as above
    state = {"version": 3, "checkpoint": {"latest": {"resources": [{"urn": "urn:…"}]}}}
    path = ".pulumi/stacks/network/prod.json"
    client.put_object(Bucket=bucket, Key=path, Body=json.dumps(state))
    code, _, told = run(environ, "destroy", "--yes", bucket=bucket)
    assert (code, "network/prod" in told) == (1, True)

    state["checkpoint"] = {"latest": {}}
    client.put_object(Bucket=bucket, Key=path, Body=json.dumps(state))
    assert run(environ, "destroy", "--yes", bucket=bucket)[0] == 0
    assert bucket not in {each["Name"] for each in client.list_buckets()["Buckets"]}
    code, _, told = run(environ, "destroy", "--yes", bucket=bucket)
    assert (code, told) == (2, f"There is no bucket {bucket}.\n")


def test_keys_that_open_nothing_are_found_and_restored(
    environ: Mapping[str, str], endpoint: str, created: str
) -> None:
    kms = boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    state, prod = (
        kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
        for alias in (BACKEND.state_key, BACKEND.secrets_key("prod"))
    )
    kms.schedule_key_deletion(KeyId=state, PendingWindowInDays=7)
    kms.disable_key(KeyId=prod)

    code, said, _ = run(environ, "check")

    assert code == 1
    assert f"restore key {BACKEND.state_key}, which is PendingDeletion" in said
    assert f"restore key {BACKEND.secrets_key('prod')}, which is Disabled" in said
    assert run(environ, "create", "--yes")[0] == 0
    assert "restore key" not in run(environ, "check")[1]


@pytest.mark.parametrize("command", ["create", "check", "destroy"])
@pytest.mark.parametrize(
    ("options", "told"),
    [(("--account", "444444444444"), "not of 444444444444"), (("--region", "eu-west-1"), "is in us-east-1")],
)
def test_another_account_or_region_is_an_error(
    environ: Mapping[str, str], created: str, command: str, options: tuple[str, ...], told: str
) -> None:
    code, said, errors = run(environ, command, *options)

    assert (code, said) == (2, "")
    assert told in errors


def test_a_refusal_of_aws_is_told_and_no_traceback(environ: Mapping[str, str]) -> None:
    code, _, told = run(
        {**environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, "check"
    )
    assert (code, "AWS refused" in told) == (2, True)


def test_decide_agrees_with_what_account_reads_elsewhere(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside us-east-1 a bucket has to be told its region."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(name, value)
    elsewhere = replace(BACKEND, bucket="acme-elsewhere", region="eu-west-1")
    account = Account(boto3.Session(region_name="eu-west-1"))
    for step in decide(account.read(elsewhere), elsewhere):
        account.carry_out(step, elsewhere)
    assert decide(account.read(elsewhere), elsewhere) == []
