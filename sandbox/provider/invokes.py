"""The functions that programs call: who and where am I, which zones are there."""

from collections.abc import Callable
from typing import Any

from sandbox.provider.account import Account
from sandbox.provider.errors import ProviderError
from sandbox.provider.wire import Properties


def invoke(aws: Account, token: str, arguments: Properties) -> Properties:
    """The answer to a function call. Raises ProviderError for a function that the sandbox has not."""
    function = _FUNCTIONS.get(token)
    if function is None:
        raise ProviderError(
            f"the sandbox does not implement the function {token}; it implements {', '.join(_FUNCTIONS)}"
        )
    return function(aws, arguments)


def _availability_zones(aws: Account, arguments: Properties) -> Properties:
    parameters: dict[str, Any] = {"AllAvailabilityZones": bool(arguments.get("allAvailabilityZones"))}
    filters = [{"Name": each["name"], "Values": each["values"]} for each in arguments.get("filters") or []]
    if state := arguments.get("state"):
        filters.append({"Name": "state", "Values": [state]})
    if filters:
        parameters["Filters"] = filters
    excluded = {*arguments.get("excludeNames", ()), *arguments.get("excludeZoneIds", ())}
    zones = sorted(
        (
            zone
            for zone in aws.client("ec2").describe_availability_zones(**parameters)["AvailabilityZones"]
            if zone["ZoneName"] not in excluded and zone["ZoneId"] not in excluded
        ),
        key=lambda zone: str(zone["ZoneName"]),
    )
    return {
        **{
            name: arguments[name]
            for name in ("state", "filters", "allAvailabilityZones")
            if name in arguments
        },
        **{name: arguments[name] for name in ("excludeNames", "excludeZoneIds") if name in arguments},
        "groupNames": sorted({zone.get("GroupName") or aws.region for zone in zones}),
        "id": aws.region,
        "names": [zone["ZoneName"] for zone in zones],
        "region": aws.region,
        "zoneIds": [zone["ZoneId"] for zone in zones],
    }


def _caller_identity(aws: Account, _arguments: Properties) -> Properties:
    identity = aws.identity
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "id": identity["Account"],
        "userId": identity["UserId"],
    }


def _partition(aws: Account, _arguments: Properties) -> Properties:
    return {
        "dnsSuffix": "amazonaws.com",
        "id": aws.partition,
        "partition": aws.partition,
        "reverseDnsPrefix": "com.amazonaws",
    }


def _region(aws: Account, _arguments: Properties) -> Properties:
    return {
        "description": aws.region,
        "endpoint": f"ec2.{aws.region}.amazonaws.com",
        "id": aws.region,
        "name": aws.region,
        "region": aws.region,
    }


_FUNCTIONS: dict[str, Callable[[Account, Properties], Properties]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}
