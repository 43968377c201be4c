"""Every resource type through its whole life, from one valid example each.

A life is one test, because most of what a test costs is the account that it needs; its steps are the claims.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.authorization import Need
from sandbox.provider.call_log import FILE
from sandbox.provider.resources import RESOURCES, resource_of
from sandbox.provider.wire import UNKNOWN
from tests.sandbox.provider.examples import EXAMPLES, Example, Inputs, World, labelled
from tests.sandbox.provider.plugin import STACK_TAGS, Held, Plugin
from tests.sandbox.provider.sdk import sdk_properties, sdk_required
from tests.sandbox.provider.service_authorization import conforms

# What AWS keeps when Pulumi lets go of it: a VPC's default group, a topic's default policy, and sets.
KEPT = (
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:sns/topicPolicy:TopicPolicy",
)
# What somebody adds by hand beside what the program manages is shown, but not undone.
BESIDE = ("aws:ec2/securityGroup:SecurityGroup",)
# What no AWS call returns: an import cannot know it.
UNREADABLE = ("code", "deletionWindowInDays", "revokeRulesOnDelete")


@pytest.mark.parametrize("example", labelled(EXAMPLES))
def test_a_resource_lives_as_aws_lets_it(
    example: Example, plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "calls.jsonl"
    monkeypatch.setenv(FILE, str(log))
    world = World(plugin, tmp_path)
    valid = example.valid(world)
    promised = plugin.preview(example.urn_type, valid)

    held = plugin.create(example.urn_type, valid)
    it_has_the_shape_of_pulumi_aws(example, held)
    it_is_what_the_preview_promised(promised, held)
    it_reads_as_it_was_created(plugin, held)
    it_is_not_changed_by_the_same_inputs(plugin, held, valid)
    what_aws_cannot_change_replaces_it(example, plugin, held, valid, world)
    it_can_be_imported_by_its_id(example, plugin, held, valid)
    what_is_done_by_hand_shows_and_is_put_back(example, plugin, held, valid)
    held = it_changes_in_place_and_back(example, plugin, held, valid, world)
    held = its_tags_are_the_programs_and_the_stacks(example, plugin, held, valid)
    it_goes_for_good(example, plugin, held)
    every_call_needs_rights_that_iam_knows(log)


def it_has_the_shape_of_pulumi_aws(example: Example, held: Held) -> None:
    assert held.id == held.state["id"]
    assert set(held.state) - {"id"} <= sdk_properties(example.urn_type)[1]


def it_is_what_the_preview_promised(promised: Inputs, held: Held) -> None:
    assert set(held.state) <= set(promised) | {"id"}
    for name, value in promised.items():
        assert _kept(value, held.state.get(name)), name


def it_reads_as_it_was_created(plugin: Plugin, held: Held) -> None:
    read = plugin.refresh(held)
    assert read is not None
    assert read.state == held.state
    assert read.inputs == held.inputs


def it_is_not_changed_by_the_same_inputs(plugin: Plugin, held: Held, valid: Inputs) -> None:
    assert plugin.diff(held, valid).paths == {}


def what_aws_cannot_change_replaces_it(
    example: Example, plugin: Plugin, held: Held, valid: Inputs, world: World
) -> None:
    for name, value in example.replaces(world).items():
        assert name in plugin.diff(held, _with(valid, {name: value})).replaces, name


def it_can_be_imported_by_its_id(example: Example, plugin: Plugin, held: Held, valid: Inputs) -> None:
    found = plugin.import_(example.urn_type, held.id)
    assert found is not None
    declared = resource_of(example.urn_type).properties
    unreadable = {name: valid[name] for name in UNREADABLE if name in valid}
    told = {
        name
        for name, value in valid.items()
        if name == "tags" or value not in (False, [], declared[name].default)
    }
    inputs = {name: value for name, value in found.inputs.items() if name != "__defaults"}
    assert inputs.keys() >= told - unreadable.keys()
    assert plugin.diff(found, {**inputs, **unreadable}).paths.keys() <= unreadable.keys()


def what_is_done_by_hand_shows_and_is_put_back(
    example: Example, plugin: Plugin, held: Held, valid: Inputs
) -> None:
    if example.drift is None:
        return
    service, tamper, property_name = example.drift
    tamper(plugin.client(service), held.id, held.state)
    drifted = plugin.refresh(held)
    assert drifted is not None
    assert drifted.state.get(property_name) != held.state.get(property_name)
    if example.urn_type not in BESIDE:
        assert property_name in {
            path.split(".")[0].split("[")[0] for path in plugin.diff(drifted, valid).paths
        }
        assert plugin.diff(plugin.update(drifted, valid), valid).paths == {}


def it_changes_in_place_and_back(
    example: Example, plugin: Plugin, held: Held, valid: Inputs, world: World
) -> Held:
    updates = example.updates(world)
    for name, value in updates.items():
        diff = plugin.diff(held, _with(valid, {name: value}))
        assert diff.paths, name
        assert diff.replaces == [], name
    changed = _with(valid, updates)
    updated = plugin.update(held, changed)
    assert plugin.diff(updated, changed).paths == {}
    it_reads_as_it_was_created(plugin, updated)
    back = plugin.update(updated, valid)
    assert plugin.diff(back, valid).paths == {}
    return back


def its_tags_are_the_programs_and_the_stacks(
    example: Example, plugin: Plugin, held: Held, valid: Inputs
) -> Held:
    if not example.taggable:
        assert "tagsAll" not in held.state
        return held
    assert held.state["tagsAll"] == {**STACK_TAGS, **valid.get("tags", {})}
    tagged = {**valid, "tags": {"Name": "it", "Owner": "payments"}}
    held = plugin.update(held, tagged)
    assert held.state["tags"] == {"Name": "it", "Owner": "payments"}
    assert held.state["tagsAll"] == {**STACK_TAGS, "Name": "it", "Owner": "payments"}
    other = {**valid, "tags": {"Name": "other", "Environment": "mine"}}
    diff = plugin.diff(held, other)
    assert diff.replaces == []
    assert set(diff.paths) == {
        f"{tags}.{name}" for tags in ("tags", "tagsAll") for name in ("Name", "Owner", "Environment")
    }
    held = plugin.update(held, other)
    assert held.state["tagsAll"] == {**STACK_TAGS, "Name": "other", "Environment": "mine"}
    assert held.state["tags"] == {"Name": "other", "Environment": "mine"}
    it_reads_as_it_was_created(plugin, held)
    return held


def it_goes_for_good(example: Example, plugin: Plugin, held: Held) -> None:
    plugin.delete(held)
    if example.urn_type not in KEPT:
        assert plugin.refresh(held) is None
        assert plugin.import_(example.urn_type, held.id) is None
    plugin.delete(held)


def every_call_needs_rights_that_iam_knows(log: Path) -> None:
    unknown = [
        (line["operation"], need["action"], need["resource"])
        for line in map(json.loads, log.read_text().splitlines())
        for need in line["needs"]
        if not conforms(Need(**need))
    ]
    assert unknown == []


def _with(inputs: Inputs, changed: Inputs) -> Inputs:
    return {name: value for name, value in {**inputs, **changed}.items() if value is not None}


def _kept(promise: Any, actual: Any) -> bool:
    if isinstance(promise, dict) and isinstance(actual, dict):
        return all(_kept(value, actual.get(name)) for name, value in promise.items())
    return promise is UNKNOWN or bool(promise == actual)


@pytest.mark.parametrize("urn_type", RESOURCES)
def test_properties_are_those_of_pulumi_aws(urn_type: str) -> None:
    declared = resource_of(urn_type).properties
    inputs, outputs = sdk_properties(urn_type)
    assert {name for name, each in declared.items() if not each.output} <= inputs
    assert set(declared) <= outputs
    assert {name for name, each in declared.items() if each.required} >= sdk_required(urn_type)


def test_every_type_has_an_example() -> None:
    assert {example.urn_type for example in EXAMPLES} == set(RESOURCES)


def test_a_vpc_goes_back_to_shared_hardware_without_being_replaced(plugin: Plugin) -> None:
    dedicated = plugin.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "dedicated"})
    difference = plugin.diff(dedicated, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "default"})
    assert (difference.replaces, [*difference.paths]) == ([], ["instanceTenancy"])
