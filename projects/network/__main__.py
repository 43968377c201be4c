"""The private network of an environment."""

from pathlib import Path

import pulumi

from components.placement import Placement
from components.private_network import PrivateNetwork, PrivateNetworkArgs
from components.project_settings import NetworkIdentity, NetworkScaling
from components.promotion import enforce_promotion_gate
from components.provider import deployer_provider
from components.settings import load
from components.stacks import BootstrapIamOutputs, NetworkOutputs
from components.workload_roles import flow_log_role

settings = load(NetworkIdentity, NetworkScaling, project_directory=Path(__file__).parent)
standing = enforce_promotion_gate(settings, Path(__file__).parent)
access = BootstrapIamOutputs.of(settings.environment)
network = PrivateNetwork(
    "network",
    PrivateNetworkArgs(
        placement=Placement.of(settings),
        cidr=settings.identity.vpc_cidr,
        availability_zone_ids=settings.identity.availability_zone_ids,
        flow_log_role_arn=access.workload_role_arn(flow_log_role()),
        flow_log_retention_days=settings.scaling.flow_log_retention_days,
    ),
    opts=pulumi.ResourceOptions(provider=deployer_provider(settings, access)),
)
NetworkOutputs(
    account_id=settings.identity.account_id,
    vpc_id=network.vpc_id,
    private_subnet_ids=network.private_subnet_ids,
    function_security_group_id=network.function_security_group_id,
    dynamodb_endpoint_id=network.dynamodb_endpoint_id,
    sns_endpoint_id=network.sns_endpoint_id,
    configuration_digest=settings.configuration_digest,
    **standing.as_stack_outputs(),
).export()
