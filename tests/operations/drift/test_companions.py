"""What another resource of the stack manages is left out, and what nobody manages stays."""

from typing import Any

import pytest

from operations.drift.companions import Companions
from operations.drift.engine import Seen, Step

QUEUE, TOPIC, KEY, ROLE = (
    "aws:sqs/queue:Queue",
    "aws:sns/topic:Topic",
    "aws:kms/key:Key",
    "aws:iam/role:Role",
)
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def companions_of(steps: list[Step]) -> Companions:
    return Companions(steps, lambda step: step.old.inputs if step.old else {})


def step(type_: str, **inputs: Any) -> Step:
    seen = Seen(inputs=inputs, outputs=inputs)
    return Step(operation="same", key=f"{type_}::{type_}", type=type_, old=seen, new=seen)


@pytest.mark.parametrize(
    ("type_", "name", "own", "companion"),
    [
        (QUEUE, "policy", {"url": "q"}, step("aws:sqs/queuePolicy:QueuePolicy", queueUrl="q")),
        (
            QUEUE,
            "redriveAllowPolicy",
            {"id": "q"},
            step("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", queueUrl="q"),
        ),
        (TOPIC, "policy", {"arn": "t"}, step("aws:sns/topicPolicy:TopicPolicy", arn="t")),
        (KEY, "policy", {"keyId": "k"}, step("aws:kms/keyPolicy:KeyPolicy", keyId="k")),
    ],
)
def test_a_policy_that_the_stack_manages_on_its_own_is_not_its_holders(
    type_: str, name: str, own: dict[str, str], companion: Step
) -> None:
    shown = {**own, name: {"Statement": []}}
    assert companions_of([companion]).apart(step(type_), shown) == own
    assert companions_of([]).apart(step(type_), shown) == shown
    of_another = {**shown, **dict.fromkeys(own, "another")}
    assert companions_of([companion]).apart(step(type_), of_another) == of_another


def test_of_a_roles_policies_those_stay_that_no_attachment_of_the_stack_has() -> None:
    companions = companions_of([step(ATTACHMENT, role="r", policyArn="ours")])
    shown = {"name": "r", "managedPolicyArns": ["ours", "by-hand"]}
    assert companions.apart(step(ROLE), shown) == {"name": "r", "managedPolicyArns": ["by-hand"]}


def listed(**sources: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": 443, "toPort": 443, "self": False, **sources}


def test_of_a_security_groups_rules_those_stay_that_no_rule_of_the_stack_is() -> None:
    managed = step(
        RULE, securityGroupId="sg", ipProtocol="tcp", fromPort=443, toPort=443, referencedSecurityGroupId="o"
    )
    companions = companions_of([managed])
    shown = {"id": "sg", "ingress": [listed(securityGroups=["o"], cidrBlocks=["0.0.0.0/0"])], "egress": []}

    (by_hand,) = companions.apart(step(GROUP), shown)["ingress"]

    assert by_hand == {"protocol": "tcp", "fromPort": 443, "toPort": 443, "source": "0.0.0.0/0"}
    other_port = {**shown, "ingress": [{**listed(securityGroups=["o"]), "toPort": 444}]}
    assert len(companions.apart(step(GROUP), other_port)["ingress"]) == 1
    itself = {**shown, "ingress": [{**listed(), "self": True}]}
    assert companions.apart(step(GROUP), itself)["ingress"][0]["source"] == "self"


def test_rules_that_the_program_writes_on_the_group_itself_stay_as_they_are() -> None:
    shown = {"id": "sg", "ingress": [listed(cidrBlocks=["10.0.0.0/8"])]}
    assert companions_of([]).apart(step(GROUP, ingress=[]), shown) == shown


def test_an_inline_policy_that_the_stack_manages_is_not_its_roles() -> None:
    companions = companions_of([step("aws:iam/rolePolicy:RolePolicy", role="r", name="ours")])
    by_hand = {"name": "by-hand", "policy": "{}"}
    shown = {"name": "r", "inlinePolicies": [{"name": "ours", "policy": "{}"}, by_hand]}
    assert companions.apart(step(ROLE), shown)["inlinePolicies"] == [by_hand]
