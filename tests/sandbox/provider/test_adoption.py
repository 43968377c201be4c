"""What happens after an update that was killed between AWS's answer and the engine's write of its state."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.sandbox.provider.examples import EXAMPLES, TAGGED, Example, World, labelled
from tests.sandbox.provider.plugin import Plugin, serve

SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:dynamodb/table:Table"


@pytest.fixture
def world(plugin: Plugin, tmp_path: Path) -> World:
    return World(plugin, tmp_path)


@pytest.fixture
def again(plugin: Plugin) -> Iterator[Plugin]:
    """The provider process of the next update: same account, no memory."""
    with serve(plugin.account) as served:
        served.configure()
        yield served


@pytest.mark.parametrize("example", labelled(EXAMPLES))
def test_the_next_update_takes_over_what_an_interrupted_one_created(
    example: Example, plugin: Plugin, again: Plugin, world: World
) -> None:
    valid = example.valid(world)
    lost = plugin.create(example.urn_type, valid)
    held = again.create(example.urn_type, valid)
    assert held.id == lost.id
    assert held.state == lost.state
    wanted = {**valid, **example.updates(world)}
    with serve(plugin.account) as later:
        later.configure()
        assert later.diff(later.create(example.urn_type, wanted), wanted).paths == {}


def test_a_name_that_something_outside_the_stack_has_is_a_conflict_in_awss_words(plugin: Plugin) -> None:
    plugin.client("dynamodb").create_table(
        TableName="payments-table-dev-acme",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    inputs = {
        "name": "payments-table-dev-acme",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "attributes": [{"name": "pk", "type": "S"}],
    }
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(TABLE, inputs, "payments-table")
    assert raised.value.details() == (
        "creating DynamoDB Table (payments-table-dev-acme): operation error CreateTable, https response "
        "error StatusCode: 400, api error ResourceInUseException: Table already exists: "
        "payments-table-dev-acme. "
        "It was not taken over, because it does not carry the tags of this stack, or another resource of the "
        "stack has it: rename this one, delete it, or import it (`pulumi import aws:dynamodb/table:Table "
        "payments-table ID --generate-code=false`)"
    )


def test_two_resources_of_a_stack_cannot_share_a_name(plugin: Plugin) -> None:
    inputs = {
        "name": "payments-table-dev-acme",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "attributes": [{"name": "pk", "type": "S"}],
    }
    plugin.create(TABLE, inputs, "one")
    with pytest.raises(grpc.RpcError, match="ResourceInUseException"):
        plugin.create(TABLE, inputs, "other")


def test_an_unnamed_resource_without_the_stacks_tags_is_left_alone(plugin: Plugin, world: World) -> None:
    foreign = world.client("ec2").create_vpc(
        CidrBlock="10.0.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "it-dev-acme"}]}],
    )["Vpc"]["VpcId"]
    assert plugin.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": TAGGED}).id != foreign


def test_of_two_candidates_none_is_taken_over(plugin: Plugin, again: Plugin) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": TAGGED}
    first = plugin.create("aws:ec2/vpc:Vpc", inputs, "one")
    second = plugin.create("aws:ec2/vpc:Vpc", inputs, "other")
    assert again.create("aws:ec2/vpc:Vpc", inputs, "one").id not in (first.id, second.id)


def test_a_replacement_is_not_the_resource_it_replaces(plugin: Plugin, again: Plugin) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": TAGGED}
    old = plugin.create("aws:ec2/vpc:Vpc", inputs)
    assert again.diff(old, {**inputs, "instanceTenancy": "dedicated"}).replaces == ["instanceTenancy"]
    assert again.create("aws:ec2/vpc:Vpc", {**inputs, "instanceTenancy": "dedicated"}).id != old.id
    assert again.create("aws:ec2/vpc:Vpc", inputs).id != old.id


def test_a_resource_that_the_state_holds_is_not_an_orphan_even_before_it_was_compared(
    plugin: Plugin, again: Plugin
) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": TAGGED}
    old = plugin.create("aws:ec2/vpc:Vpc", inputs)
    again.check(
        "aws:ec2/vpc:Vpc", inputs, olds=old.inputs
    )  # all that `pulumi up --replace` asks before creating
    assert again.create("aws:ec2/vpc:Vpc", inputs).id != old.id


def test_what_another_resource_has_taken_over_is_not_deleted(plugin: Plugin, again: Plugin) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": TAGGED}
    renamed = plugin.create("aws:ec2/vpc:Vpc", inputs, "old-name")
    held = again.create("aws:ec2/vpc:Vpc", inputs, "new-name")
    assert held.id == renamed.id
    again.delete(renamed)
    assert again.refresh(held) is not None
