import json
from typing import Any

from operations.evidence.access import encryption, keys, resource_policies, roles
from policies.resource import CheckedResource
from tests.operations.evidence.requests import content

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:role/ci"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "payments"}},
            }
        ],
    }
)
READ = json.dumps(
    {"Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a", "b"]}}
)


def resource(kind: str, logical_name: str, **props: Any) -> CheckedResource:
    urn = f"urn:pulumi:prod::p::{kind}::{logical_name}"
    return CheckedResource(type=kind, name=logical_name, urn=urn, props=props)


def test_a_role_has_trust_and_the_policies_of_every_way_of_attaching_them() -> None:
    arn = "arn:aws:iam::111111111111:policy/read"
    role = resource(
        "aws:iam/role:Role",
        "worker",
        name="worker-prod",
        assumeRolePolicy=TRUST,
        permissionsBoundary="arn:boundary",
        inlinePolicies=[{"name": "inline", "policy": READ}],
    )
    found = roles(
        [
            role,
            resource("aws:iam/policy:Policy", "read-policy", arn=arn, policy=READ),
            resource("aws:iam/rolePolicy:RolePolicy", "own-policy", role="worker-prod", policy=READ),
            resource(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "one", role="worker-prod", policyArn=arn
            ),
            resource(
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "two",
                role="worker-prod",
                policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess",
            ),
        ]
    )

    assert [item["role"] for item in found] == ["worker-prod"]
    assert found[0]["boundary"] == "arn:boundary"
    assert found[0]["trust"]["statements"] == [
        {
            "label": "statement 1",
            "effect": "Allow",
            "principals": ["aws: arn:aws:iam::111111111111:role/ci"],
            "actions": ["sts:assumerole"],
            "conditions": ["stringequals sts:externalid = payments"],
        }
    ]
    assert [item["policy"] for item in found[0]["policies"]] == ["inline", "own-policy", "read-policy"]
    assert found[0]["policies"][2]["statements"][0]["resources"] == ["a", "b"]
    assert found[0]["policiesOfOthers"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]


def test_a_document_that_cannot_be_read_is_named() -> None:
    found = roles([resource("aws:iam/role:Role", "worker", assumeRolePolicy="{")])
    assert found[0]["trust"]["statements"] == []
    assert "assumeRolePolicy" in found[0]["trust"]["unreadable"]


def test_resources_without_a_key_of_the_account_show_none() -> None:
    found = encryption(
        [
            resource("aws:sqs/queue:Queue", "plain", sqsManagedSseEnabled=True),
            resource("aws:sqs/queue:Queue", "own", kmsMasterKeyId="arn:key"),
            resource(
                "aws:dynamodb/table:Table", "table", serverSideEncryption={"enabled": True, "kmsKeyArn": "k"}
            ),
            resource(
                "aws:dynamodb/table:Table", "off", serverSideEncryption={"enabled": False, "kmsKeyArn": "k"}
            ),
        ]
    )
    assert {item["resource"]: item["key"] for item in found} == {
        "plain": None,
        "own": "arn:key",
        "table": "k",
        "off": None,
    }


def test_keys_show_rotation_in_days() -> None:
    found = keys(
        [
            resource("aws:kms/key:Key", "a", arn="arn:a", enableKeyRotation=True, rotationPeriodInDays=90),
            resource("aws:kms/key:Key", "b", arn="arn:b"),
        ]
    )
    assert [(item["rotates"], item["rotationDays"]) for item in found] == [(True, 90), (False, None)]


def test_every_resource_policy_of_the_own_stacks_can_be_read() -> None:
    found = content()["access"]
    assert {item["role"].split("-role-")[0] for item in found["roles"]} >= {"deployer", "reader", "operator"}
    assert all(item["unreadable"] is None for item in found["resourcePolicies"])
    assert all(role["trust"]["statements"] and role["policies"] for role in found["roles"])


def test_every_store_of_the_own_stacks_names_its_key() -> None:
    found = content()["encryption"]
    assert found["resources"]
    assert all(item["key"] for item in found["resources"])
    assert all(item["rotates"] for item in found["keys"])


def test_resource_policies_name_their_principals() -> None:
    policy = json.dumps(
        {
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": "sqs:SendMessage",
                "Resource": "*",
            }
        }
    )
    found = resource_policies([resource("aws:sqs/queuePolicy:QueuePolicy", "q", policy=policy)])
    assert found[0]["statements"] == [
        {
            "label": "statement 1",
            "effect": "Deny",
            "principals": ["*: *"],
            "notActions": ["sqs:sendmessage"],
            "resources": ["*"],
        }
    ]
