import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.call_log import FILE
from tests.sandbox.provider.examples import World, trust
from tests.sandbox.provider.plugin import STACK_TAGS, Plugin, fresh_account, serve, urn

QUEUE = "aws:sqs/queue:Queue"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "calls.jsonl"
    monkeypatch.setenv(FILE, str(path))
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _logged(path: Path) -> list[tuple[str, str]]:
    return [(line["operation"], line["outcome"]) for line in _lines(path)]


def test_a_line_tells_who_called_what_for_which_resource_with_which_rights(log: Path, plugin: Plugin) -> None:
    plugin.create(QUEUE, {"name": "queue"})
    line = _lines(log)[0]
    assert line["service"] == "sqs"
    assert line["operation"] == "CreateQueue"
    assert line["account"] == plugin.account
    assert line["region"] == "eu-west-1"
    assert line["caller"] == f"arn:aws:sts::{plugin.account}:assumed-role/deployer/pulumi"
    assert line["urn"] == urn(QUEUE, "it")
    assert line["outcome"] == "ok"
    (create, tag) = line["needs"]
    assert create["action"] == "sqs:CreateQueue"
    assert create["resource"] == f"arn:aws:sqs:eu-west-1:{plugin.account}:queue"
    assert create["conditions"]["aws:RequestTag/Project"] == STACK_TAGS["Project"]
    assert tag["action"] == "sqs:TagQueue"


def test_a_failed_call_is_logged_with_awss_code(log: Path, plugin: Plugin) -> None:
    plugin.import_("aws:dynamodb/table:Table", "missing")
    assert _logged(log) == [("DescribeTable", "ResourceNotFoundException")]


def test_what_is_deleted_is_known_by_its_tags(log: Path, plugin: Plugin) -> None:
    held = plugin.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "vpc-dev-acme"}})
    with serve(plugin.account) as other:
        other.configure()
        other.delete(held)
    line = _lines(log)[-1]
    assert line["operation"] == "DeleteVpc"
    assert line["needs"][0]["conditions"]["aws:ResourceTag/EnvironmentSuffix"] == "acme"


def test_a_role_that_is_attached_to_is_known_by_its_boundary(
    log: Path, plugin: Plugin, tmp_path: Path
) -> None:
    world = World(plugin, tmp_path)
    boundary, attached = world.policies
    role = {"name": "role", "assumeRolePolicy": trust("lambda.amazonaws.com")}
    plugin.create("aws:iam/role:Role", {**role, "permissionsBoundary": boundary})
    plugin.create(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "role", "policyArn": attached}
    )
    (line,) = [each for each in _lines(log) if each["operation"] == "AttachRolePolicy"]
    assert line["needs"][0]["conditions"]["iam:PermissionsBoundary"] == boundary
    assert line["needs"][0]["conditions"]["iam:PolicyARN"] == attached


def test_without_a_file_nothing_is_logged(plugin: Plugin, tmp_path: Path) -> None:
    plugin.create(QUEUE, {"name": "queue"})
    assert list(tmp_path.iterdir()) == []


def test_two_providers_share_a_log(log: Path) -> None:
    for _ in range(2):
        with serve(fresh_account()) as plugin:
            plugin.configure()
            plugin.create(QUEUE, {"name": "queue"})
    assert len({line["account"] for line in _lines(log)}) == 2


def test_looking_for_orphans_is_the_sandboxs_own_business(log: Path, plugin: Plugin) -> None:
    plugin.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "vpc-dev-acme"}})
    assert "DescribeTags" not in {line["operation"] for line in _lines(log)}
