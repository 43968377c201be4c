"""Read-only checks of the accounts that an organisation names, with the credentials of the caller.

Each environment is looked at as the role that bootstraps it. What cannot be asked is reported as not checked.
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.organisation.model import Environment, Organisation

ADMINISTRATOR_ROLE = "OrganizationAccountAccessRole"
GITHUB_ISSUER = "token.actions.githubusercontent.com"
LAMBDA_QUOTA_MARGIN = 100
"""Unreserved executions that Lambda keeps for functions without a reservation.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""
Session = Callable[[Environment], boto3.Session]


def look(organisation: Organisation, session_of: Session | None = None) -> tuple[list[str], list[str]]:
    """Return what is in the way, each with its remedy, and what could not be checked."""
    obstacles: list[str] = []
    unchecked: list[str] = []
    for name, environment in organisation.environments.items():
        try:
            session = (session_of or _administrator)(environment)
        except (ClientError, BotoCoreError) as error:
            unchecked.append(f"{name}: account {environment.account_id} cannot be entered: {error}")
            continue
        for check in (_account, _oidc_provider, _endpoint_zones, _address_ranges, _lambda_quota):
            try:
                obstacles += [f"{name}: {problem}" for problem in check(session, environment, organisation)]
            except (ClientError, BotoCoreError) as error:
                unchecked.append(f"{name}: {(check.__doc__ or '').splitlines()[0]} ({error})")
    return obstacles, unchecked


def _administrator(environment: Environment) -> boto3.Session:
    answer = boto3.client("sts", region_name=environment.region).assume_role(
        RoleArn=f"arn:aws:iam::{environment.account_id}:role/{ADMINISTRATOR_ROLE}", RoleSessionName="init"
    )
    credentials = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=environment.region,
    )


def _account(session: boto3.Session, environment: Environment, _organisation: Organisation) -> Iterator[str]:
    """the credentials belong to the account"""
    found = session.client("sts").get_caller_identity()["Account"]
    if found != environment.account_id:
        yield f"the credentials belong to {found}, not to {environment.account_id}: correct the account id"


def _oidc_provider(
    session: boto3.Session, _environment: Environment, organisation: Organisation
) -> Iterator[str]:
    """no OIDC provider of GitHub exists yet"""
    if not organisation.github_repository:
        return
    for provider in session.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        if provider["Arn"].endswith(f"/{GITHUB_ISSUER}"):
            yield (
                f"{provider['Arn']} exists already, and an account holds one provider per URL: "
                "import it with `pulumi import` (docs/deployment.md), or remove it if nothing else uses it"
            )


def _endpoint_zones(
    session: boto3.Session, environment: Environment, _organisation: Organisation
) -> Iterator[str]:
    """the SNS endpoint is offered in the first two zones"""
    ec2: Any = session.client("ec2")
    zones = ec2.describe_availability_zones(
        Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]
    )["AvailabilityZones"]
    first = sorted(zones, key=lambda zone: str(zone["ZoneName"]))[:2]
    service = f"com.amazonaws.{environment.region}.sns"
    details = ec2.describe_vpc_endpoint_services(ServiceNames=[service])["ServiceDetails"]
    offered = {zone for detail in details for zone in detail["AvailabilityZones"]}
    for zone in first:
        if zone["ZoneName"] not in offered:
            usable = ", ".join(item["ZoneId"] for item in zones if item["ZoneName"] in offered)
            yield (
                f"{service} is not offered in {zone['ZoneName']} ({zone['ZoneId']}): set "
                f"network:availabilityZoneIds to two of {usable}"
            )


def _address_ranges(
    session: boto3.Session, environment: Environment, _organisation: Organisation
) -> Iterator[str]:
    """no other VPC of the account uses the address range"""
    wanted = ipaddress.IPv4Network(environment.vpc_cidr)
    for vpc in session.client("ec2").describe_vpcs()["Vpcs"]:
        for association in vpc.get("CidrBlockAssociationSet", [{"CidrBlock": vpc["CidrBlock"]}]):
            if wanted.overlaps(ipaddress.IPv4Network(association["CidrBlock"])):
                yield (
                    f"the range {wanted} overlaps {association['CidrBlock']} of {vpc['VpcId']}: "
                    "choose another with --cidr, unless the two networks are never connected"
                )


def _lambda_quota(
    session: boto3.Session, _environment: Environment, _organisation: Organisation
) -> Iterator[str]:
    """the Lambda quota leaves 100 executions unreserved"""
    limit = session.client("lambda").get_account_settings()["AccountLimit"]
    unreserved = int(limit["UnreservedConcurrentExecutions"])
    if unreserved <= LAMBDA_QUOTA_MARGIN:
        yield (
            f"Lambda leaves {unreserved} executions unreserved, and {LAMBDA_QUOTA_MARGIN} must stay so: "
            "ask for more in Service Quotas (L-B99A9384)"
        )
