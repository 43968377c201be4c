"""A stand-in for the engine: drives the provider over gRPC as the engine does."""

import itertools
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.provider.server import Provider
from sandbox.provider.wire import from_struct, to_struct

REGION = "eu-west-1"
STACK_TAGS = {"Project": "payments", "Environment": "dev", "EnvironmentSuffix": "acme", "ManagedBy": "pulumi"}

_accounts = itertools.count(100_000_000_001)


def fresh_account() -> str:
    """An account id that no other test uses: moto keeps accounts apart."""
    return str(next(_accounts))


class RefusedError(AssertionError):
    """Check refused the inputs: reasons by property path."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        super().__init__(str(failures))
        self.failures = failures


@dataclass(frozen=True)
class Held:
    """A resource as the engine's state holds it."""

    urn: str
    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]


@dataclass(frozen=True)
class Diff:
    """What a diff said."""

    paths: dict[str, str]
    replaces: list[str]
    delete_first: bool


class Plugin:
    """One provider process's worth of conversation."""

    def __init__(self, stub: Any, account: str, region: str = REGION) -> None:
        self.stub = stub
        self.account = account
        self.region = region

    def configure(self, **arguments: Any) -> None:
        """Check the configuration and apply it, as the SDK would send it: nested values as JSON text."""
        values = {
            "region": self.region,
            "assumeRoles": [{"roleArn": f"arn:aws:iam::{self.account}:role/deployer", "externalId": "acme"}],
            "allowedAccountIds": [self.account],
            "defaultTags": {"tags": STACK_TAGS},
            **arguments,
        }
        sent = {name: each if isinstance(each, str) else json.dumps(each) for name, each in values.items()}
        checked = self.stub.CheckConfig(provider_pb2.CheckRequest(news=to_struct(sent)))
        if checked.failures:
            raise RefusedError({each.property: each.reason for each in checked.failures})
        self.stub.Configure(provider_pb2.ConfigureRequest(args=checked.inputs))

    def check(
        self,
        urn_type: str,
        inputs: Mapping[str, Any],
        name: str = "it",
        olds: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Checked inputs; raises RefusedError."""
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(urn_type, name),
                olds=to_struct(olds or {}),
                news=to_struct(inputs),
                randomSeed=b"seed",
            )
        )
        if answer.failures:
            raise RefusedError({each.property: each.reason for each in answer.failures})
        return from_struct(answer.inputs)

    def create(self, urn_type: str, inputs: Mapping[str, Any], name: str = "it") -> Held:
        """Check and create."""
        checked = self.check(urn_type, inputs, name)
        answer = self.stub.Create(
            provider_pb2.CreateRequest(urn=urn(urn_type, name), properties=to_struct(checked))
        )
        return Held(urn(urn_type, name), answer.id, checked, from_struct(answer.properties))

    def preview(self, urn_type: str, inputs: Mapping[str, Any], name: str = "it") -> dict[str, Any]:
        """The state that a preview of a create promises."""
        checked = self.check(urn_type, inputs, name)
        request = provider_pb2.CreateRequest(
            urn=urn(urn_type, name), properties=to_struct(checked), preview=True
        )
        return from_struct(self.stub.Create(request).properties)

    def diff(self, held: Held, inputs: Mapping[str, Any], ignore: tuple[str, ...] = ()) -> Diff:
        """Check new inputs against the held ones, and compare."""
        checked = self.check(_type(held), inputs, _name(held), held.inputs)
        answer = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=held.urn,
                id=held.id,
                olds=to_struct(held.state),
                old_inputs=to_struct(held.inputs),
                news=to_struct(checked),
                ignoreChanges=ignore,
            )
        )
        kinds = provider_pb2.PropertyDiff.Kind
        paths = {path: kinds.Name(each.kind) for path, each in answer.detailedDiff.items()}
        assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(paths)
        return Diff(paths, list(answer.replaces), answer.deleteBeforeReplace)

    def update(self, held: Held, inputs: Mapping[str, Any]) -> Held:
        """Check and update in place."""
        checked = self.check(_type(held), inputs, _name(held), held.inputs)
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=held.urn,
                id=held.id,
                olds=to_struct(held.state),
                old_inputs=to_struct(held.inputs),
                news=to_struct(checked),
            )
        )
        return Held(held.urn, held.id, checked, from_struct(answer.properties))

    def preview_update(self, held: Held, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The state that a preview of an update promises."""
        checked = self.check(_type(held), inputs, _name(held), held.inputs)
        request = provider_pb2.UpdateRequest(
            urn=held.urn, id=held.id, olds=to_struct(held.state), news=to_struct(checked), preview=True
        )
        return from_struct(self.stub.Update(request).properties)

    @staticmethod
    def held(urn_type: str, resource_id: str, inputs: dict[str, Any], state: dict[str, Any]) -> Held:
        """A resource as the engine records it after a partial failure."""
        return Held(urn(urn_type, "it"), resource_id, inputs, state)

    def refresh(self, held: Held) -> Held | None:
        """Read what AWS has now."""
        return self._read(held.urn, held.id, held.inputs, held.state)

    def import_(self, urn_type: str, resource_id: str, name: str = "imported") -> Held | None:
        """Read with nothing but an id."""
        return self._read(urn(urn_type, name), resource_id, {}, {})

    def _read(self, its_urn: str, resource_id: str, inputs: Any, state: Any) -> Held | None:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=its_urn, id=resource_id, inputs=to_struct(inputs), properties=to_struct(state)
            )
        )
        if not answer.id:
            return None
        return Held(its_urn, answer.id, from_struct(answer.inputs), from_struct(answer.properties))

    def delete(self, held: Held) -> None:
        """Delete."""
        self.stub.Delete(
            provider_pb2.DeleteRequest(urn=held.urn, id=held.id, properties=to_struct(held.state))
        )

    def invoke(self, token: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call a function."""
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments or {})))
        return from_struct(getattr(answer, "return"))

    def client(self, service: str) -> Any:
        """A boto3 client in the same account and region, for what happens out of band."""
        return client(self.account, self.region, service)


_session = boto3.session.Session()


@cache
def client(account: str, region: str, service: str) -> Any:
    """A client in an account of moto's."""
    keys = _keys(account)
    return _session.client(
        service,
        region_name=region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@cache
def _keys(account: str) -> Mapping[str, str]:
    role = f"arn:aws:iam::{account}:role/test"
    credentials: Mapping[str, str] = _sts().assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return credentials


@cache
def _sts() -> Any:
    return _session.client("sts", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def urn(urn_type: str, name: str) -> str:
    """The URN of a resource of the test's stack."""
    return f"urn:pulumi:dev::payments::{urn_type}::{name}"


def _type(held: Held) -> str:
    return held.urn.split("::")[2]


def _name(held: Held) -> str:
    return held.urn.split("::")[3]


@contextmanager
def serve(account: str, region: str = REGION) -> Iterator[Plugin]:
    """A provider process's worth of servicer, with a channel to it."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel), account, region)
    finally:
        server.stop(grace=None)
