"""What a program registers, without an engine: resources as the engine would see them, stack outputs, reads.

    recorder = record(program, project="payments", environment="dev")     # any code that makes resources
    recorder = render("payments", "dev")                                   # projects/payments/__main__.py

Where the SDK's own mocks keep inputs only, this keeps the request: parent, provider, dependencies, and
the options that would keep a resource from being destroyed.
"""

import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
import yaml
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import Stack, run_pulumi_func
from pulumi.runtime.sync_await import _sync_await

from tests.builders import ARTIFACT

PROJECTS = Path(__file__).resolve().parent.parent / "projects"

UPSTREAM_OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    "bootstrap-iam": {
        "accountId": "111111111111",
        "deployerRoleArn": "arn:aws:iam::111111111111:role/deployer-role-dev-acme",
        "operatorRoleArn": "arn:aws:iam::111111111111:role/operator-role-dev-acme",
        "deployerExternalId": "payments-deployer-dev",
        "permissionsBoundaryArn": "arn:aws:iam::111111111111:policy/workload-boundary-policy-dev-acme",
    },
    "network": {
        "accountId": "111111111111",
        "vpcId": "vpc-0",
        "privateSubnetIds": ["subnet-a", "subnet-b"],
        "functionSecurityGroupId": "sg-function",
        "dynamodbEndpointId": "vpce-dynamodb",
        "snsEndpointId": "vpce-sns",
    },
    "payments": {
        name: f"{name}-of-upstream"
        for name in [
            "accountId",
            "tableArn",
            "tableName",
            "queueUrl",
            "queueArn",
            "deadLetterQueueUrl",
            "deadLetterQueueArn",
            "topicArn",
            "alarmTopicArn",
            "functionName",
            "functionArn",
            "artifactDigest",
        ]
    }
    | {"upstreamTableArns": []},
}
"""What a StackReference to each project answers, unless a test says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A resource as it was registered."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    """URN; empty at the root."""
    provider: str
    """`urn::id`; empty when none was given explicitly, or for components."""
    dependencies: tuple[str, ...]
    deleted_with: str
    protect: bool
    retain_on_delete: bool
    custom: bool

    @property
    def tag_name(self) -> str | None:
        return (self.inputs.get("tags") or {}).get("Name")

    def document(self, key: str = "policy") -> dict[str, Any]:
        """An input that is JSON."""
        loaded: dict[str, Any] = yaml.safe_load(self.inputs[key])
        return loaded


@dataclass(kw_only=True)
class Recorder(mocks.Mocks):
    """Everything that one program registered and read."""

    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Stack name (`organization/PROJECT/STACK`) to outputs, in place of UPSTREAM_OUTPUTS."""
    resources: list[Registered] = field(default_factory=list)
    read_stacks: list[str] = field(default_factory=list)
    calls: list[mocks.MockCallArgs] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return self._reference(args)
        computed: dict[str, Any] = {"arn": f"arn:of:{args.name}"}
        match args.typ:
            case "aws:sqs/queue:Queue":
                computed["url"] = f"https://queue/{args.inputs.get('name')}"
            case "aws:kms/key:Key":
                computed["keyId"] = f"{args.name}-id"
            case "aws:ec2/vpcEndpoint:VpcEndpoint":
                computed["prefixListId"] = f"{args.name}-prefix-list"
        return f"{args.name}-id", {**args.inputs, **computed}

    def _reference(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        name = str(args.inputs["name"])
        self.read_stacks.append(name)
        outputs = self.references.get(name) or UPSTREAM_OUTPUTS[name.split("/")[1]]
        return name, {"name": name, "outputs": dict(outputs), "secretOutputNames": []}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.calls.append(args)
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            return {"names": ["zone-a", "zone-b", "zone-c"], "id": "zones"}, []
        raise NotImplementedError(f"the recorder answers no {args.token}")

    # Questions that tests ask

    def of_type(self, suffix: str) -> list[Registered]:
        """Resources whose type ends so: `of_type("sqs/queue:Queue")`."""
        return [resource for resource in self.resources if resource.type.endswith(suffix)]

    def one(self, type_suffix: str, name: str | None = None) -> Registered:
        """The only resource of a type, or the one with this logical name."""
        found = [each for each in self.of_type(type_suffix) if name is None or each.name == name]
        assert len(found) == 1, f"{len(found)} of {type_suffix} {name or ''}: {[each.name for each in found]}"
        return found[0]

    @property
    def aws(self) -> list[Registered]:
        """The AWS resources."""
        return [each for each in self.resources if each.custom and each.type.startswith("aws:")]

    def ancestors(self, resource: Registered) -> list[str]:
        """The types of the components above a resource, nearest first."""
        by_urn = {each.urn: each for each in self.resources}
        found = []
        while parent := by_urn.get(resource.parent):
            found.append(parent.type)
            resource = parent
        return found


class _Monitor(mocks.MockMonitor):
    """Keeps whole requests, and refuses what the engine refuses: two resources of one URN."""

    def __init__(self, recorder: Recorder, project: str, environment: str) -> None:
        super().__init__(recorder)
        self._recorder, self._project, self._environment = recorder, project, environment

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The engine chains the types of all ancestors but the stack; the SDK's mocks keep the nearest.
        if parent and "pulumi:pulumi:Stack" not in parent.split("::")[2]:
            type_ = f"{parent.split('::')[2]}${type_}"
        return f"urn:pulumi:{self._environment}::{self._project}::{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  gRPC's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's
        if request.type == "pulumi:pulumi:Stack":
            return response
        if any(each.urn == response.urn for each in self._recorder.resources):
            raise RuntimeError(f"two resources have the URN {response.urn}")
        self._recorder.resources.append(
            Registered(
                urn=response.urn,
                type=request.type,
                name=request.name,
                inputs=rpc.deserialize_properties(request.object),
                parent="" if "pulumi:pulumi:Stack" in request.parent.split("$")[-1] else request.parent,
                provider=request.provider,
                dependencies=tuple(request.dependencies),
                deleted_with=request.deletedWith,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                custom=request.custom,
            )
        )
        return response


def record(
    program: Callable[[], Any],
    *,
    project: str = "payments",
    environment: str = "dev",
    config: Mapping[str, str] | None = None,
    secret: frozenset[str] = frozenset(),
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorder:
    """Run a program and keep what it registers. Nothing of an earlier recording is left."""
    recorder = Recorder(references=references or {})
    mocks.set_mocks(
        recorder,
        project=project,
        stack=environment,
        preview=False,
        monitor=_Monitor(recorder, project, environment),
        organization="organization",
    )
    pulumi.runtime.set_all_config(dict(config or {}), secret_keys=list(secret))
    stack = get_root_resource()
    assert isinstance(stack, Stack)
    stack.outputs.clear()
    try:
        _sync_await(run_pulumi_func(lambda: _run(program, stack, recorder)))
    finally:
        pulumi.runtime.set_all_config({}, secret_keys=[])
    return recorder


async def _run(program: Callable[[], Any], stack: Stack, recorder: Recorder) -> None:
    program()
    for name, value in stack.outputs.items():
        recorder.outputs[name] = await pulumi.Output.from_input(value).future()


def render(
    project: str,
    environment: str,
    *,
    projects: Path = PROJECTS,
    changed: Mapping[str, Any] | None = None,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorder:
    """Run a project's whole program with its stack's configuration, `changed` (without namespace) on top.

    The function's zip is not built.
    """
    config = configuration(project, environment, projects=projects)
    for key, value in (changed or {}).items():
        config[f"{project}:{key}"] = _text(value)
    program = projects / project / "__main__.py"
    with patch("components.artifact.build", return_value=ARTIFACT):
        return record(
            lambda: runpy.run_path(str(program), run_name="__main__"),
            project=project,
            environment=environment,
            config=config,
            references=references,
        )


def configuration(project: str, environment: str, *, projects: Path = PROJECTS) -> dict[str, str]:
    """A stack's configuration as the engine hands it over: Pulumi.yaml's defaults, then the stack's file."""
    declared = yaml.safe_load((projects / project / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    config = {
        f"{project}:{key}": _text(declaration["default"])
        for key, declaration in declared.items()
        if ":" not in key and "default" in declaration
    }
    stack = yaml.safe_load((projects / project / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8"))
    return config | {key: _text(value) for key, value in stack["config"].items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
