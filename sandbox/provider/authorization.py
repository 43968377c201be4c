"""What IAM asks before it allows an API call: actions, resources, and the condition keys of the call.

One call may need several permissions: creating a tagged subnet is `ec2:CreateSubnet` on the new subnet and
on its VPC, and `ec2:CreateTags`. Follows the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/), for the calls that the provider makes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Parameters = Mapping[str, Any]
Conditions = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """One permission that a call needs."""

    action: str
    resource: str
    """An ARN, or `*` where the action knows no resources. Ids that AWS has yet to make up are `*` too."""
    conditions: Conditions = field(default_factory=dict)


class Facts(Protocol):
    """What IAM knows and the call does not say."""

    account: str
    region: str

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an existing resource."""

    def boundary(self, role: str) -> str | None:
        """The permissions boundary of an existing role."""

    @property
    def about(self) -> Parameters:
        """The state or inputs of the Pulumi resource for which the call is made."""


def needs(service: str, operation: str, parameters: Parameters, facts: Facts) -> list[Need]:
    """All permissions that a call needs. `service` is spelled as boto3 does, `operation` as the API does."""
    action = f"{service}:{operation}"
    tags = _request_tags(parameters)
    requested = _requested(tags)
    found: list[Need] = []
    resources = list(_RESOURCES[service](operation, parameters, facts)) or ["*"]
    for resource in resources:
        # A tag in the request is a condition of the resource that gets it, not of those it is created in.
        conditions = requested if resource == resources[0] or service != "ec2" else {}
        new = resource == resources[0] and operation.startswith("Create") and operation not in _ON_EXISTING
        existing = (
            {} if new else {f"aws:ResourceTag/{name}": text for name, text in facts.tags(resource).items()}
        )
        more = _conditions(service, operation, parameters, facts)
        found.append(
            Need(action, resource, {"aws:RequestedRegion": facts.region, **conditions, **existing, **more})
        )
    if tags and operation.startswith(("Create", "Put", "Authorize")) and operation != "CreateTags":
        resource = _arn(facts, "kms", "key/*") if service == "kms" else resources[0]
        creating = {"ec2:CreateAction": operation} if service == "ec2" else {}
        tagging = _TAG_ACTIONS.get((service, operation), _TAG_ACTIONS.get((service, ""), "TagResource"))
        conditions = {"aws:RequestedRegion": facts.region, **requested, **creating}
        found.append(Need(f"{service}:{tagging}", resource, conditions))
    return [*found, *_dependent(service, operation, parameters, facts)]


_ON_EXISTING = frozenset({"CreateTags", "CreatePolicyVersion"})

_TAG_ACTIONS = {
    ("ec2", ""): "CreateTags",
    ("sqs", ""): "TagQueue",
    ("iam", "CreateRole"): "TagRole",
    ("iam", "CreatePolicy"): "TagPolicy",
    ("iam", "CreateOpenIDConnectProvider"): "TagOpenIDConnectProvider",
}


def _request_tags(parameters: Parameters) -> dict[str, str]:
    for specification in parameters.get("TagSpecifications") or []:
        return _pairs(specification["Tags"])
    for name in ("Tags", "tags"):
        if name in parameters:
            given = parameters[name]
            return dict(given) if isinstance(given, Mapping) else _pairs(given)
    return {}


def _pairs(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag.get("Key") or tag["TagKey"]: tag.get("Value", tag.get("TagValue", "")) for tag in tags}


def _requested(tags: Mapping[str, str]) -> Conditions:
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{name}": text for name, text in tags.items()}, "aws:TagKeys": sorted(tags)}


def _arn(facts: Facts, service: str, resource: str, *, region: bool = True) -> str:
    return f"arn:aws:{service}:{facts.region if region else ''}:{facts.account}:{resource}"


