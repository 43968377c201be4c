"""The pack as the engine calls it: protobuf requests into its real servicer, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # published without types
from pulumi.runtime import proto

from policies.adapter import Servicer
from policies.rule import AnyRule
from policies.rules import RULES

TODAY = date(2026, 6, 1)
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends for a string that it doesn't know yet."""
PROJECT, SUFFIX = "payments", "acme"
REGIONS = {"dev": "us-east-1", "staging": "us-west-2", "prod": "eu-west-1"}
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
SCALING: Mapping[str, Mapping[str, str]] = {
    "dev": {
        "reservedConcurrency": "1",
        "memoryMb": "512",
        "pointInTimeRecovery": "false",
        "maxReceiveCount": "2",
        "deadLetterAlarmThreshold": "10",
        "logRetentionDays": "30",
    },
    "staging": {
        "reservedConcurrency": "10",
        "memoryMb": "1024",
        "pointInTimeRecovery": "true",
        "maxReceiveCount": "3",
        "deadLetterAlarmThreshold": "5",
        "logRetentionDays": "90",
    },
    "prod": {
        "reservedConcurrency": "100",
        "memoryMb": "2048",
        "pointInTimeRecovery": "true",
        "maxReceiveCount": "5",
        "deadLetterAlarmThreshold": "1",
        "logRetentionDays": "365",
    },
}


def config_of(environment: str, project: str = PROJECT) -> dict[str, str]:
    """What the stack of an environment declares."""
    declared = {
        "accountId": ACCOUNTS[environment],
        "region": REGIONS[environment],
        "environmentSuffix": SUFFIX,
        **SCALING[environment],
    }
    return {f"{project}:{key}": value for key, value in declared.items()}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A resource as the engine would describe it."""

    type: str
    name: str
    props: Mapping[str, Any]
    environment: str = "dev"
    project: str = PROJECT
    protect: bool = False
    provider_name: str | None = "aws"
    provider_props: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        """The URN, as if the resource were in no component."""
        return f"urn:pulumi:{self.environment}::{self.project}::{self.type}::{self.name}"

    def but(self, **changes: Any) -> "Made":
        """The same resource, but for its fields in `changes`."""
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One diagnostic of the pack."""

    rule: str
    level: str
    message: str
    urn: str

    @property
    def not_evaluated(self) -> bool:
        """Whether the rule could not be asked."""
        return self.message.startswith("can't run policy")


def servicer(
    environment: str = "dev",
    *,
    rules: Sequence[AnyRule] = RULES,
    config: Mapping[str, str] | None = None,
    project: str = PROJECT,
    today: date = TODAY,
) -> Servicer:
    """The pack, told which stack it is as the engine tells it."""
    made = Servicer(rules, today)
    declared = config_of(environment, project) if config is None else dict(config)
    made.ConfigureStack(
        proto.AnalyzerStackConfigureRequest(project=project, stack=environment, config=declared), None
    )
    return made


@cache
def whole_pack(environment: str = "dev") -> Servicer:
    """The pack with all its rules, made once an environment."""
    return servicer(environment)


def analyze(pack: Servicer, made: Made) -> list[Answer]:
    """What the pack says of one resource."""
    response = pack.Analyze(analyze_request(made), None)
    return [_answer(found, made.urn) for found in response.diagnostics]


def analyze_stack(pack: Servicer, resources: Sequence[Made]) -> list[Answer]:
    """What the pack says of a whole stack."""
    return [_answer(found, "") for found in pack.AnalyzeStack(stack_request(resources), None).diagnostics]


def stack_request(resources: Sequence[Made]) -> Any:
    """The request by which the engine asks about a whole stack."""
    return proto.AnalyzeStackRequest(
        resources=[
            proto.AnalyzerResource(
                type=made.type,
                urn=made.urn,
                name=made.name,
                properties=struct(made.props),
                propertyDependencies={
                    key: proto.AnalyzerPropertyDependencies(urns=urns) for key, urns in made.links.items()
                },
            )
            for made in resources
        ]
    )


def remediate(pack: Servicer, made: Made) -> Any:
    """What the pack would change in a resource."""
    return pack.Remediate(analyze_request(made), None)


def struct(props: Mapping[str, Any]) -> Any:
    """Properties on the wire."""
    packed = struct_pb2.Struct()
    packed.update(props)
    return packed


def analyze_request(made: Made) -> Any:
    """The request by which the engine asks about one resource."""
    request = proto.AnalyzeRequest(
        type=made.type,
        urn=made.urn,
        name=made.name,
        properties=struct(made.props),
        options=proto.AnalyzerResourceOptions(protect=made.protect),
    )
    if made.provider_name is not None:
        request.provider.CopyFrom(
            proto.AnalyzerProviderResource(
                type="pulumi:providers:aws",
                urn=f"urn:pulumi:{made.environment}::{made.project}::pulumi:providers:aws::{made.provider_name}",
                name=made.provider_name,
                properties=struct(made.provider_props),
            )
        )
    return request


def _answer(found: Any, urn: str) -> Answer:
    _, _, message = found.message.partition("\n")
    return Answer(
        rule=found.policyName,
        level=("advisory", "mandatory", "disabled", "remediate")[found.enforcementLevel],
        message=message or found.message,
        urn=found.urn or urn,
    )
