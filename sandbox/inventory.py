"""What an account holds: every resource of every service that the projects use, told by the services
themselves.

`leftovers` asks wherever anything was ever asked of the sandbox, in any account and region, so that a
resource in a wrong place shows too. What AWS itself puts into every account (the default VPC and its parts)
does not count.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import boto3

from sandbox import accounts
from sandbox.server import state_key
from sandbox.server.process import get

Listing = Callable[[Any], Iterable[str]]


def _paged(operation: str, key: str, name: str | None, **arguments: Any) -> Listing:
    def names(client: Any) -> Iterable[str]:
        for page in client.get_paginator(operation).paginate(**arguments):
            for item in page.get(key, []):
                yield item if name is None else item[name]

    return names


def _customer_managed_keys(client: Any) -> Iterable[str]:
    """A key that waits for its deletion is gone: KMS lets nobody delete one sooner than after seven days."""
    for key in _paged("list_keys", "Keys", "KeyId")(client):
        metadata = client.describe_key(KeyId=key)["KeyMetadata"]
        if metadata["KeyManager"] == "CUSTOMER" and metadata["KeyState"] != "PendingDeletion":
            yield key


def _own_aliases(client: Any) -> Iterable[str]:
    return (
        name
        for name in _paged("list_aliases", "Aliases", "AliasName")(client)
        if not name.startswith("alias/aws/")
    )


def _living(operation: str, key: str, name: str) -> Listing:
    """Of what EC2 still shows for an hour after it was deleted, the rest."""

    def names(client: Any) -> Iterable[str]:
        for item in _paged(operation, key, None)(client):
            if item.get("State") != "deleted":  # type: ignore[attr-defined]  # whole items, without a name
                yield item[name]  # type: ignore[index]

    return names


def _addresses(client: Any) -> Iterable[str]:
    return (item["AllocationId"] for item in client.describe_addresses()["Addresses"])


def _identity_providers(client: Any) -> Iterable[str]:
    return (item["Arn"] for item in client.list_open_id_connect_providers()["OpenIDConnectProviderList"])


LISTINGS: Mapping[str, Mapping[str, Listing]] = {
    "iam": {
        "role": _paged("list_roles", "Roles", "RoleName"),
        "policy": _paged("list_policies", "Policies", "PolicyName", Scope="Local"),
        "identity provider": _identity_providers,
        "user": _paged("list_users", "Users", "UserName"),
        "group": _paged("list_groups", "Groups", "GroupName"),
        "instance profile": _paged("list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    },
    "ec2": {
        "vpc": _paged("describe_vpcs", "Vpcs", "VpcId"),
        "subnet": _paged("describe_subnets", "Subnets", "SubnetId"),
        "route table": _paged("describe_route_tables", "RouteTables", "RouteTableId"),
        "security group": _paged("describe_security_groups", "SecurityGroups", "GroupId"),
        "endpoint": _living("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
        "flow log": _paged("describe_flow_logs", "FlowLogs", "FlowLogId"),
        "network interface": _paged("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        "internet gateway": _paged("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        "NAT gateway": _living("describe_nat_gateways", "NatGateways", "NatGatewayId"),
        "network ACL": _paged("describe_network_acls", "NetworkAcls", "NetworkAclId"),
        "elastic IP": _addresses,
        "VPC peering": _paged(
            "describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"
        ),
    },
    "logs": {"log group": _paged("describe_log_groups", "logGroups", "logGroupName")},
    "kms": {"key": _customer_managed_keys, "alias": _own_aliases},
    "dynamodb": {
        "table": _paged("list_tables", "TableNames", None),
        "backup": _paged("list_backups", "BackupSummaries", "BackupName"),
    },
    "s3": {"bucket": _paged("list_buckets", "Buckets", "Name")},
    "events": {"rule": _paged("list_rules", "Rules", "Name")},
    "secretsmanager": {"secret": _paged("list_secrets", "SecretList", "Name")},
    "ssm": {"parameter": _paged("describe_parameters", "Parameters", "Name")},
    "sqs": {"queue": _paged("list_queues", "QueueUrls", None)},
    "sns": {
        "topic": _paged("list_topics", "Topics", "TopicArn"),
        "subscription": _paged("list_subscriptions", "Subscriptions", "SubscriptionArn"),
    },
    "lambda": {
        "function": _paged("list_functions", "Functions", "FunctionName"),
        "event source mapping": _paged("list_event_source_mappings", "EventSourceMappings", "UUID"),
    },
    "cloudwatch": {
        "alarm": _paged("describe_alarms", "MetricAlarms", "AlarmName"),
        "dashboard": _paged("list_dashboards", "DashboardEntries", "DashboardName"),
    },
}
"""Service to kind of resource to how its names are listed."""


GLOBAL = frozenset({"iam"})
"""Services that are the same in every region of an account."""


def inventory(
    session: boto3.Session,
    *,
    url: str,
    services: Iterable[str] = LISTINGS,
    credentials: Mapping[str, str] | None = None,
    region: str | None = None,
) -> frozenset[str]:
    """Everything in the session's account and region, each as `kind name`; or in that of `credentials` and
    `region`.
    """
    found: set[str] = set()
    for service in services:
        client = session.client(service, endpoint_url=url, region_name=region, **(credentials or {}))
        for kind, names in LISTINGS[service].items():
            found.update(f"{kind} {name}" for name in names(client))
    return frozenset(found)


def leftovers(url: str, account_ids: Collection[str] = ()) -> dict[str, list[str]]:
    """What accounts hold that AWS did not put there, by `ACCOUNT REGION`; empty where nothing is left.

    Looks at every account that the sandbox has ever heard of, or only at `account_ids`.
    """
    # One for all: reading the services' descriptions is most of what a client costs.
    session = accounts.blank_session()
    found: dict[str, list[str]] = {}
    for (account, region), services in sorted(_touched(url).items()):
        if account_ids and account not in account_ids:
            continue
        credentials = accounts.credentials(url, account, region, by=session)
        held = inventory(session, url=url, services=services, credentials=credentials, region=region)
        if "ec2" in services:
            ec2 = session.client("ec2", endpoint_url=url, region_name=region, **credentials)
            held -= _of_the_default_vpc(ec2)
        if (account, region) == (state_key.ACCOUNT, state_key.REGION) and "kms" in services:
            held -= _of_the_state(session.client("kms", endpoint_url=url, region_name=region, **credentials))
        if held:
            found[f"{account} {region}"] = sorted(held)
    return found


def _touched(url: str) -> dict[tuple[str, str], list[str]]:
    """Where each service was ever used: elsewhere there is nothing, and listing would only create its
    defaults.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for service, account, region in get(url, "/sandbox/touched"):
        if service in LISTINGS:
            place = (account, "us-east-1" if service in GLOBAL else region)
            places.setdefault(place, []).append(service)
    return places


