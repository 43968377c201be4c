"""What the deployer may do in EC2: create what gets this environment's tags, change what has them."""

from components import iam
from components.ownership import becoming_own, own
from components.placement import Placement

CREATIONS = {
    "CreateFlowLogs": "vpc-flow-log",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpcEndpoint": "vpc-endpoint",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
}
"""Action to the type that it creates; what else the action touches has to carry the tags already."""


def network_permissions(placement: Placement) -> list[iam.Statement]:
    """The network project's calls, and the reads that come with them."""

    def arn(resource_type: str) -> str:
        return placement.arn("ec2", f"{resource_type}/*")

    creation = {"StringEquals": becoming_own(placement)}
    owned = {"StringEquals": own(placement)}
    types = sorted({*CREATIONS.values(), "vpc"})
    by_type = {
        kind: [f"ec2:{action}" for action, made in CREATIONS.items() if made == kind]
        for kind in sorted(set(CREATIONS.values()) - {"vpc-endpoint"})
    }
    return [
        # Every resource: these actions know none.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        iam.Statement(sid="Describe", actions=DESCRIPTIONS, resources=["*"]),
        *(
            iam.Statement(
                sid=f"Create{''.join(part.capitalize() for part in kind.split('-'))}",
                actions=actions,
                resources=[arn(kind)],
                conditions=creation,
            )
            for kind, actions in by_type.items()
        ),
        iam.Statement(
            sid="CreateVpcEndpoint",
            actions=["ec2:CreateVpcEndpoint"],
            resources=[arn("vpc-endpoint")],
            conditions={
                "StringEquals": {
                    **becoming_own(placement),
                    "ec2:VpceServiceName": [
                        f"com.amazonaws.{placement.region}.{service}" for service in ENDPOINT_SERVICES
                    ],
                }
            },
        ),
        iam.Statement(
            sid="TagWhenCreating",
            actions=["ec2:CreateTags"],
            resources=[arn(kind) for kind in types],
            conditions={"StringEquals": {**becoming_own(placement), "ec2:CreateAction": list(CREATIONS)}},
        ),
        iam.Statement(
            sid="ChangeOwn",
            actions=[
                *(f"ec2:{action}" for action in CREATIONS),
                "ec2:AssociateRouteTable",
                "ec2:CreateTags",
                "ec2:DeleteRoute",
                "ec2:DeleteRouteTable",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteSubnet",
                "ec2:DeleteTags",
                "ec2:DeleteVpcEndpoints",
                "ec2:DescribeVpcAttribute",
                "ec2:DisassociateRouteTable",
                "ec2:ModifySecurityGroupRules",
                "ec2:ModifySubnetAttribute",
                "ec2:ModifyVpcAttribute",
                "ec2:ModifyVpcEndpoint",
                "ec2:ReplaceRouteTableAssociation",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
                "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
            ],
            resources=[arn(kind) for kind in types],
            conditions=owned,
        ),
    ]


def network_founding_permissions(placement: Placement) -> list[iam.Statement]:
    """Return the calls that make or remove a network: the destroyer's.

    Some touch what carries no tags yet, which in a shared account may belong to somebody else.
    """

    def arn(resource_type: str) -> str:
        return placement.arn("ec2", f"{resource_type}/*")

    creation = {"StringEquals": becoming_own(placement)}
    nobodys = {"Null": dict.fromkeys(own(placement), "true")}
    return [
        iam.Statement(
            sid="CreateVpc", actions=["ec2:CreateVpc"], resources=[arn("vpc")], conditions=creation
        ),
        iam.Statement(
            sid="TagWhenCreatingVpc",
            actions=["ec2:CreateTags"],
            resources=[arn("vpc")],
            conditions={"StringEquals": {**becoming_own(placement), "ec2:CreateAction": "CreateVpc"}},
        ),
        iam.Statement(
            sid="DeleteOwn",
            actions=["ec2:DeleteFlowLogs", "ec2:DeleteVpc"],
            resources=[arn("vpc"), arn("vpc-flow-log")],
            conditions={"StringEquals": own(placement)},
        ),
        # A VPC's default security group comes without tags: it may be closed, and become this environment's.
        iam.Statement(
            sid="CloseDefaultSecurityGroup",
            actions=["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
            resources=[arn("security-group")],
            conditions=nobodys,
        ),
        iam.Statement(
            sid="AdoptDefaultSecurityGroup",
            actions=["ec2:CreateTags"],
            resources=[arn("security-group")],
            conditions={**creation, **nobodys},
        ),
        # Lambda's interfaces carry no tags and may outlive their function; no subnet or security group can
        # go before them. AWS refuses this for an interface in use.
        iam.Statement(
            sid="DeleteLingeringInterfaces",
            actions=["ec2:DeleteNetworkInterface"],
            resources=[arn("network-interface")],
            conditions=nobodys,
        ),
        # An interface endpoint with private DNS is an association with a hosted zone of AWS's.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        iam.Statement(
            sid="ResolveEndpointNames",
            actions=["route53:AssociateVPCWithHostedZone"],
            resources=["arn:aws:route53:::hostedzone/*"],
        ),
    ]


ENDPOINT_SERVICES = ("dynamodb", "sns")
"""AWS services that the network has an endpoint for; no other service, and nobody else's."""
DESCRIPTIONS = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)
