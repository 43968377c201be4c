from functools import cache
from typing import Any

import pytest

from components.declared_network import DeclaredNetwork
from components.workload_roles import WorkloadRoles
from tests.builders import BOUNDARY, placement, with_provider
from tests.components.deployer_access.evaluator import Call, decide
from tests.recorder import Recorder, record

PLACE = "us-east-1:111111111111"
FUNCTION = f"arn:aws:lambda:{PLACE}:function:payments-function-dev-acme"
TABLE = f"arn:aws:dynamodb:{PLACE}:table/payments-table-dev-acme"
TOPIC = f"arn:aws:sns:{PLACE}:payments-notification-topic-dev-acme"
QUEUE = f"arn:aws:sqs:{PLACE}:payments-queue-dev-acme"
VERIFICATION_QUEUE = f"arn:aws:sqs:{PLACE}:payments-verification-queue-dev-acme"
DEAD_LETTERS = f"arn:aws:sqs:{PLACE}:payments-dead-letter-queue-dev-acme"
KEY = f"arn:aws:kms:{PLACE}:key/0b0e"
NETWORK = DeclaredNetwork.model_validate(
    {
        "vpcId": "vpc-0",
        "privateSubnetIds": ["subnet-a", "subnet-b"],
        "functionSecurityGroupId": "sg-0",
        "dynamodbEndpointId": "vpce-d",
        "snsEndpointId": "vpce-5",
    }
)
BY_CODE = {"lambda:SourceFunctionArn": FUNCTION}
ANY_RESOURCE = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


@cache
def recorded(network: DeclaredNetwork | None = None, *processors: str) -> Recorder:
    return record(
        with_provider(
            lambda opts: WorkloadRoles(
                "workload-roles",
                placement=placement(),
                processors=processors or ("payments",),
                network=network,
                permissions_boundary_arn=BOUNDARY,
                opts=opts,
            )
        ),
        project="bootstrap-iam",
    )


def documents(role: str, recorder: Recorder) -> list[str]:
    attached = {
        each.inputs["policyArn"]
        for each in recorder.of_type("RolePolicyAttachment")
        if each.inputs["role"] == f"{role}-dev-acme"
    }
    return [
        str(each.inputs["policy"])
        for each in recorder.of_type("iam/policy:Policy")
        if f"arn:of:{each.name}" in attached
    ]


def decision(action: str, resource: str, conditions: dict[str, Any], network: DeclaredNetwork | None) -> str:
    called = Call(action=action, resource=resource, conditions=conditions)
    return decide(documents("payments-function-role", recorded(network)), called)


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("payments-function-role", "lambda.amazonaws.com"),
        ("flow-log-role", "vpc-flow-logs.amazonaws.com"),
    ],
)
def test_a_service_assumes_each_role_for_this_account_inside_the_boundary(role: str, service: str) -> None:
    made = recorded().one("iam/role:Role", role)
    (trust,) = made.document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": service}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111111111111"}
    assert made.inputs["permissionsBoundary"] == BOUNDARY
    assert made.inputs["name"] == f"{role}-dev-acme"


def test_roles_and_policies_are_under_the_environments_path() -> None:
    made = [*recorded().of_type("iam/role:Role"), *recorded().of_type("iam/policy:Policy")]
    assert len(made) == 6
    assert {each.inputs["path"] for each in made} == {"/payments/dev/"}


def test_every_policy_is_attached_to_its_role() -> None:
    attached = {
        (each.inputs["role"], each.inputs["policyArn"]) for each in recorded().of_type("RolePolicyAttachment")
    }
    assert attached == {
        ("payments-function-role-dev-acme", "arn:of:payments-runtime-policy"),
        ("payments-function-role-dev-acme", "arn:of:payments-payments-policy"),
        ("payments-function-role-dev-acme", "arn:of:payments-encryption-policy"),
        ("flow-log-role-dev-acme", "arn:of:flow-log-policy"),
    }


def test_a_second_processor_has_a_role_of_its_own_that_reaches_its_own_parts_only() -> None:
    refunds = documents("refunds-function-role", recorded(None, "payments", "refunds"))
    function = f"arn:aws:lambda:{PLACE}:function:refunds-function-dev-acme"
    at = {"lambda:SourceFunctionArn": function, "aws:SourceVpce": "vpce-d"}
    own_table = TABLE.replace("payments-table", "refunds-table")
    assert decide(refunds, Call(action="dynamodb:PutItem", resource=own_table, conditions=at)) == "allowed"
    assert decide(refunds, Call(action="dynamodb:PutItem", resource=TABLE, conditions=at)) == "not allowed"


@pytest.mark.parametrize(
    ("action", "resource", "endpoint"),
    [("dynamodb:PutItem", TABLE, "vpce-d"), ("sns:Publish", TOPIC, "vpce-5")],
)
def test_code_reaches_ledger_and_topic_through_the_declared_endpoint_only(
    action: str, resource: str, endpoint: str
) -> None:
    assert decision(action, resource, {**BY_CODE, "aws:SourceVpce": endpoint}, NETWORK) == "allowed"
    assert decision(action, resource, {**BY_CODE, "aws:SourceVpce": "vpce-other"}, NETWORK) == "not allowed"
    assert decision(action, resource, BY_CODE, NETWORK) == "not allowed"


@pytest.mark.parametrize(("action", "resource"), [("dynamodb:PutItem", TABLE), ("sns:Publish", TOPIC)])
def test_without_a_declared_network_code_needs_some_vpc_endpoint(action: str, resource: str) -> None:
    assert decision(action, resource, {**BY_CODE, "aws:SourceVpce": "vpce-1"}, None) == "allowed"
    assert decision(action, resource, BY_CODE, None) == "not allowed"


