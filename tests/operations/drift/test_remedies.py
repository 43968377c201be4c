"""A remedy undoes one finding: by an update of one resource, or by one API call."""

import shlex
from typing import Any

import pytest

from operations.drift.compare import Difference
from operations.drift.engine import Seen, Step
from operations.drift.remedies import undo_in_account, undo_in_code
from operations.drift.report import ABSENT, Kind
from operations.engine.failure import StackName

NAME = StackName(project="network", environment="prod")
UPDATE = "python scripts/deploy.py up --env prod --project network"
GROUP, ROLE, TABLE, KEY, VPC = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:iam/role:Role",
    "aws:dynamodb/table:Table",
    "aws:kms/key:Key",
    "aws:ec2/vpc:Vpc",
)


def undo(type_: str, path: str, target: Any, *, baseline: Any = ABSENT, **outputs: Any) -> str:
    seen = Seen(inputs={}, outputs=outputs)
    gone = path == "" and target == ABSENT
    step = Step(operation="update", key="x::one", type=type_, old=seen, new=None if gone else seen)
    kind = Kind.EXTRA if baseline == ABSENT else Kind.MISSING if target == ABSENT else Kind.CHANGED
    difference = Difference(key="one", path=path, kind=kind, baseline=baseline, target=target)
    return undo_in_account(NAME, step, difference)


def test_what_up_can_undo_is_an_update_of_that_resource_after_a_refresh() -> None:
    fix = undo("aws:sqs/queue:Queue", "delaySeconds", 9, baseline=0)
    assert fix.endswith(f"Undo it: {UPDATE} --refresh --target one")


def test_a_resource_that_is_gone_is_made_again() -> None:
    fix = undo("aws:sqs/queue:Queue", "", ABSENT, baseline={"name": "q"})
    assert fix == f"It is gone. Undo it: {UPDATE} --refresh --target one"


@pytest.mark.parametrize(
    ("fix", "command"),
    [
        (
            undo(
                ROLE,
                "inlinePolicies[0]",
                {"name": "back; door"},
                name="r",
                arn="arn:aws:iam::333333333333:role/r",
            ),
            "aws iam delete-role-policy --role-name r --policy-name 'back; door'",
        ),
        (
            undo(ROLE, "managedPolicyArns[2]", "arn:p", name="r", arn="arn:aws:iam::333333333333:role/r"),
            "aws iam detach-role-policy --role-name r --policy-arn arn:p",
        ),
        (
            undo(
                VPC,
                "dhcpOptionsId",
                "dopt-2",
                baseline="dopt-1",
                id="vpc-1",
                arn="arn:aws:ec2:eu-west-1:333333333333:vpc/vpc-1",
            ),
            "aws ec2 associate-dhcp-options --dhcp-options-id dopt-1 --vpc-id vpc-1 --region eu-west-1",
        ),
        (
            undo(
                KEY,
                "",
                ABSENT,
                baseline={"isEnabled": True},
                keyId="k",
                arn="arn:aws:kms:eu-west-1:333333333333:key/k",
            ),
            "aws kms cancel-key-deletion --key-id k --region eu-west-1 && "
            "aws kms enable-key --key-id k --region eu-west-1",
        ),
    ],
)
def test_what_up_can_not_undo_or_only_with_more_is_an_api_call(fix: str, command: str) -> None:
    assert fix == f"Undo it in account 333333333333: {command}"


@pytest.mark.parametrize(
    ("source", "ranges"),
    [
        ("0.0.0.0/0", '"IpRanges": [{"CidrIp": "0.0.0.0/0"}]'),
        ("::/0", '"Ipv6Ranges": [{"CidrIpv6": "::/0"}]'),
        ("pl-1", '"PrefixListIds": [{"PrefixListId": "pl-1"}]'),
        ("sg-2", '"UserIdGroupPairs": [{"GroupId": "sg-2"}]'),
        ("self", '"UserIdGroupPairs": [{"GroupId": "sg-1"}]'),
    ],
)
def test_a_rule_is_revoked_by_what_it_lets_through(source: str, ranges: str) -> None:
    rule = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "source": source}
    words = shlex.split(undo(GROUP, "egress[0]", rule, id="sg-1"))
    assert "revoke-security-group-egress" in words
    assert ranges in words[words.index("--ip-permissions") + 1]


def test_time_to_live_is_switched_off_with_the_attribute_in_use() -> None:
    ttl = {"enabled": True, "attributeName": "createdAt"}
    fix = undo(TABLE, "ttl.enabled", True, baseline=False, name="t", ttl=ttl)
    assert '{"AttributeName": "createdAt", "Enabled": false}' in shlex.split(fix)


def test_a_time_to_live_in_the_state_is_switched_off_before_the_update() -> None:
    old = Seen(inputs={}, outputs={"name": "t", "ttl": {"enabled": True, "attributeName": "createdAt"}})
    step = Step(operation="update", key="x::one", type=TABLE, old=old, new=old)
    difference = Difference(key="one", path="ttl.enabled", kind=Kind.CHANGED, baseline=True, target=False)
    first, _, then = undo_in_code(NAME, step, difference).partition(" && ")
    assert first.startswith("Undo it: aws dynamodb update-time-to-live --table-name t ")
    assert then == f"{UPDATE} --refresh --target one"
