# ruff: noqa: N802 - the names and arguments are gRPC's, documented in pulumi's provider.proto
"""Stands for the installed AWS plugin: speaks its protocol, and answers as a real one was recorded to.

    python -m tests.sandbox.recorded_plugin CALLS [ENGINE_ADDRESS]

`Create` and `Update` answer with the outputs that a real plugin wrote for the resource of that type and name
(tests/operations/drift/real_plugin), or with the inputs for a resource that was not recorded. Each call is a
line in the file CALLS: operation, type and name, and the endpoint of AWS in its environment.
"""

import json
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import (  # type: ignore[import-untyped]  # published without types
    empty_pb2,
    struct_pb2,
)
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

RECORDINGS = Path(__file__).parents[2] / "operations" / "drift" / "real_plugin"
VERSION = "7.51.1"


def recorded_outputs(environment: str) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Type and name of a resource to its id and outputs."""
    found = {}
    for path in sorted(RECORDINGS.glob(f"*.{environment}.json")):
        deployment = json.loads(path.read_text(encoding="utf-8"))
        for each in deployment.get("deployment", deployment)["resources"]:
            name = each["urn"].rsplit("::", 1)[-1]
            found[each["type"], name] = (each.get("id", ""), each.get("outputs", {}))
    return found


class RecordedPlugin(provider_pb2_grpc.ResourceProviderServicer):
    """The `aws` provider, as it was recorded."""

    def __init__(self, calls: Path) -> None:
        self._calls = calls
        self._lock = threading.Lock()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        self._note("configure", "")
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        answer = struct_pb2.Struct()
        if request.tok.endswith("getAvailabilityZones"):
            zones = {
                "names": ["us-east-1a", "us-east-1b"],
                "zoneIds": ["use1-az1", "use1-az2"],
                "id": "us-east-1",
            }
            answer.update(zones)
        return provider_pb2.InvokeResponse(**{"return": answer})

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        same = request.old_inputs == request.news
        kinds = provider_pb2.DiffResponse
        return provider_pb2.DiffResponse(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Create(self, request: Any, context: Any) -> Any:
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        self._note("create", request.urn)
        resource_id, outputs = self._answer(request.urn, request.properties)
        return provider_pb2.CreateResponse(id=resource_id, properties=outputs)

    def Read(self, request: Any, context: Any) -> Any:
        self._note("read", request.urn)
        return provider_pb2.ReadResponse(id=request.id, inputs=request.inputs, properties=request.properties)

    def Update(self, request: Any, context: Any) -> Any:
        if not request.preview:
            self._note("update", request.urn)
        return provider_pb2.UpdateResponse(properties=self._answer(request.urn, request.news)[1])

    def Delete(self, request: Any, context: Any) -> Any:
        self._note("delete", request.urn)
        return empty_pb2.Empty()

    def _answer(self, urn: str, inputs: Any) -> tuple[str, Any]:
        kind, name = urn.split("::")[2].rsplit("$", 1)[-1], urn.rsplit("::", 1)[-1]
        environment = urn.split("::")[0].rpartition(":")[2]
        unrecorded = (name, {"arn": f"arn:aws:recorded::111111111111:{name}"})
        resource_id, outputs = recorded_outputs(environment).get((kind, name), unrecorded)
        answer = struct_pb2.Struct()
        answer.CopyFrom(inputs)
        answer.update({k: v for k, v in outputs.items() if k not in answer.fields})
        return resource_id, answer

    def _note(self, operation: str, urn: str) -> None:
        resource = urn.split("::")[-2:] if urn else []
        line = {"operation": operation, "resource": resource, "endpoint": os.environ.get("AWS_ENDPOINT_URL")}
        with self._lock, self._calls.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def main(arguments: list[str]) -> None:
    """Serve until the engine ends it."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(RecordedPlugin(Path(arguments[0])), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def watch() -> None:
        sys.stdin.buffer.read()  # ends with the engine
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    stop.wait()
    server.stop(0)


if __name__ == "__main__":
    main(sys.argv[1:])
