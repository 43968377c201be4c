"""Decides what a resource should look like in its account: what the program asks for, and what AWS fills in.

A refresh overwrites the state with what the account holds, so the state alone proves nothing. A property that
the program leaves out is expected to be absent, or to have its documented default, whatever the state says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.drift.documented_defaults import default_of
from operations.drift.engine import Step
from operations.drift.normal_form import identical, means_the_same, normal
from operations.drift.plain import NOT_YET_KNOWN
from operations.drift.report import ABSENT
from operations.drift.settable import telling

FILLED_IN: Mapping[str, frozenset[str]] = {
    "aws:cloudwatch/logGroup:LogGroup": frozenset({"namePrefix"}),
    "aws:dynamodb/table:Table": frozenset(
        {"attributes", "pointInTimeRecovery.recoveryPeriodInDays", "serverSideEncryption.kmsKeyArn"}
    ),
    "aws:ec2/flowLog:FlowLog": frozenset({"logFormat"}),
    "aws:ec2/subnet:Subnet": frozenset(
        {"availabilityZone", "availabilityZoneId", "privateDnsHostnameTypeOnLaunch"}
    ),
    "aws:ec2/vpc:Vpc": frozenset({"dhcpOptionsId", "mainRouteTableId"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset(
        {
            "dnsOptions",
            "ipAddressType",
            "policy",
            "routeTableIds",
            "securityGroupIds",
            "serviceRegion",
            "subnetConfigurations",
            "subnetIds",
        }
    ),
    "aws:kms/key:Key": frozenset({"policy", "rotationPeriodInDays"}),
    "aws:lambda/eventSourceMapping:EventSourceMapping": frozenset({"startingPosition"}),
    "aws:lambda/function:Function": frozenset(
        {"architectures", "codeSha256", "loggingConfig.logGroup", "sourceCodeHash", "vpcConfig.vpcId"}
    ),
    "aws:sns/topic:Topic": frozenset({"policy"}),
    "aws:sqs/queue:Queue": frozenset({"maxMessageSize", "policy", "sqsManagedSseEnabled"}),
}
"""Type to paths at which AWS chooses a value if the program gives none: there the state is the measure."""

_SWITCHED: Mapping[tuple[str, str], str] = {("aws:dynamodb/table:Table", "ttl"): "enabled"}
"""Blocks that say nothing while their flag is off, and the flag."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the programs ask for, as far as the engine reported it."""

    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Resource key to its inputs; those that are missing are taken from the state."""
    stack_tags: Mapping[str, str] | None = None
    """The tags that the provider gives every resource; None if they are not known."""

    def of(self, step: Step) -> Mapping[str, Any]:
        """The inputs of a resource."""
        return self.inputs.get(step.key, step.old.inputs if step.old else {})


def expected_properties(
    step: Step, asked: Asked, recorded: Mapping[str, Any], held: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a resource should hold in its account, and what it does hold there.

    Args:
        step: the resource before and after a refresh.
        asked: what the program asks for.
        recorded: the resource's outputs in the state, without what other resources manage.
        held: its outputs in the account, without what other resources manage.
    """
    inputs, program = (step.old.inputs if step.old else {}), asked.of(step)
    names = telling(step.type) | inputs.keys() | program.keys()
    expected: dict[str, Any] = {}
    for name in names:
        settled = name in program and identical(normal(program[name]), normal(inputs.get(name)))
        if settled:
            if name in recorded or name in held:  # an account does not show every input
                expected[name] = _filled_in(step.type, name, program[name], recorded.get(name))
        elif name == "tagsAll" and name in held and asked.stack_tags is not None:
            expected[name] = {**asked.stack_tags, **(program.get("tags") or {})}
        elif name in recorded and (
            name in program  # the program changes it, which is a finding of another check
            or name in inputs
            or _is_filled_in(step.type, name)
            or means_the_same(step.type, name, recorded[name], ABSENT)
        ):
            expected[name] = recorded[name]
    actual = {
        name: value
        for name, value in held.items()
        if name in names and (name in expected or not _says_nothing(step.type, name, value))
    }
    # Nothing is asked for: each member that somebody added is a difference of its own.
    expected |= {
        name: [] for name, value in actual.items() if isinstance(value, list) and name not in expected
    }
    for (type_, name), flag in _SWITCHED.items():
        if type_ == step.type:
            for side in (expected, actual):
                if isinstance(side.get(name), Mapping) and not side[name].get(flag):
                    side[name] = {flag: False}
    return with_all_tags(expected), with_all_tags(actual)


def with_all_tags(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with one view of tags: a resource's own `tags` and the stack's are all in `tagsAll`."""
    found = {name: value for name, value in properties.items() if name != "tagsAll"}
    return {**found, "tags": properties["tagsAll"]} if "tagsAll" in properties else found


def _says_nothing(type_: str, name: str, value: Any) -> bool:
    """Whether a property that nobody asks for has the value of one that was never set."""
    return value in (None, "", 0, False) and not default_of(type_, name)


def _is_filled_in(type_: str, path: str) -> bool:
    return path in ("region", "tagsAll") or path in FILLED_IN.get(type_, ())


def _filled_in(type_: str, path: str, asked: Any, recorded: Any) -> Any:
    """What was asked for, with those members from the state that AWS chooses."""
    if asked == NOT_YET_KNOWN:
        return recorded
    if not isinstance(asked, Mapping) or not isinstance(recorded, Mapping):
        return asked
    chosen = {
        name: value
        for name, value in recorded.items()
        if name not in asked and _is_filled_in(type_, f"{path}.{name}")
    }
    return {**chosen, **asked}
