"""A changed program and a hasty command on deployed stacks: the payments stay."""

import json

import pytest

from sandbox.box import Sandbox
from tests.chain.terminal import checkout
from tests.chain.world import World

pytestmark = pytest.mark.long


def test_a_renamed_key_attribute_and_a_hasty_destroy_lose_no_payment(deployed_copy: Sandbox) -> None:
    box = deployed_copy
    world = World(box, "dev")
    item = {"pk": {"S": "PAYMENT#1"}, "sk": {"S": "PAYMENT"}}
    table = world.table["TableName"]
    for environment in ("dev", "prod"):
        name = World(box, environment).table["TableName"]
        box.client("dynamodb", environment).put_item(TableName=name, Item=item)
    deploy = checkout(box)
    ledger = box.root / "components" / "payment_processor" / "ledger.py"
    source = ledger.read_text(encoding="utf-8")
    assert '"pk"' in source
    ledger.write_text(source.replace('"pk"', '"partition"'), encoding="utf-8")

    up = deploy("up", "--env", "dev", "--yes", "--json")

    assert up.returncode == 1, up.stdout + up.stderr
    stacks = {stack["project"]: stack for stack in json.loads(up.stdout)["stacks"]}
    assert {name: stack["status"] for name, stack in stacks.items()} == {
        "bootstrap-iam": "not run",
        "network": "not run",
        "payments": "failed",
    }
    assert "replace of payments-table" in stacks["payments"]["reason"]
    assert "--allow-replace 'urn:pulumi:dev::payments::" in stacks["payments"]["reason"]
    assert box.client("dynamodb", "dev").scan(TableName=table)["Count"] == 1

    hasty = deploy("destroy", "--env", "prod", "--yes")

    assert hasty.returncode == 2
    assert "The ledger of prod holds 1 payment." in hasty.stderr
    assert "--confirm prod" in hasty.stderr
    assert World(box, "prod").table["ItemCount"] == 1
