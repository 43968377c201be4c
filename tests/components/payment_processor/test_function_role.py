from typing import Any

from tests.builders import BOUNDARY
from tests.components.payment_processor.recorded import plain

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


def statements() -> dict[str, dict[str, Any]]:
    return {
        statement["Sid"]: statement
        for policy in plain().of_type("iam/policy:Policy")
        for statement in policy.document()["Statement"]
    }


def test_lambda_assumes_the_role_for_this_account_inside_the_boundary() -> None:
    role = plain().one("iam/role:Role")
    (trust,) = role.document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    assert role.inputs["permissionsBoundary"] == BOUNDARY
    assert role.inputs["name"] == "payments-function-role-dev-acme"


def test_all_policies_are_attached_to_it() -> None:
    recorder = plain()
    attachments = recorder.of_type("RolePolicyAttachment")
    assert {each.inputs["policyArn"] for each in attachments} == {
        f"arn:of:{policy.name}" for policy in recorder.of_type("iam/policy:Policy")
    }
    assert {each.inputs["role"] for each in attachments} == {"payments-function-role-dev-acme"}


def test_it_reaches_its_own_queues_table_topic_and_log_group_only() -> None:
    found = {sid: statement["Resource"] for sid, statement in statements().items()}
    place = "us-east-1:111111111111"
    assert found["ReceivePayments"] == [
        f"arn:aws:sqs:{place}:payments-queue-dev-acme",
        f"arn:aws:sqs:{place}:payments-verification-queue-dev-acme",
    ]
    assert found["ParkFailedInvocations"] == f"arn:aws:sqs:{place}:payments-dead-letter-queue-dev-acme"
    assert found["StorePayments"] == f"arn:aws:dynamodb:{place}:table/payments-table-dev-acme"
    assert found["PublishNotifications"] == f"arn:aws:sns:{place}:payments-notification-topic-dev-acme"
    assert found["WriteLogs"] == f"arn:aws:logs:{place}:log-group:payments-log-group-dev-acme:*"
    assert found["UseKey"] == "arn:of:payments-key"


def test_table_and_topic_are_reached_through_the_endpoints_only() -> None:
    found = statements()
    assert found["StorePayments"]["Condition"] == {"StringEquals": {"aws:SourceVpce": "vpce-dynamodb"}}
    assert found["PublishNotifications"]["Condition"] == {"StringEquals": {"aws:SourceVpce": "vpce-sns"}}


def test_it_can_neither_read_queries_nor_delete_payments() -> None:
    assert statements()["StorePayments"]["Action"] == [
        "dynamodb:ConditionCheckItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ]


def test_every_resource_is_for_network_interfaces_and_traces_only() -> None:
    allowed = {
        action
        for statement in statements().values()
        if statement["Effect"] == "Allow" and statement["Resource"] == "*"
        for action in statement["Action"]
    }
    assert allowed == ANY_RESOURCE


def test_the_code_itself_may_not_change_the_network() -> None:
    denial = statements()["DenyNetworkChangesByCode"]
    function = "arn:aws:lambda:us-east-1:111111111111:function:payments-function-dev-acme"
    assert set(denial["Action"]) == {action for action in ANY_RESOURCE if action.startswith("ec2:")}
    assert denial["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": function}}
