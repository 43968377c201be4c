"""Security groups: closed by default, open to named groups and prefixes, and each opening explained."""

from collections.abc import Iterator

from policies.properties import Props, blocks, items, text, texts
from policies.ranges import outside
from policies.resource import CheckedResource
from policies.rule import PropertyRule, ResourceRule, RuleContext, RuleSeverity

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
GROUPS = frozenset({GROUP, DEFAULT_GROUP})
SINGLE_RULES = frozenset({RULE, INGRESS_RULE, EGRESS_RULE})
VPC_DOCS = "https://docs.aws.amazon.com/vpc/latest/userguide"


def _openings(resource: CheckedResource, direction: str) -> Iterator[Props]:
    """Yield the rules of one direction (ingress or egress) that a resource makes."""
    if resource.type in GROUPS:
        yield from blocks(resource.props, direction)
    elif resource.type == RULE:
        if text(resource.props, "type") == direction:
            yield resource.props
    elif (resource.type == INGRESS_RULE) == (direction == "ingress"):
        yield resource.props


def _ranges(opening: Props) -> Iterator[str]:
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        yield from texts(opening, key)
    for key in ("cidrIpv4", "cidrIpv6"):
        found = text(opening, key)
        if found:
            yield found


def _check_ingress(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for opening in _openings(resource, "ingress"):
        for cidr in filter(outside, _ranges(opening)):
            yield f"it lets {cidr} in."


def _check_egress(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    for opening in _openings(resource, "egress"):
        for cidr in filter(outside, _ranges(opening)):
            yield f"it lets traffic out to {cidr}."


def _check_default(props: Props) -> Iterator[str]:
    for direction in ("ingress", "egress"):
        if items(props, direction):
            yield f"{direction} is not empty."


def _check_group_description(props: Props) -> Iterator[str]:
    found = (text(props, "description") or "").strip()
    if not found or found.lower() in {"managed by pulumi", "managed by terraform"}:
        yield f"description is {repr(found) if found else 'not set'}."


def _check_rule_description(resource: CheckedResource, _context: RuleContext) -> Iterator[str]:
    if resource.type in GROUPS:
        for direction in ("ingress", "egress"):
            for number, opening in enumerate(blocks(resource.props, direction), start=1):
                if not (text(opening, "description") or "").strip():
                    yield f"{direction} rule {number} has no description."
    elif not (text(resource.props, "description") or "").strip():
        yield "description is not set."


RULES = (
    ResourceRule(
        id="network-ingress-open",
        severity=RuleSeverity.CRITICAL,
        types=GROUPS | {RULE, INGRESS_RULE},
        title="No security group lets the world in.",
        why="Nothing here serves the public; whatever listens there is an accident.",
        fix="name the security group or the prefix list that may come in.",
        url=f"{VPC_DOCS}/security-group-rules.html",
        references=(
            "AwsSolutions-EC23",
            "W2",
            "CKV_AWS_24",
            "CKV_AWS_25",
            "CKV_AWS_260",
            "CKV_AWS_277",
            "AWS-0107",
            "FSBP EC2.18",
            "FSBP EC2.19",
        ),
        exceptions_allowed=False,
        check=_check_ingress,
    ),
    ResourceRule(
        id="network-egress-open",
        severity=RuleSeverity.HIGH,
        types=GROUPS | {RULE, EGRESS_RULE},
        title="No security group lets traffic out to the world.",
        why="The way out is the way that stolen data takes.",
        fix="name the security group or the prefix list that may be reached.",
        url=f"{VPC_DOCS}/security-group-rules.html",
        references=("CKV_AWS_382", "W5", "AWS-0104", "F1000"),
        check=_check_egress,
    ),
    PropertyRule(
        id="network-default-security-group",
        severity=RuleSeverity.HIGH,
        types=frozenset({DEFAULT_GROUP}),
        title="A network's default security group is closed.",
        why="Whatever is started without a group of its own gets this one.",
        fix="set ingress and egress to empty lists.",
        url=f"{VPC_DOCS}/default-security-group.html",
        references=("CKV2_AWS_12", "AWS-0173", "FSBP EC2.2"),
        check=_check_default,
    ),
    PropertyRule(
        id="network-group-description",
        severity=RuleSeverity.LOW,
        types=frozenset({GROUP}),
        title="A security group says what it is for.",
        why="A group that nobody can explain is a group that nobody dares to close.",
        fix="set description.",
        url=f"{VPC_DOCS}/security-groups.html",
        references=("CKV_AWS_23", "AwsSolutions-EC27", "W36", "AWS-0099"),
        check=_check_group_description,
    ),
    ResourceRule(
        id="network-rule-description",
        severity=RuleSeverity.LOW,
        types=GROUPS | SINGLE_RULES,
        title="A security group's rule says what it is for.",
        why="A rule that nobody can explain is a rule that nobody dares to remove.",
        fix="set the rule's description.",
        url=f"{VPC_DOCS}/security-group-rules.html",
        references=("CKV_AWS_23", "AwsSolutions-EC27", "W36", "AWS-0124"),
        check=_check_rule_description,
    ),
)
