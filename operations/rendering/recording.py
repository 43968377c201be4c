"""What a program registers, without an engine: resources as the engine would see them, stack outputs, reads.

Where the SDK's own mocks keep inputs only, this keeps the request: parent, provider, dependencies, and
the options that would keep a resource from being destroyed.
"""

import asyncio
import gc
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import mocks, resource, rpc
from pulumi.runtime.proto.source_pb2 import StackTrace
from pulumi.runtime.settings import SETTINGS, get_root_resource
from pulumi.runtime.stack import Stack, run_pulumi_func

ORGANIZATION = "organization"
"""The only one that a backend without organizations has: stack references name it."""

ONE_AT_A_TIME = threading.RLock()
"""The SDK keeps one program's settings in the process."""


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
    """URNs of all that has to be there before: by an option, or because an input is an output of theirs."""
    property_dependencies: Mapping[str, tuple[str, ...]]
    """URNs by the input that is made of their outputs."""
    deleted_with: str
    protect: bool
    retain_on_delete: bool
    custom: bool
    ignore_changes: tuple[str, ...] = ()

    @property
    def tag_name(self) -> str | None:
        """Its tag `Name`."""
        return (self.inputs.get("tags") or {}).get("Name")

    def document(self, key: str = "policy") -> dict[str, Any]:
        """An input that is JSON."""
        loaded: dict[str, Any] = json.loads(self.inputs[key])
        return loaded


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an existing resource answers."""

    id: str
    outputs: Mapping[str, Any]


@dataclass(kw_only=True)
class Recorder(mocks.Mocks):
    """Everything that one program registered and read, and what it is answered.

    What only an account could tell is answered by tokens that name it: `${payments-table.arn}`.
    """

    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Stack name (`organization/PROJECT/STACK`) to outputs."""
    known: Mapping[tuple[str, str], Known] = field(default_factory=dict)
    """Type and logical name to what the existing resource of a deployed stack answers."""
    region: str = "us-east-1"
    resources: list[Registered] = field(default_factory=list)
    read_stacks: list[str] = field(default_factory=list)
    calls: list[mocks.MockCallArgs] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """What the engine answers to a registration: an id and all properties."""
        if args.typ == "pulumi:pulumi:StackReference":
            return self._reference(args)
        known = self.known.get((args.typ, args.name))
        if known is not None:
            return known.id, {**known.outputs, **args.inputs}
        computed = {name: self.token(args.name, name) for name in ("arn", *COMPUTED.get(args.typ, ()))}
        return self.token(args.name, "id"), {**args.inputs, **computed}

    def token(self, resource: str, attribute: str) -> str:
        """What stands for an attribute that a resource gets as it is made."""
        return f"${{{resource}.{attribute}}}"

    def upstream(self, stack: str) -> Mapping[str, Any]:
        """The outputs of another stack. Raises LookupError where they are not known."""
        if stack not in self.references:
            raise LookupError(f"the program reads the outputs of {stack}, which are not known here")
        return self.references[stack]

    def _reference(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        name = str(args.inputs["name"])
        self.read_stacks.append(name)
        return name, {"name": name, "outputs": dict(self.upstream(name)), "secretOutputNames": []}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """What a provider's function answers."""
        self.calls.append(args)
        if str(args.token).endswith(":getAvailabilityZones"):
            return {"names": [f"{self.region}{letter}" for letter in "abc"], "id": self.region}, []
        if str(args.token).endswith(":readStackOutputs"):
            name = str(args.args["name"])
            return {"name": name, "outputs": dict(self.upstream(name))}, []
        raise NotImplementedError(f"rendering a program offline answers no {args.token}")


COMPUTED: Mapping[str, tuple[str, ...]] = {
    "aws:sqs/queue:Queue": ("url",),
    "aws:kms/key:Key": ("keyId",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("prefixListId",),
}
"""What programs read of a resource besides its id and its ARN."""

SomeRecorder = TypeVar("SomeRecorder", bound=Recorder)


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
                property_dependencies={
                    name: tuple(found.urns) for name, found in request.propertyDependencies.items()
                },
                deleted_with=request.deletedWith,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                custom=request.custom,
                ignore_changes=tuple(request.ignoreChanges),
            )
        )
        return response


def record(
    program: Callable[[], Any],
    recorder: SomeRecorder,
    *,
    project: str,
    environment: str,
    config: Mapping[str, str],
    secret: frozenset[str] = frozenset(),
) -> SomeRecorder:
    """Run a program, and have `recorder` keep what it registers. Nothing of an earlier program is left.

    Programs run one at a time: the SDK keeps settings for the whole process. What the program raises, this
    raises.
    """
    with ONE_AT_A_TIME, _without_collection(), _without_positions():
        # In a context and an event loop of its own, so that neither a program that failed nor the caller's
        # own use of the SDK is in the way.
        copy_context().run(asyncio.run, _record(program, recorder, project, environment, config, secret))
    return recorder


@contextmanager
def _without_collection() -> Iterator[None]:
    """Collects no garbage meanwhile: going through the AWS SDK's classes takes longer than many a program."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _without_positions() -> Iterator[None]:
    """Nobody asks which line registered a resource, and the SDK reads the whole call stack to tell."""
    stack_trace = resource._get_stack_trace
    resource._get_stack_trace = StackTrace
    try:
        yield
    finally:
        resource._get_stack_trace = stack_trace


class _Here(ThreadPoolExecutor):
    """Answers at once, in the thread that asks: nothing is waited for, so handing over would only cost."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  the future's to raise
            future.set_exception(error)
        return future


async def _record(
    program: Callable[[], Any],
    recorder: Recorder,
    project: str,
    environment: str,
    config: Mapping[str, str],
    secret: frozenset[str],
) -> None:
    asyncio.get_running_loop().set_default_executor(_Here())
    SETTINGS.outputs = set()
    # Of a program that fails, all that waited for it fails too: its own error is raised, and enough.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    mocks.set_mocks(
        recorder,
        project=project,
        stack=environment,
        preview=False,
        monitor=_Monitor(recorder, project, environment),
        organization=ORGANIZATION,
    )
    pulumi.runtime.set_all_config(dict(config), secret_keys=list(secret))
    stack = get_root_resource()
    if not isinstance(stack, Stack):
        raise TypeError(f"the SDK's root resource is {stack!r}: a stack was expected")
    stack.outputs.clear()
    await run_pulumi_func(lambda: _run(program, stack, recorder))


async def _run(program: Callable[[], Any], stack: Stack, recorder: Recorder) -> None:
    program()
    for name, value in stack.outputs.items():
        recorder.outputs[name] = await pulumi.Output.from_input(value).future()
