import grpc
import pytest

from tests.sandbox.provider.plugin import Plugin


def test_zones_are_those_of_the_region_in_order(plugin: Plugin) -> None:
    zones = plugin.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert len(zones["zoneIds"]) == 3
    assert zones["id"] == zones["region"] == "eu-west-1"
    assert zones["state"] == "available"


def test_excluded_zones_are_left_out(plugin: Plugin) -> None:
    zones = plugin.invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeNames": ["eu-west-1b"]}
    )
    assert zones["names"] == ["eu-west-1a", "eu-west-1c"]


def test_the_caller_is_who_assumed_the_role(plugin: Plugin) -> None:
    identity = plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert identity["accountId"] == identity["id"] == plugin.account
    assert identity["arn"].startswith(f"arn:aws:sts::{plugin.account}:assumed-role/deployer/")


def test_partition_and_region_are_told(plugin: Plugin) -> None:
    assert plugin.invoke("aws:index/getPartition:getPartition")["partition"] == "aws"
    assert plugin.invoke("aws:index/getRegion:getRegion")["region"] == "eu-west-1"


def test_a_function_that_the_sandbox_has_not_is_named_with_those_it_has(plugin: Plugin) -> None:
    with pytest.raises(
        grpc.RpcError, match="does not implement the function aws:ec2/getAmi:getAmi; it implements"
    ):
        plugin.invoke("aws:ec2/getAmi:getAmi")
