# ruff: noqa: N802, D102, ARG002 - the method names and arguments are gRPC's, documented in pulumi's provider.proto
"""The gRPC surface that the engine calls: protobuf in, protobuf out, errors as messages."""

import functools
import os
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2  # type: ignore[import-untyped]  # published without types
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.provider import configuration, invokes
from sandbox.provider.account import Account
from sandbox.provider.comparing import changes
from sandbox.provider.errors import AWS_ERRORS, InitializationError, ProviderError, words
from sandbox.provider.lifecycle import Difference, Lifecycle
from sandbox.provider.resource import Resource
from sandbox.provider.resources import resource_of
from sandbox.provider.schema import Failure
from sandbox.provider.wire import contains_unknown, from_struct, to_struct

VERSION = "7.51.1"
"""The version of pulumi_aws whose shapes this provider follows."""

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _told(call: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what a call raises into a gRPC status that the engine shows as it is."""

    @functools.wraps(call)
    def wrapper(self: "Provider", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return call(self, request, context)
        except InitializationError as error:
            context.abort_with_status(_initialization_status(error))
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except AWS_ERRORS as error:
            context.abort(grpc.StatusCode.UNKNOWN, words(error))
        except Exception as error:  # noqa: BLE001 - a mistake of the sandbox's own is told as one, without a traceback
            mistake = f"{type(error).__name__}: {error}"
            context.abort(
                grpc.StatusCode.INTERNAL,
                f"a mistake in the sandbox's aws provider, {call.__name__}: {mistake}",
            )

    return wrapper


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The `aws` provider as the engine sees it."""

    def __init__(self, engine: str = "") -> None:
        self._engine_address = engine
        self._lifecycle: Lifecycle | None = None
        self._account: Account | None = None
        self._engine: Any = None

    # The plugin itself

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:
        self._engine_address = request.address
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine_address = request.engine_address or self._engine_address
        return provider_pb2.ProviderHandshakeResponse()

    @_told
    def CheckConfig(self, request: Any, context: Any) -> Any:
        failures = configuration.problems(configuration.decode(from_struct(request.news)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    @_told
    def DiffConfig(self, request: Any, context: Any) -> Any:
        olds, news = (configuration.decode(from_struct(each)) for each in (request.olds, request.news))
        return _diff_response(
            Difference(changes=changes(configuration.PROPERTIES, olds, news), delete_first=False)
        )

    @_told
    def Configure(self, request: Any, context: Any) -> Any:
        arguments = from_struct(request.args)
        if not contains_unknown(arguments):
            account = Account(configuration.parse(configuration.decode(arguments), os.environ))
            account.verify()
            self._account, self._lifecycle = account, Lifecycle(account, self._warn)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    @_told
    def Invoke(self, request: Any, context: Any) -> Any:
        answer = invokes.invoke(self._configured()[0], request.tok, from_struct(request.args))
        return provider_pb2.InvokeResponse(**{"return": to_struct(answer)})

    # Resources

    @_told
    def Check(self, request: Any, context: Any) -> Any:
        kind = _kind(request.urn)
        olds, news = from_struct(request.olds), from_struct(request.news)
        inputs, failures = self._configured()[1].check(kind, request.urn, olds, news, request.randomSeed)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=_failures(failures))

    @_told
    def Diff(self, request: Any, context: Any) -> Any:
        difference = self._configured()[1].diff(
            _kind(request.urn),
            request.urn,
            request.id,
            from_struct(request.olds),
            from_struct(request.news),
            list(request.ignoreChanges),
        )
        return _diff_response(difference)

    @_told
    def Create(self, request: Any, context: Any) -> Any:
        kind, new = _kind(request.urn), from_struct(request.properties)
        lifecycle = self._configured()[1]
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(lifecycle.preview_create(kind, new)))
        resource_id, state = lifecycle.create(kind, request.urn, new)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_struct(state))

    @_told
    def Read(self, request: Any, context: Any) -> Any:
        found = self._configured()[1].read(
            _kind(request.urn),
            request.urn,
            request.id,
            from_struct(request.inputs),
            from_struct(request.properties),
        )
        if found is None:
            return provider_pb2.ReadResponse(id="")
        inputs, state = found
        return provider_pb2.ReadResponse(
            id=state["id"], inputs=to_struct(inputs), properties=to_struct(state)
        )

    @_told
    def Update(self, request: Any, context: Any) -> Any:
        kind, old, new = _kind(request.urn), from_struct(request.olds), from_struct(request.news)
        lifecycle = self._configured()[1]
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(lifecycle.preview_update(kind, old, new)))
        state = lifecycle.update(kind, request.urn, request.id, old, new, list(request.ignoreChanges))
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    @_told
    def Delete(self, request: Any, context: Any) -> Any:
        state = from_struct(request.properties)
        self._configured()[1].delete(_kind(request.urn), request.urn, request.id, state)
        return empty_pb2.Empty()

    def _configured(self) -> tuple[Account, Lifecycle]:
        if self._account is None or self._lifecycle is None:
            raise ProviderError(
                "the aws provider's configuration is not known yet: it depends on another resource"
            )
        return self._account, self._lifecycle

    def _warn(self, urn: str, message: str) -> None:
        """Tell the engine, which shows it beside the resource."""
        if not self._engine_address:
            return
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        with grpc.insecure_channel(self._engine_address) as channel:
            request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, urn=urn, message=message)
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=5)


def _kind(urn: str) -> Resource:
    return resource_of(urn.split("::")[2].rsplit("$", 1)[-1])


def _failures(failures: list[Failure]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=failure.path, reason=failure.reason) for failure in failures]


def _diff_response(difference: Difference) -> Any:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME
        if difference.changes
        else provider_pb2.DiffResponse.DIFF_NONE,
        hasDetailedDiff=True,
    )
    replaces = []
    for change in difference.changes:
        response.detailedDiff[change.path].kind = _KINDS[change.kind, change.replaces]
        if change.name not in response.diffs:
            response.diffs.append(change.name)
        if change.replaces and change.name not in replaces:
            replaces.append(change.name)
    response.replaces.extend(replaces)
    response.deleteBeforeReplace = bool(replaces) and difference.delete_first
    return response


def _initialization_status(error: InitializationError) -> Any:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=to_struct(error.state),
        inputs=to_struct(error.inputs),
        reasons=[str(error)],
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[packed])
    return _Status(
        grpc.StatusCode.UNKNOWN, str(error), (("grpc-status-details-bin", status.SerializeToString()),)
    )


class _Status(grpc.Status):  # type: ignore[misc]  # grpc is published without type information
    def __init__(self, code: Any, details: str, trailing_metadata: Any) -> None:
        self.code, self.details, self.trailing_metadata = code, details, trailing_metadata
