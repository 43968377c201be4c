"""What the deployer must not be able to do, whatever else it may."""

import pytest

from tests.components.deployer_access.documents import boundary_document, deployer_documents, documents_of
from tests.components.deployer_access.evaluator import Call, decide

ACCOUNT = "111111111111"
DOCUMENTS = deployer_documents("dev")
DESTROYER = documents_of("destroyer-role", "dev")
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/payments/dev/workload-boundary-policy-dev-acme"
OWN = {"Environment": "dev", "EnvironmentSuffix": "acme"}
OTHER_SUFFIX = {"Environment": "dev", "EnvironmentSuffix": "blue"}
OTHER_ENVIRONMENT = {"Environment": "prod", "EnvironmentSuffix": "acme"}


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def policy(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def regional(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def on(tags: dict[str, str]) -> dict[str, str]:
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def requesting(tags: dict[str, str]) -> dict[str, str]:
    return {f"aws:RequestTag/{key}": value for key, value in tags.items()}


def call(action: str, resource: str, **conditions: str) -> Call:
    return Call(action=action, resource=resource, conditions=conditions)


def tagged(action: str, resource: str, *conditions: dict[str, str]) -> Call:
    return Call(
        action=action, resource=resource, conditions={k: v for each in conditions for k, v in each.items()}
    )


FUNCTION = regional("lambda", "function:payments-function-dev-acme")
NOTIFICATIONS = regional("sns", "payments-notification-topic-dev-acme")
TABLE = regional("dynamodb", "table/payments-table-dev-acme")
FUNCTION_ROLE = "payments/dev/payments-function-role-dev-acme"
FLOW_LOG_ROLE = "payments/dev/flow-log-role-dev-acme"
CHANGES_OF_RIGHTS = (
    "AttachRolePolicy",
    "CreateRole",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
)
INSIDE = {"iam:PermissionsBoundary": BOUNDARY}
ALLOWED = {
    "passes the function's role to Lambda": tagged(
        "iam:PassRole", role(FUNCTION_ROLE), {"iam:PassedToService": "lambda.amazonaws.com"}
    ),
    "passes the flow logs' role to EC2's flow logs": tagged(
        "iam:PassRole", role(FLOW_LOG_ROLE), {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}
    ),
    "subscribes a mailbox of a declared domain": call(
        "sns:Subscribe",
        NOTIFICATIONS,
        **{"sns:Protocol": "email", "sns:Endpoint": "payments+dev@example.com"},
    ),
    "puts code into the function": call("lambda:UpdateFunctionCode", FUNCTION),
    "configures the function in a VPC": tagged(
        "lambda:UpdateFunctionConfiguration",
        FUNCTION,
        {"lambda:VpcIds": "vpc-0", "lambda:SubnetIds": "subnet-0", "lambda:SecurityGroupIds": "sg-0"},
    ),
    "feeds the function": tagged("lambda:CreateEventSourceMapping", "*", {"lambda:FunctionArn": FUNCTION}),
    "changes an alarm": call(
        "cloudwatch:PutMetricAlarm",
        regional("cloudwatch", "alarm:payments-function-errors-alarm-dev-acme"),
    ),
    "creates an endpoint for an AWS service of the network": tagged(
        "ec2:CreateVpcEndpoint",
        regional("ec2", "vpc-endpoint/*"),
        requesting(OWN),
        {"ec2:VpceServiceName": "com.amazonaws.us-east-1.dynamodb"},
    ),
}
FOUNDING = {
    "creates a tagged VPC": tagged("ec2:CreateVpc", regional("ec2", "vpc/*"), requesting(OWN)),
    "deletes an own VPC": tagged("ec2:DeleteVpc", regional("ec2", "vpc/vpc-1"), on(OWN)),
    "deletes an own queue": call("sqs:DeleteQueue", regional("sqs", "payments-queue-dev-acme")),
    "schedules an own key": tagged("kms:ScheduleKeyDeletion", regional("kms", "key/1"), on(OWN)),
    "tags a new key": tagged("kms:TagResource", regional("kms", "key/*"), requesting(OWN)),
    "adopts the default security group": tagged(
        "ec2:CreateTags", regional("ec2", "security-group/sg-1"), requesting(OWN)
    ),
    "sets a queue's policy": call("sqs:SetQueueAttributes", regional("sqs", "payments-queue-dev-acme")),
    "sets a topic's policy": call("sns:SetTopicAttributes", NOTIFICATIONS),
    "sets a key's policy": tagged("kms:PutKeyPolicy", regional("kms", "key/1"), on(OWN)),
    "renames a key": call("kms:UpdateAlias", regional("kms", "alias/payments-key-dev-acme")),
    **{
        f"{action} on the ledger": call(f"dynamodb:{action}", TABLE)
        for action in (
            "CreateTable",
            "DeleteTable",
            "UpdateContinuousBackups",
            "UpdateTable",
            "UpdateTimeToLive",
        )
    },
    **{
        f"{action} on the function's log group": call(
            f"logs:{action}", regional("logs", "log-group:payments-log-group-dev-acme:log-stream:")
        )
        for action in ("DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", "CreateLogGroup")
    },
    "deletes an alarm": call(
        "cloudwatch:DeleteAlarms", regional("cloudwatch", "alarm:payments-function-errors-alarm-dev-acme")
    ),
    "deletes a topic": call("sns:DeleteTopic", NOTIFICATIONS),
    "unsubscribes an operator": call("sns:Unsubscribe", "*"),
    "deletes flow logs": tagged("ec2:DeleteFlowLogs", regional("ec2", "vpc-flow-log/fl-1"), on(OWN)),
    "associates a VPC with a hosted zone": call(
        "route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/Z1"
    ),
    "deletes a lingering interface": call(
        "ec2:DeleteNetworkInterface", regional("ec2", "network-interface/eni-1")
    ),
}
"""What the destroyer may do, and the deployer may not."""
DENIED = {
    # Raising its own rights
    "creates a role without a boundary": call("iam:CreateRole", role("x-role-dev-acme")),
    "creates a role with another boundary": tagged(
        "iam:CreateRole", role("x-role-dev-acme"), {"iam:PermissionsBoundary": policy("AdministratorAccess")}
    ),
    "creates a role of another name": tagged("iam:CreateRole", role("admin"), INSIDE),
    **{
        f"{action} on {name}": tagged(
            f"iam:{action}", role(name), INSIDE, {"iam:PolicyARN": policy("x-policy-dev-acme")}
        )
        for action in CHANGES_OF_RIGHTS
        for name in (FUNCTION_ROLE, FLOW_LOG_ROLE, "payments/dev/x-role-dev-acme", "x-role-dev-acme")
    },
    **{
        f"passes {name} to {service}": tagged(
            "iam:PassRole", role(name), {"iam:PassedToService": f"{service}.amazonaws.com"}
        )
        for name, service in (
            (FUNCTION_ROLE, "ec2"),
            (FUNCTION_ROLE, "vpc-flow-logs"),
            (FLOW_LOG_ROLE, "lambda"),
            ("payments-function-role-dev-acme", "lambda"),
            ("payments/dev/x-role-dev-acme", "lambda"),
            ("payments/prod/payments-function-role-prod-acme", "lambda"),
        )
    },
    "creates a policy": call("iam:CreatePolicy", policy("payments/dev/x-policy-dev-acme")),
    "creates a service-linked role": call("iam:CreateServiceLinkedRole", role("aws-service-role/x")),
    "creates a user": call("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x-dev-acme"),
    "writes an inline policy": tagged("iam:PutRolePolicy", role("x-role-dev-acme"), INSIDE),
    "attaches AWS's administrator policy": tagged(
        "iam:AttachRolePolicy",
        role("x-role-dev-acme"),
        INSIDE,
        {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "attaches to a role without a boundary": tagged(
        "iam:AttachRolePolicy", role("x-role-dev-acme"), {"iam:PolicyARN": policy("x-policy-dev-acme")}
    ),
    "removes a boundary": tagged("iam:DeleteRolePermissionsBoundary", role("x-role-dev-acme"), INSIDE),
    "loosens a boundary": tagged(
        "iam:PutRolePermissionsBoundary",
        role("x-role-dev-acme"),
        {"iam:PermissionsBoundary": policy("x-policy-dev-acme")},
    ),
    **{
        f"{action} on {name}": tagged(
            f"iam:{action}", role(name), INSIDE, {"iam:PolicyARN": policy("x-policy-dev-acme")}
        )
        for name in ("deployer-role-dev-acme", "operator-role-dev-acme", "pipeline-role-dev-acme")
        for action in (
            "AttachRolePolicy",
            "DetachRolePolicy",
            "DeleteRole",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "TagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        )
    },
    **{
        f"{action} on {name}": call(f"iam:{action}", policy(name))
        for name in (
            "deployer-roles-policy-dev-acme",
            "deployer-network-policy-dev-acme",
            "deployer-encryption-policy-dev-acme",
            "deployer-payments-policy-dev-acme",
            "operator-policy-dev-acme",
            "pipeline-policy-dev-acme",
            "workload-boundary-policy-dev-acme",
            "payments/dev/workload-boundary-policy-dev-acme",
            "payments/dev/payments-payments-policy-dev-acme",
        )
        for action in (
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "SetDefaultPolicyVersion",
        )
    },
    "passes its own role to Lambda": tagged(
        "iam:PassRole", role("deployer-role-dev-acme"), {"iam:PassedToService": "lambda.amazonaws.com"}
    ),
    "passes a role to EC2": tagged(
        "iam:PassRole", role("x-role-dev-acme"), {"iam:PassedToService": "ec2.amazonaws.com"}
    ),
    "passes a role to nobody in particular": call("iam:PassRole", role("x-role-dev-acme")),
    "assumes a role": call("sts:AssumeRole", role("OrganizationAccountAccessRole")),
    # Other deployments in the same account, told by their names
    **{
        f"{action} on {resource}": call(action, regional(action.split(":")[0], resource))
        for environment in ("dev-blue", "prod-acme", "dev-acme-blue", "dev-xacme", "predev-acme-1")
        for action, resource in {
            "sqs:DeleteQueue": f"payments-queue-{environment}",
            "sqs:SetQueueAttributes": f"payments-queue-{environment}",
            "dynamodb:DeleteTable": f"table/payments-table-{environment}",
            "dynamodb:UpdateContinuousBackups": f"table/payments-table-{environment}",
            "lambda:UpdateFunctionCode": f"function:payments-function-{environment}",
            "sns:SetTopicAttributes": f"payments-notification-topic-{environment}",
            "logs:DeleteLogGroup": f"log-group:payments-log-group-{environment}:log-stream:",
            "cloudwatch:DeleteAlarms": f"alarm:payments-function-errors-alarm-{environment}",
            "kms:DeleteAlias": f"alias/payments-key-{environment}",
        }.items()
    },
    **{
        f"{action} on {name}": tagged(action, role(name), INSIDE)
        for name in ("payments-function-role-dev-blue", "admin")
        for action in ("iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:TagRole", "iam:CreateRole")
    },
    "another account's queue": call(
        "sqs:DeleteQueue", "arn:aws:sqs:us-east-1:222222222222:payments-queue-dev-acme"
    ),
    "another region's queue": call(
        "sqs:DeleteQueue", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:payments-queue-dev-acme"
    ),
    "feeds another function": tagged(
        "lambda:CreateEventSourceMapping",
        "*",
        {"lambda:FunctionArn": regional("lambda", "function:payments-function-dev-blue")},
    ),
    "deletes another function's mapping": tagged(
        "lambda:DeleteEventSourceMapping",
        regional("lambda", "event-source-mapping:1"),
        {"lambda:FunctionArn": regional("lambda", "function:payments-function-dev-blue")},
    ),
    # Other deployments' resources, told by their tags
    **{
        f"{action} on a resource of {owner}": tagged(
            action, regional(action.split(":")[0], resource), on(tags)
        )
        for owner, tags in {
            "another suffix": OTHER_SUFFIX,
            "another environment": OTHER_ENVIRONMENT,
            "nobody": {},
        }.items()
        for action, resource in {
            "ec2:DeleteVpc": "vpc/vpc-1",
            "ec2:DeleteSubnet": "subnet/subnet-1",
            "ec2:ModifyVpcEndpoint": "vpc-endpoint/vpce-1",
            "ec2:AuthorizeSecurityGroupIngress": "security-group/sg-1",
            "ec2:DeleteSecurityGroup": "security-group/sg-1",
            "ec2:CreateSubnet": "vpc/vpc-1",
            "kms:ScheduleKeyDeletion": "key/1",
            "kms:PutKeyPolicy": "key/1",
            "kms:Decrypt": "key/1",
            "kms:CreateGrant": "key/1",
        }.items()
    },
    **{
        f"tags {resource} of {owner} as its own": tagged(
            action, regional(action.split(":")[0], resource), on(tags), requesting(OWN)
        )
        for owner, tags in {"another suffix": OTHER_SUFFIX, "another environment": OTHER_ENVIRONMENT}.items()
        for action, resource in {
            "ec2:CreateTags": "vpc/vpc-1",
            "ec2:CreateTags ": "security-group/sg-1",
            "kms:TagResource": "key/1",
        }.items()
    },
    "tags nobody's VPC as its own": tagged("ec2:CreateTags", regional("ec2", "vpc/vpc-1"), requesting(OWN)),
    "deletes another deployment's interface": tagged(
        "ec2:DeleteNetworkInterface", regional("ec2", "network-interface/eni-1"), on(OTHER_SUFFIX)
    ),
    "creates a VPC without tags": call("ec2:CreateVpc", regional("ec2", "vpc/*")),
    "creates a VPC with another suffix's tags": tagged(
        "ec2:CreateVpc", regional("ec2", "vpc/*"), requesting(OTHER_SUFFIX)
    ),
    "creates a VPC without a suffix": tagged(
        "ec2:CreateVpc", regional("ec2", "vpc/*"), requesting({"Environment": "dev"})
    ),
    "creates a key without tags": call("kms:CreateKey", "*"),
    "uses an own key without a service in between": tagged("kms:Decrypt", regional("kms", "key/1"), on(OWN)),
    "grants an own key to a person": tagged("kms:CreateGrant", regional("kms", "key/1"), on(OWN)),
    # What carries payments out of the account
    **{
        f"subscribes {endpoint} by {protocol}": call(
            "sns:Subscribe", NOTIFICATIONS, **{"sns:Protocol": protocol, "sns:Endpoint": endpoint}
        )
        for protocol, endpoint in (
            ("https", "https://example.com/"),
            ("http", "http://attacker.example/"),
            ("sms", "+15550100"),
            ("lambda", "arn:aws:lambda:us-east-1:999999999999:function:x"),
            ("firehose", "arn:aws:firehose:us-east-1:999999999999:deliverystream/x"),
            ("sqs", "arn:aws:sqs:us-east-1:999999999999:x"),
            ("sqs", f"arn:aws:sqs:us-east-1:{ACCOUNT}:x-dev-acme"),
            ("email", "thief@attacker.example"),
            ("email", "thief@example.com.attacker.example"),
            ("email", "thief@notexample.com"),
            ("email-json", "payments+dev@example.com"),
        )
    },
    "opens a topic": call("sns:AddPermission", NOTIFICATIONS),
    "opens a queue": call("sqs:AddPermission", regional("sqs", "payments-queue-dev-acme")),
    "opens the ledger": call("dynamodb:PutResourcePolicy", TABLE),
    **{
        f"{action} without a VPC": call(f"lambda:{action}", FUNCTION)
        for action in ("CreateFunction", "UpdateFunctionConfiguration")
    },
    "makes another function": tagged(
        "lambda:CreateFunction",
        regional("lambda", "function:planted-dev-acme"),
        {"lambda:VpcIds": "vpc-0", "lambda:SubnetIds": "subnet-0", "lambda:SecurityGroupIds": "sg-0"},
    ),
    "feeds a planted function": tagged(
        "lambda:CreateEventSourceMapping",
        "*",
        {"lambda:FunctionArn": regional("lambda", "function:planted-dev-acme")},
    ),
    "creates an endpoint for somebody's service": tagged(
        "ec2:CreateVpcEndpoint",
        regional("ec2", "vpc-endpoint/*"),
        requesting(OWN),
        {"ec2:VpceServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"},
    ),
    "creates an endpoint for another AWS service": tagged(
        "ec2:CreateVpcEndpoint",
        regional("ec2", "vpc-endpoint/*"),
        requesting(OWN),
        {"ec2:VpceServiceName": "com.amazonaws.us-east-1.s3"},
    ),
    # A way to the internet, and data
    **{
        action: tagged(action, regional("ec2", resource), requesting(OWN), on(OWN))
        for action, resource in {
            "ec2:CreateInternetGateway": "internet-gateway/*",
            "ec2:AttachInternetGateway": "vpc/vpc-1",
            "ec2:CreateNatGateway": "natgateway/*",
            "ec2:CreateRoute": "route-table/rtb-1",
            "ec2:CreateVpcPeeringConnection": "vpc/vpc-1",
            "ec2:RunInstances": "instance/*",
        }.items()
    },
    "reads payments": call("dynamodb:GetItem", regional("dynamodb", "table/payments-table-dev-acme")),
    "takes payments": call("sqs:ReceiveMessage", regional("sqs", "payments-queue-dev-acme")),
    "invokes the function": call(
        "lambda:InvokeFunction", regional("lambda", "function:payments-function-dev-acme")
    ),
    "opens the function to others": call(
        "lambda:AddPermission", regional("lambda", "function:payments-function-dev-acme")
    ),
}
DENIED = {
    name: Call(action=each.action.strip(), resource=each.resource, conditions=each.conditions)
    for name, each in DENIED.items()
}


@pytest.mark.parametrize("name", ALLOWED)
def test_the_deployer_can(name: str) -> None:
    assert decide(DOCUMENTS, ALLOWED[name]) == "allowed"


@pytest.mark.parametrize("name", FOUNDING)
def test_the_destroyer_can_and_the_deployer_cannot(name: str) -> None:
    assert decide(DESTROYER, FOUNDING[name]) == "allowed"
    assert decide(DOCUMENTS, FOUNDING[name]) == "not allowed"


@pytest.mark.parametrize("name", ALLOWED)
def test_the_destroyer_can_what_the_deployer_can(name: str) -> None:
    assert decide(DESTROYER, ALLOWED[name]) == "allowed"


@pytest.mark.parametrize("name", DENIED)
def test_the_destroyer_cannot_either(name: str) -> None:
    outside = "UpdateFunctionConfiguration without a VPC"  # kept for people, in case AWS has no ids for it
    assert (decide(DESTROYER, DENIED[name]) == "allowed") == (name == outside)


@pytest.mark.parametrize("name", DENIED)
def test_the_deployer_cannot(name: str) -> None:
    assert decide(DOCUMENTS, DENIED[name]) != "allowed"


def test_people_bring_dead_letters_of_every_declared_processor_back() -> None:
    documents = documents_of("operator-role", "dev", processors=("payments", "refunds"))
    for action, queue in (("ReceiveMessage", "refunds-dead-letter-queue"), ("SendMessage", "refunds-queue")):
        needed = call(f"sqs:{action}", regional("sqs", f"{queue}-dev-acme"))
        assert decide(documents, needed) == "allowed"
        assert decide(documents_of("operator-role", "dev"), needed) == "not allowed"


def test_what_would_raise_the_deployer_is_denied_and_not_merely_left_out() -> None:
    explicitly = [name for name, each in DENIED.items() if decide(DOCUMENTS, each) == "denied"]
    assert "AttachRolePolicy on deployer-role-dev-acme" in explicitly
    assert f"UpdateAssumeRolePolicy on {FUNCTION_ROLE}" in explicitly
    assert "CreatePolicyVersion on workload-boundary-policy-dev-acme" in explicitly
    assert "removes a boundary" in explicitly


@pytest.mark.parametrize(
    "forbidden",
    [
        call("iam:CreateRole", role("x-role-dev-acme")),
        call("sts:AssumeRole", role("deployer-role-dev-acme")),
        call("dynamodb:PutItem", regional("dynamodb", "table/payments-table-dev-blue")),
        call("dynamodb:DeleteTable", regional("dynamodb", "table/payments-table-dev-acme")),
        call("sqs:ReceiveMessage", regional("sqs", "payments-queue-prod-acme")),
        tagged("kms:Decrypt", regional("kms", "key/1"), on(OTHER_SUFFIX)),
        call("lambda:UpdateFunctionCode", regional("lambda", "function:payments-function-dev-acme")),
        call("s3:PutObject", "arn:aws:s3:::elsewhere/stolen"),
    ],
)
def test_the_boundary_keeps_workloads_from(forbidden: Call) -> None:
    assert decide([boundary_document("dev")], forbidden) == "not allowed"
