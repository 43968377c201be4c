import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.promotion.iam_diff import widenings
from tests.operations.promotion.evidences import change

ROLE = "arn:aws:iam::333333333333:role/deployer"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine shows in a preview for a value that is not known yet."""


def allow(**changed: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:Get*"],
        "Resource": ["arn:aws:sqs:eu-west-1:333333333333:queue"],
        "Principal": {"AWS": [ROLE]},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ["1", "2"]},
            "Bool": {"aws:SecureTransport": "true"},
        },
    }
    return {name: value for name, value in {**statement, **changed}.items() if value is not None}


def deny(**changed: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **changed)


def between(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[str, ...]:
    return widenings(
        change(
            before={"policy": json.dumps({"Statement": before})},
            after={"policy": json.dumps({"Statement": after})},
        )
    )


WIDER = {
    "action": {"Action": ["sqs:SendMessage", "sqs:Get*", "sqs:DeleteQueue"]},
    "action by wildcard": {"Action": ["sqs:*"]},
    "action by exclusion": {"Action": None, "NotAction": ["iam:*"]},
    "resource": {"Resource": "arn:aws:sqs:eu-west-1:333333333333:other"},
    "resource by wildcard": {"Resource": "*"},
    "resource by exclusion": {"Resource": None, "NotResource": "arn:aws:s3:::private"},
    "principal": {"Principal": {"AWS": [ROLE, "arn:aws:iam::444444444444:root"]}},
    "everyone": {"Principal": "*"},
    "principal by exclusion": {"Principal": None, "NotPrincipal": {"AWS": ROLE}},
    "condition gone": {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    "all conditions gone": {"Condition": None},
    "value of a condition": {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ["1", "2", "3"]},
            "Bool": {"aws:SecureTransport": "true"},
        }
    },
    "operator of a condition": {
        "Condition": {
            "StringLike": {"aws:SourceAccount": ["1", "2"]},
            "Bool": {"aws:SecureTransport": "true"},
        }
    },
    "value of a boolean condition": {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ["1", "2"]},
            "Bool": {"aws:SecureTransport": "false"},
        }
    },
}
NARROWER = {
    "fewer actions": {"Action": "sqs:SendMessage"},
    "action within a wildcard": {"Action": "sqs:GetQueueUrl"},
    "wildcard within a wildcard": {"Action": "sqs:GetQueue*"},
    "spelling of an action": {"Action": ["SQS:sendmessage", "sqs:get*"]},
    "fewer values": {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "1"},
            "Bool": {"aws:SecureTransport": "true"},
        }
    },
    "one condition more": {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ["1", "2"]},
            "Bool": {"aws:SecureTransport": "true"},
            "StringLike": {"aws:PrincipalOrgID": "o-1"},
        }
    },
    "another label": {"Sid": "Renamed"},
}
SAME = ("spelling of an action", "another label")


@pytest.mark.parametrize("changed", WIDER.values(), ids=WIDER)
def test_additional_access_is_wider(changed: dict[str, Any]) -> None:
    assert between([allow()], [allow(**changed)])


@pytest.mark.parametrize("changed", NARROWER.values(), ids=NARROWER)
def test_access_within_the_old_one_is_not_wider(changed: dict[str, Any]) -> None:
    assert between([allow()], [allow(**changed)]) == ()


REALLY_NARROWER = {how: changed for how, changed in NARROWER.items() if how not in SAME}


@pytest.mark.parametrize("changed", REALLY_NARROWER.values(), ids=REALLY_NARROWER)
def test_a_denial_that_becomes_narrower_is_wider(changed: dict[str, Any]) -> None:
    assert between([deny()], [deny(**changed)])


@pytest.mark.parametrize("changed", WIDER.values(), ids=WIDER)
def test_a_denial_is_compared_the_other_way_round(changed: dict[str, Any]) -> None:
    assert between([deny(**changed)], [deny(), deny(**changed)]) == ()


def test_a_denial_that_is_gone_is_wider() -> None:
    assert between([allow(), deny()], [allow()])
    assert widenings(change(operation="delete", before={"policy": json.dumps({"Statement": [deny()]})}))


def test_a_policy_that_is_gone_is_not_wider() -> None:
    assert (
        widenings(change(operation="delete", before={"policy": json.dumps({"Statement": [allow()]})})) == ()
    )


def test_a_new_policy_is_wider_than_none() -> None:
    found = widenings(
        change(
            type="aws:sqs/queuePolicy:QueuePolicy",
            operation="create",
            after={"policy": {"Statement": [allow(Action="sqs:SendMessage")]}},
        )
    )

    assert found == (
        "policy: statement 1 allows sqs:sendmessage on arn:aws:sqs:eu-west-1:333333333333:queue "
        f"to {ROLE} if stringequals aws:sourceaccount 1, 2 and bool aws:securetransport true",
    )


@pytest.mark.parametrize("after", [UNKNOWN, "{", 5, {"Statement": [{"Effect": "Maybe"}]}])
def test_incomparable_documents_count_as_wider(after: Any) -> None:
    (found,) = widenings(change(before={"policy": {"Statement": [allow()]}}, after={"policy": after}))
    assert "can't be compared" in found


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ("arn:boundary", "arn:boundary", False),
        ("arn:boundary", "arn:other", True),
        ("arn:boundary", None, True),
        (None, "arn:boundary", False),
        (None, None, False),
    ],
)
def test_a_boundary_that_goes_or_changes_is_wider(before: str | None, after: str | None, wider: bool) -> None:
    found = widenings(
        change(
            before={"permissionsBoundary": before} if before else {},
            after={"permissionsBoundary": after} if after else {},
        )
    )
    assert bool(found) is wider


def test_an_attachment_gives_rights_by_being_there() -> None:
    attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    this, that = {"role": "r", "policyArn": "p"}, {"role": "r", "policyArn": "q"}

    assert widenings(change(type=attachment, operation="create", after=this))
    assert widenings(change(type=attachment, operation="replace", before=this, after=that))
    assert not widenings(change(type=attachment, operation="update", before=this, after=this))
    assert not widenings(change(type=attachment, operation="delete", before=this))


GRANTS = [
    "aws:apigatewayv2/integration:Integration",
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:dynamodb/tableExport:TableExport",
    "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/route:Route",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/user:User",
    "aws:iam/userGroupMembership:UserGroupMembership",
    "aws:kms/grant:Grant",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:lambda/permission:Permission",
    "aws:pipes/pipe:Pipe",
    "aws:ram/resourceShare:ResourceShare",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:something/new:ThatNobodyKnows",
]


@pytest.mark.parametrize("kind", GRANTS)
def test_a_new_resource_of_a_type_that_is_not_known_to_give_nothing_is_wider(kind: str) -> None:
    here, there = {"target": "a", "tags": {"Name": "a"}}, {"target": "b", "tags": {"Name": "a"}}

    assert widenings(change(type=kind, operation="create", before={}, after=here))
    assert widenings(change(type=kind, operation="update", before=here, after=there))
    assert not widenings(change(type=kind, operation="update", before=here, after={**here, "tags": {}}))
    assert not widenings(change(type=kind, operation="delete", before=here, after={}))


@pytest.mark.parametrize("kind", ["aws:sqs/queue:Queue", "aws:cloudwatch/metricAlarm:MetricAlarm"])
def test_a_new_resource_that_gives_nobody_access_is_not_wider(kind: str) -> None:
    assert not widenings(change(type=kind, operation="create", before={}, after={"name": "a"}))


def test_components_give_nobody_access() -> None:
    kind = "fintech:payments:Queues"
    assert not widenings(change(type=kind, operation="create", before={}, after={"name": "a"}))


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("aws:ec2/securityGroup:SecurityGroup", {}, {"egress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
        ("aws:ec2/routeTable:RouteTable", {"routes": []}, {"routes": [{"gatewayId": "igw-1"}]}),
        ("aws:ec2/subnet:Subnet", {}, {"mapPublicIpOnLaunch": True}),
        ("aws:dynamodb/table:Table", {}, {"replicas": [{"regionName": "us-east-1"}]}),
        ("aws:dynamodb/table:Table", {}, {"streamEnabled": True}),
        ("aws:lambda/function:Function", {"vpcConfig": {"subnetIds": ["a"]}}, {}),
        (
            "aws:lambda/function:Function",
            {"vpcConfig": {"subnetIds": ["a"]}},
            {"vpcConfig": {"subnetIds": ["b"]}},
        ),
        ("aws:lambda/function:Function", {"role": "a"}, {"role": "b"}),
        ("aws:lambda/function:Function", {}, {"layers": ["arn:aws:lambda:eu-west-1:444444444444:layer:x:1"]}),
    ],
)
def test_a_way_in_or_out_that_opens_is_wider(
    kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    usual = {"name": "it", "role": "a", "vpcConfig": {"subnetIds": ["a"]}}
    confined = {name: value for name, value in usual.items() if name not in before}
    opened = {**confined, **after}
    assert widenings(change(type=kind, before={**usual, **before}, after=opened))
    assert not widenings(change(type=kind, before={**usual, **after}, after={**usual, **after}))


@pytest.mark.parametrize(
    "kind",
    [
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    ],
)
def test_a_limit_that_is_gone_or_changes_is_wider_and_a_new_one_is_not(kind: str) -> None:
    here, there = {"target": "a"}, {"target": "b"}

    assert widenings(change(type=kind, operation="delete", before=here, after={}))
    assert widenings(change(type=kind, operation="update", before=here, after=there))
    assert not widenings(change(type=kind, operation="create", before={}, after=here))


def test_trust_is_compared_as_permissions_are() -> None:
    def trust(*arns: str) -> dict[str, Any]:
        return {
            "assumeRolePolicy": {
                "Statement": [
                    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(arns)}}
                ]
            }
        }

    assert widenings(change(before=trust(ROLE), after=trust(ROLE, "arn:aws:iam::1:role/x")))
    assert not widenings(change(before=trust(ROLE, "arn:aws:iam::1:role/x"), after=trust(ROLE)))


def test_a_question_mark_does_not_contain_a_wildcard() -> None:
    assert between([allow(Action="sqs:Get?")], [allow(Action="sqs:Get*")])


texts = st.text("ab*", min_size=1, max_size=3)
statements = st.builds(
    lambda effect, actions, resources, condition: {
        "Effect": effect,
        "Action": actions,
        "Resource": resources,
        **({"Condition": {"StringLike": {"aws:k": condition}}} if condition else {}),
    },
    st.sampled_from(["Allow", "Deny"]),
    st.lists(texts, min_size=1, max_size=2),
    st.lists(texts, min_size=1, max_size=2),
    st.lists(texts, max_size=2),
)


def _matches(pattern: str, value: str) -> bool:
    """AWS's wildcard, independent of the code under test."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return _matches(pattern[1:], value) or bool(value and _matches(pattern, value[1:]))
    return bool(value) and pattern[0] == value[0] and _matches(pattern[1:], value[1:])


def _decide(document: list[dict[str, Any]], action: str, resource: str, key: str) -> bool:
    def hit(statement: dict[str, Any]) -> bool:
        condition = statement.get("Condition", {}).get("StringLike", {}).get("aws:k", ["*"])
        return all(
            any(_matches(pattern, value) for pattern in patterns)
            for patterns, value in (
                (statement["Action"], action),
                (statement["Resource"], resource),
                (condition, key),
            )
        )

    effects = {statement["Effect"] for statement in document if hit(statement)}
    return "Allow" in effects and "Deny" not in effects


@given(
    st.lists(statements, max_size=3),
    st.lists(statements, max_size=3),
    *[st.text("ab", max_size=3)] * 3,
)
def test_a_document_that_is_not_wider_allows_no_request_that_was_refused(
    before: list[dict[str, Any]], after: list[dict[str, Any]], action: str, resource: str, key: str
) -> None:
    if not between(before, after):
        assert _decide(before, action, resource, key) or not _decide(after, action, resource, key)


@given(st.lists(statements, max_size=3))
def test_nothing_is_wider_than_itself(document: list[dict[str, Any]]) -> None:
    assert between(document, [*document, *document]) == ()