def _of_the_state(kms: Any) -> frozenset[str]:
    """The sandbox's own key."""
    key = kms.describe_key(KeyId=state_key.ALIAS)["KeyMetadata"]["KeyId"]
    return frozenset({f"key {key}", f"alias {state_key.ALIAS}"})


def _of_the_default_vpc(ec2: Any) -> frozenset[str]:
    """The default VPC and what comes with it: nothing that was made in it later."""
    found: set[str] = set()
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
        within = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        found.add(f"vpc {vpc['VpcId']}")
        found.update(
            f"subnet {subnet['SubnetId']}"
            for subnet in ec2.describe_subnets(Filters=within)["Subnets"]
            if subnet["DefaultForAz"]
        )
        found.update(
            f"route table {table['RouteTableId']}"
            for table in ec2.describe_route_tables(Filters=within)["RouteTables"]
            if any(association.get("Main") for association in table["Associations"])
        )
        found.update(
            f"security group {group['GroupId']}"
            for group in ec2.describe_security_groups(Filters=within)["SecurityGroups"]
            if group["GroupName"] == "default"
        )
        found.update(
            f"network ACL {acl['NetworkAclId']}"
            for acl in ec2.describe_network_acls(Filters=within)["NetworkAcls"]
            if acl["IsDefault"]
        )
    return frozenset(found)