@pytest.mark.parametrize(("action", "resource"), [("dynamodb:PutItem", TABLE), ("sns:Publish", TOPIC)])
def test_no_other_functions_code_uses_the_role(action: str, resource: str) -> None:
    planted = {"lambda:SourceFunctionArn": FUNCTION.replace("payments-function", "planted")}
    for conditions in ({}, planted):
        found = decision(action, resource, {**conditions, "aws:SourceVpce": "vpce-d"}, NETWORK)
        assert found == "not allowed"


@pytest.mark.parametrize("queue", [QUEUE, VERIFICATION_QUEUE, DEAD_LETTERS])
@pytest.mark.parametrize(
    "action", ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "SendMessage"]
)
def test_stolen_credentials_of_the_code_use_no_queue(action: str, queue: str) -> None:
    assert decision(f"sqs:{action}", queue, BY_CODE, NETWORK) == "denied"
    assert decision(f"sqs:{action}", queue, {**BY_CODE, "aws:SourceVpce": "vpce-d"}, NETWORK) == "denied"


def test_lambdas_pollers_receive_and_park_without_the_codes_condition_key() -> None:
    for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"):
        assert decision(f"sqs:{action}", QUEUE, {}, NETWORK) == "allowed"
        assert decision(f"sqs:{action}", VERIFICATION_QUEUE, {}, NETWORK) == "allowed"
    assert decision("sqs:SendMessage", DEAD_LETTERS, {}, NETWORK) == "allowed"
    assert decision("sqs:SendMessage", QUEUE, {}, NETWORK) == "not allowed"


AT_TABLE = {**BY_CODE, "aws:SourceVpce": "vpce-d"}
MOVED = ["pk", "sk", "entries", "state", "notifiedAt", "chainHead", "indexDay", "indexState"]


@pytest.mark.parametrize(
    ("action", "key", "attributes", "found"),
    [
        ("PutItem", "PAYMENT#payment-0001", ["pk", "sk", "event"], "allowed"),
        ("PutItem", "SIMILAR#0a", ["pk", "sk", "paymentId"], "allowed"),
        ("PutItem", "REDRIVE#payment-0001", ["pk", "sk", "redrives"], "not allowed"),
        ("UpdateItem", "PAYMENT#payment-0001", MOVED, "allowed"),
        ("UpdateItem", "PAYMENT#payment-0001", [*MOVED, "amount"], "not allowed"),
        ("UpdateItem", "PAYMENT#payment-0001", ["pk", "sk", "previousDigest"], "not allowed"),
        ("UpdateItem", "PAYMENT#payment-0001", ["pk", "sk", "event"], "not allowed"),
        ("UpdateItem", "SIMILAR#0a", ["pk", "sk", "state"], "not allowed"),
    ],
)
def test_entries_are_added_the_head_is_moved_and_nothing_else_is_written(
    action: str, key: str, attributes: list[str], found: str
) -> None:
    about = {"dynamodb:LeadingKeys": [key], "dynamodb:Attributes": attributes}
    assert decision(f"dynamodb:{action}", TABLE, {**AT_TABLE, **about}, NETWORK) == found


@pytest.mark.parametrize(
    "action", ["Query", "GetItem", "Scan", "DeleteItem", "BatchWriteItem", "DeleteTable"]
)
def test_it_can_neither_query_nor_delete_payments(action: str) -> None:
    conditions = {**BY_CODE, "aws:SourceVpce": "vpce-d"}
    assert decision(f"dynamodb:{action}", TABLE, conditions, NETWORK) == "not allowed"


def test_the_key_is_used_by_its_alias_and_through_services_only() -> None:
    own: dict[str, Any] = {
        "aws:ResourceTag/Environment": "dev",
        "aws:ResourceTag/EnvironmentSuffix": "acme",
        "kms:ResourceAliases": ["alias/payments-key-dev-acme"],
        "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
    }
    assert decision("kms:Decrypt", KEY, own, None) == "allowed"
    others: tuple[dict[str, Any], ...] = (
        {"kms:ResourceAliases": ["alias/flow-log-key-dev-acme"]},
        {"kms:ResourceAliases": []},
        {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
        {"kms:ViaService": []},
        {"aws:ResourceTag/Environment": "prod"},
    )
    for changed in others:
        assert decision("kms:Decrypt", KEY, {**own, **changed}, None) == "not allowed"


def test_every_resource_is_for_network_interfaces_and_traces_only() -> None:
    allowed = {
        action
        for policy in recorded().of_type("iam/policy:Policy")
        for statement in policy.document()["Statement"]
        if statement["Effect"] == "Allow" and statement["Resource"] == "*"
        for action in statement["Action"]
    }
    assert allowed == ANY_RESOURCE


def test_the_code_itself_may_not_change_the_network() -> None:
    for action in sorted(each for each in ANY_RESOURCE if each.startswith("ec2:")):
        assert decision(action, "*", BY_CODE, NETWORK) == "denied"
        assert decision(action, "*", {}, NETWORK) == "allowed"


def test_flow_logs_are_written_to_their_log_group_only() -> None:
    statements = {
        each["Sid"]: each
        for each in recorded().one("iam/policy:Policy", "flow-log-policy").document()["Statement"]
    }
    group = f"arn:aws:logs:{PLACE}:log-group:flow-log-group-dev-acme"
    assert statements.pop("WriteFlowLogs")["Resource"] == [group, f"{group}:*"]
    assert [each["Action"] for each in statements.values()] == ["logs:DescribeLogGroups"]
