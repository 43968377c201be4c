"""VPC endpoints for DynamoDB and SNS, and the security groups that lead to them and nowhere else."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import iam
from components.placement import Placement

HTTPS = 443


class Endpoints(pulumi.ComponentResource):
    """A gateway endpoint for DynamoDB, an interface endpoint for SNS, and the functions' security group."""

    function_security_group_id: pulumi.Output[str]
    dynamodb_endpoint_id: pulumi.Output[str]
    sns_endpoint_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        placement: Placement,
        vpc_id: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        route_table_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fintech:network:Endpoints", name, None, opts)
        names, child = placement.names, pulumi.ResourceOptions(parent=self)

        def security_group(resource_type: str, description: str) -> aws.ec2.SecurityGroup:
            return aws.ec2.SecurityGroup(
                resource_type,
                name=names(resource_type),
                description=description,
                vpc_id=vpc_id,
                tags={"Name": names(resource_type)},
                opts=child,
            )

        functions = security_group("function-security-group", "Functions: HTTPS to the VPC endpoints only")
        endpoint = security_group("endpoint-security-group", "SNS endpoint: HTTPS from functions only")
        dynamodb = aws.ec2.VpcEndpoint(
            "dynamodb-endpoint",
            vpc_id=vpc_id,
            service_name=f"com.amazonaws.{placement.region}.dynamodb",
            vpc_endpoint_type="Gateway",
            route_table_ids=[route_table_id],
            policy=dynamodb_endpoint_policy(placement),
            tags={"Name": names("dynamodb-endpoint")},
            opts=child,
        )
        sns = aws.ec2.VpcEndpoint(
            "sns-endpoint",
            vpc_id=vpc_id,
            service_name=f"com.amazonaws.{placement.region}.sns",
            vpc_endpoint_type="Interface",
            subnet_ids=subnet_ids,
            security_group_ids=[endpoint.id],
            private_dns_enabled=True,
            policy=sns_endpoint_policy(placement),
            tags={"Name": names("sns-endpoint")},
            opts=child,
        )
        to_sns = aws.vpc.SecurityGroupEgressRule(
            "function-to-sns-rule",
            security_group_id=functions.id,
            referenced_security_group_id=endpoint.id,
            description="HTTPS to the SNS endpoint",
            tags={"Name": names("function-to-sns-rule")},
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=child,
        )
        to_dynamodb = aws.vpc.SecurityGroupEgressRule(
            "function-to-dynamodb-rule",
            security_group_id=functions.id,
            prefix_list_id=dynamodb.prefix_list_id,
            description="HTTPS to DynamoDB through the gateway endpoint",
            tags={"Name": names("function-to-dynamodb-rule")},
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=child,
        )
        from_function = aws.vpc.SecurityGroupIngressRule(
            "sns-from-function-rule",
            security_group_id=endpoint.id,
            referenced_security_group_id=functions.id,
            description="HTTPS from functions",
            tags={"Name": names("sns-from-function-rule")},
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=child,
        )
        # A rule that somebody adds by hand is drift after any refresh, and an update takes it away.
        aws.ec2.VpcSecurityGroupRulesExclusive(
            "function-security-group-rules",
            security_group_id=functions.id,
            ingress_rule_ids=[],
            egress_rule_ids=[to_sns.id, to_dynamodb.id],
            opts=child,
        )
        aws.ec2.VpcSecurityGroupRulesExclusive(
            "endpoint-security-group-rules",
            security_group_id=endpoint.id,
            ingress_rule_ids=[from_function.id],
            egress_rule_ids=[],
            opts=child,
        )
        self.function_security_group_id = functions.id
        self.dynamodb_endpoint_id = dynamodb.id
        self.sns_endpoint_id = sns.id
        self.register_outputs({})


def dynamodb_endpoint_policy(placement: Placement) -> str:
    """Only this account's principals, only on this environment's tables, only what a payment takes."""
    return _only_own(
        placement,
        "OwnTables",
        [
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        placement.arn("dynamodb", f"table/{placement.names.any}"),
    )


def sns_endpoint_policy(placement: Placement) -> str:
    """Only this account's principals, only to this environment's topics, only to publish."""
    return _only_own(placement, "OwnTopics", ["sns:Publish"], placement.arn("sns", placement.names.any))


def _only_own(placement: Placement, sid: str, actions: Sequence[str], resource: str) -> str:
    """Without it an endpoint's default policy lets stolen data out into anybody's table or topic."""
    return iam.document(
        iam.Statement(
            sid=sid,
            actions=actions,
            resources=[resource],
            principals=iam.ANYONE,
            conditions={"StringEquals": {"aws:PrincipalAccount": placement.account_id}},
        )
    )