def _conditions(service: str, operation: str, parameters: Parameters, facts: Facts) -> Conditions:
    """The condition keys of single actions."""
    conditions: Conditions = {}
    if service == "iam" and operation in _BOUNDED:
        boundary = parameters.get("PermissionsBoundary") or facts.boundary(parameters["RoleName"])
        conditions = {"iam:PermissionsBoundary": boundary} if boundary else {}
        if "PolicyArn" in parameters:
            conditions["iam:PolicyARN"] = parameters["PolicyArn"]
    elif service == "lambda" and operation.endswith("EventSourceMapping"):
        function = parameters.get("FunctionName") or facts.about.get("functionArn", "")
        conditions = {"lambda:FunctionArn": _function(function, facts)}
    elif service == "lambda" and operation in ("CreateFunction", "UpdateFunctionConfiguration"):
        conditions = _network(parameters.get("VpcConfig"), facts.about.get("vpcConfig"))
    elif service == "ec2" and operation == "CreateVpcEndpoint":
        conditions = {"ec2:VpceServiceName": parameters["ServiceName"]}
    elif service == "sns" and operation == "Subscribe":
        conditions = {"sns:Protocol": parameters["Protocol"], "sns:Endpoint": parameters["Endpoint"]}
    return conditions


def _network(requested: Parameters | None, existing: Parameters | None) -> Conditions:
    """Return where a function is to run: as the request says, else as the function is configured."""
    if requested is not None:
        subnets, groups = requested.get("SubnetIds"), requested.get("SecurityGroupIds")
    else:
        subnets, groups = (existing or {}).get("subnetIds"), (existing or {}).get("securityGroupIds")
    if not subnets:
        return {}
    # AWS derives the VPC from the subnets; the request does not name it.
    vpc = (existing or {}).get("vpcId") or "*"
    return {"lambda:VpcIds": [vpc], "lambda:SubnetIds": subnets, "lambda:SecurityGroupIds": groups}


_BOUNDED = frozenset(
    [
        "CreateRole",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "PutRolePolicy",
        "DeleteRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
    ]
)


def _dependent(service: str, operation: str, parameters: Parameters, facts: Facts) -> Iterator[Need]:
    """The permissions on other services that the caller lends to this one."""
    region = {"aws:RequestedRegion": facts.region}
    call = (service, operation)
    parameter, passed_to = _PASSED_ROLES.get(call, ("", ""))
    if role := parameters.get(parameter):
        yield Need("iam:PassRole", role, {**region, "iam:PassedToService": passed_to})
    if call == ("kms", "CreateKey") and parameters.get("Policy"):
        yield Need("kms:PutKeyPolicy", _arn(facts, "kms", "key/*"), region)
    if service == "lambda" and parameters.get("VpcConfig"):
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        for listed in ("SecurityGroups", "Subnets", "Vpcs"):
            yield Need(f"ec2:Describe{listed}", "*", region)
    key = parameters.get("KMSKeyArn") or parameters.get("SSESpecification", {}).get("KMSMasterKeyId")
    if key and call in _LENT_KEYS:
        tags = {f"aws:ResourceTag/{name}": text for name, text in facts.tags(key).items()}
        via = {"kms:ViaService": f"{service}.{facts.region}.amazonaws.com"}
        for action in _LENT_KEYS[call]:
            yield Need(f"kms:{action}", key, {**region, **tags, **via})


