"""Who reaches what."""

from random import Random
from typing import Any

from tests.operations.drift.out_of_band.change import Change, Place, Shown, changed, removed, text

FUNCTION, DEFAULT = "function-security-group", "default-security-group"
FROM_FUNCTION, TO_SNS, TO_DYNAMODB = (
    "sns-from-function-rule",
    "function-to-sns-rule",
    "function-to-dynamodb-rule",
)


def rule(random: Random, _: Any) -> dict[str, Any]:
    """A rule for a port and a network of anybody's."""
    port = random.choice([22, 80, 5432, 8080])
    block = random.choice(["0.0.0.0/0", "203.0.113.0/24"])
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": block}]}


def _authorized(resource: str, way: str) -> Change:
    def apply(place: Place, value: dict[str, Any]) -> Shown:
        authorize = getattr(place.client("ec2"), f"authorize_security_group_{way}")
        authorize(GroupId=place.id, IpPermissions=[value])
        ports = {"protocol": "tcp", "fromPort": value["FromPort"], "toPort": value["ToPort"]}
        block = value["IpRanges"][0]["CidrIp"]
        if resource == DEFAULT:  # it has no rules in the code, and shows those that it has as AWS groups them
            return Shown({f"{way}[0]": {**ports, "cidrBlocks": [block], "self": False}})
        return Shown({f"{way}[0]": {**ports, "source": block}})

    return changed(resource, way, rule, apply)


def _modified(resource: str, path: str, draw: Any, **shape: str) -> Change:
    """`shape`: parameter to the property that keeps its value."""

    def apply(place: Place, value: Any) -> None:
        ec2 = place.client("ec2")
        (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[place.id])["SecurityGroupRules"]
        kept = {name: found[name] for name in ("IpProtocol", "FromPort", "ToPort", "Description")}
        end = (
            {"PrefixListId": found["PrefixListId"]}
            if found.get("PrefixListId")
            else {"ReferencedGroupId": found["ReferencedGroupInfo"]["GroupId"]}
        )
        ec2.modify_security_group_rules(
            GroupId=found["GroupId"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": place.id,
                    "SecurityGroupRule": {**kept, **end, **dict.fromkeys(shape, value)},
                }
            ],
        )

    return changed(resource, path, draw, apply)


def _revoke(way: str) -> Any:
    return lambda place: getattr(place.client("ec2"), f"revoke_security_group_{way}")(
        GroupId=place.outputs["securityGroupId"], SecurityGroupRuleIds=[place.id]
    )


CHANGES: tuple[Change, ...] = (
    _authorized(FUNCTION, "ingress"),
    _authorized(FUNCTION, "egress"),
    _authorized(DEFAULT, "ingress"),
    _authorized(DEFAULT, "egress"),
    _modified(FROM_FUNCTION, "description", text, Description=""),
    _modified(TO_SNS, "description", text, Description=""),
    removed(FROM_FUNCTION, _revoke("ingress")),
    removed(TO_DYNAMODB, _revoke("egress")),
)
