"""The restore drill of docs/runbook.md, call by call, as far as moto goes: it restores what is there."""

import re
import subprocess
import sys
from typing import Any

from operations import REPOSITORY
from operations.deployment.outcome import Succeeded
from sandbox import Sandbox
from sandbox.payments import Kind, payment
from tests.docs.markdown import document

ENVIRONMENT = "staging"
LEDGER, RESTORED = "payments-table-staging-acme", "payments-table-restored-staging-acme"
PAYMENT_ID = "restored-payment-1"


def documented() -> list[str]:
    """The changes that the runbook's procedure makes with `aws`, in its order."""
    section = document("docs/runbook.md").text.split("## The ledger is damaged or gone")[1].split("\n## ")[0]
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    calls = re.findall(r"^aws \S+ (\S+)", blocks, re.MULTILINE)
    return [call.replace("-", "_") for call in calls if not call.startswith(("list-", "scan"))]


class Recorded:
    """A client whose calls are kept."""

    def __init__(self, client: Any, calls: list[str]) -> None:
        self._client, self._calls = client, calls

    def __getattr__(self, name: str) -> Any:
        self._calls.append(name)
        return getattr(self._client, name)


def send(box: Sandbox, payment_id: str) -> None:
    queue_url = box.outputs("payments", ENVIRONMENT)["queueUrl"]
    for body in payment(Kind.ACCEPTED, payment_id).bodies:
        box.client("sqs", ENVIRONMENT).send_message(QueueUrl=queue_url, MessageBody=body)


def test_a_lost_ledger_is_restored_under_its_name_and_payments_go_on(deployed_copy: Sandbox) -> None:
    box, calls = deployed_copy, list[str]()
    client = box.client("dynamodb", ENVIRONMENT)
    dynamodb = Recorded(client, calls)
    functions = Recorded(box.client("lambda", ENVIRONMENT), calls)
    send(box, PAYMENT_ID)
    box.process(ENVIRONMENT)
    before = client.scan(TableName=LEDGER)["Items"]
    described = client.describe_table(TableName=LEDGER)["Table"]
    queue_arn = box.outputs("payments", ENVIRONMENT)["queueArn"]
    (mapping,) = box.client("lambda", ENVIRONMENT).list_event_source_mappings(EventSourceArn=queue_arn)[
        "EventSourceMappings"
    ]
    key = described["SSEDescription"]["KMSMasterKeyArn"]

    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    send(box, "waits-for-the-restore")
    box.process(ENVIRONMENT)
    assert client.scan(TableName=LEDGER)["Items"] == before  # nobody decides on what may be wrong

    dynamodb.restore_table_to_point_in_time(
        SourceTableName=LEDGER, TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    dynamodb.create_backup(TableName=LEDGER, BackupName="damaged")
    backup = dynamodb.create_backup(TableName=RESTORED, BackupName="restored")["BackupDetails"]["BackupArn"]
    dynamodb.delete_table(TableName=LEDGER)
    dynamodb.restore_table_from_backup(
        TargetTableName=LEDGER,
        BackupArn=backup,
        SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    assert recovery(client) == "DISABLED"  # a restored table is without it

    box.refresh("payments", ENVIRONMENT)
    box.up(ENVIRONMENT, projects=["payments"])
    dynamodb.delete_table(TableName=RESTORED)
    assert calls == documented()

    assert recovery(client) == "ENABLED"
    tags = client.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    assert {"Key": "Environment", "Value": ENVIRONMENT} in tags
    (outcome,) = box.preview(ENVIRONMENT, projects=["payments"]).outcomes
    assert isinstance(outcome, Succeeded)
    # The table's encryption: moto keeps it of none but a table that was created with it.
    assert {operation: n for operation, n in outcome.changes.items() if operation != "same"} == {"update": 1}
    box.process(ENVIRONMENT)
    assert shown(box, PAYMENT_ID) == 0
    assert shown(box, "waits-for-the-restore") == 0
    after = client.scan(TableName=LEDGER)["Items"]
    # The payment that is sent again renews the record by which near-duplicates are found.
    kept = [item for item in before if not item["pk"]["S"].startswith("SIMILAR#")]
    assert [item for item in kept if item not in after] == []


def recovery(client: Any) -> Any:
    found = client.describe_continuous_backups(TableName=LEDGER)["ContinuousBackupsDescription"]
    return found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]


def shown(box: Sandbox, payment_id: str) -> int:
    """Exit code of scripts/payment.py."""
    return subprocess.run(  # noqa: S603  our own script
        [sys.executable, "scripts/payment.py", "show", "--env", ENVIRONMENT, payment_id],
        cwd=REPOSITORY,
        env=box.environ,
        capture_output=True,
        check=False,
    ).returncode