_PASSED_ROLES = {
    ("ec2", "CreateFlowLogs"): ("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),
    ("lambda", "CreateFunction"): ("Role", "lambda.amazonaws.com"),
    ("lambda", "UpdateFunctionConfiguration"): ("Role", "lambda.amazonaws.com"),
}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
# https://docs.aws.amazon.com/lambda/latest/dg/security-encryption-at-rest.html
_LENT_KEYS = {
    ("dynamodb", "CreateTable"): ("DescribeKey", "CreateGrant"),
    ("dynamodb", "UpdateTable"): ("DescribeKey", "CreateGrant"),
    ("lambda", "CreateFunction"): ("CreateGrant", "Encrypt"),
    ("lambda", "UpdateFunctionConfiguration"): ("CreateGrant", "Encrypt"),
}


# Resources, a function a service.

_EC2_TYPES = {
    "fl": "vpc-flow-log",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
_EC2_CREATED = {
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}


def _ec2(operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if operation.startswith("Describe") and operation != "DescribeVpcAttribute":
        return
    if operation in _EC2_CREATED:
        yield _arn(facts, "ec2", f"{_EC2_CREATED[operation]}/*")
    named = [
        name for value in parameters.values() for name in (value if isinstance(value, list) else [value])
    ]
    if "AssociationId" in parameters:
        named += [facts.about.get("routeTableId"), facts.about.get("subnetId")]
    if operation == "ModifySecurityGroupRules":
        named += [rule["SecurityGroupRuleId"] for rule in parameters["SecurityGroupRules"]]
    for name in named:
        match = re.fullmatch(r"([a-z]+)-[0-9a-f]{8,}", name) if isinstance(name, str) else None
        kind = _EC2_TYPES.get(match[1]) if match else None
        if kind and not (operation.startswith("Revoke") and kind == "security-group-rule"):
            yield _arn(facts, "ec2", f"{kind}/{name}")


def _iam(_operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "RoleName" in parameters:
        path = parameters.get("Path") or facts.about.get("path") or "/"
        yield _arn(facts, "iam", f"role{path}{parameters['RoleName']}", region=False)
    elif "PolicyArn" in parameters:
        yield parameters["PolicyArn"]
    elif "PolicyName" in parameters:
        yield _arn(facts, "iam", f"policy{parameters['Path']}{parameters['PolicyName']}", region=False)
    elif "OpenIDConnectProviderArn" in parameters:
        yield parameters["OpenIDConnectProviderArn"]
    elif "Url" in parameters:
        yield _arn(facts, "iam", f"oidc-provider/{parameters['Url'].removeprefix('https://')}", region=False)


def _logs(operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "resourceArn" in parameters:
        yield parameters["resourceArn"]
    elif operation != "DescribeLogGroups":  # IAM sees a log group with a stream in it, but for its tags
        yield _arn(facts, "logs", f"log-group:{parameters['logGroupName']}:log-stream:")


def _kms(_operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "AliasName" in parameters:
        yield _arn(facts, "kms", parameters["AliasName"])
        named = (parameters.get("TargetKeyId"), facts.about.get("targetKeyId"))
        yield from sorted({_key(each, facts) for each in named if each})
    elif "KeyId" in parameters:
        yield _key(parameters["KeyId"], facts)


def _key(name: str, facts: Facts) -> str:
    return name if name.startswith("arn:") else _arn(facts, "kms", f"key/{name}")


def _sqs(_operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    name = parameters.get("QueueName") or parameters["QueueUrl"].rsplit("/", 1)[-1]
    yield _arn(facts, "sqs", name)


def _sns(_operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "Name" in parameters:
        yield _arn(facts, "sns", parameters["Name"])
    for name in ("TopicArn", "ResourceArn"):
        if name in parameters:
            yield parameters[name]


def _dynamodb(_operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    yield parameters.get("ResourceArn") or _arn(facts, "dynamodb", f"table/{parameters['TableName']}")


def _lambda(operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "Resource" in parameters:
        yield parameters["Resource"]
    elif "UUID" in parameters:
        yield _arn(facts, "lambda", f"event-source-mapping:{parameters['UUID']}")
    elif "FunctionName" in parameters and not operation.endswith(
        ("EventSourceMapping", "EventSourceMappings")
    ):
        yield _function(parameters["FunctionName"], facts)


def _function(name: str, facts: Facts) -> str:
    return name if name.startswith("arn:") or not name else _arn(facts, "lambda", f"function:{name}")


def _cloudwatch(operation: str, parameters: Parameters, facts: Facts) -> Iterator[str]:
    if "ResourceARN" in parameters:
        yield parameters["ResourceARN"]
    elif operation == "DescribeAlarms":
        yield _arn(facts, "cloudwatch", "alarm:*")
    for name in [parameters.get("AlarmName"), *parameters.get("AlarmNames", ())]:
        if name and operation != "DescribeAlarms":
            yield _arn(facts, "cloudwatch", f"alarm:{name}")
    for name in [parameters.get("DashboardName"), *parameters.get("DashboardNames", ())]:
        if name:
            yield _arn(facts, "cloudwatch", f"dashboard/{name}", region=False)


_RESOURCES = {
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "sns": _sns,
    "sqs": _sqs,
}
