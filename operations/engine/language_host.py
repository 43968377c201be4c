"""A Python language host: what the Pulumi engine starts to run Python programs and policy packs.

Pulumi ships one, in Go, beside its CLI. This one stands in where the CLI is bare, and behaves the same:

    engine ──Run──────▶ this process ──▶ python program.py …        one process a program
           ──RunPlugin▶              ──▶ python -m pulumi.policy …  one process a policy pack

It is started as `pulumi-language-python [options] ENGINE_ADDRESS`, prints its port, and ends when the engine
does. It runs as a file, imports nothing of the repository, and not the SDK itself, which takes half a second.
"""

import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import grpc

PROGRAM = Path(__file__).with_name("program.py")
EXPLAINED = 32
"""A program's exit status that says: the user was told why it failed. The same as with Pulumi's own host."""

_SECONDS_TO_END = 2.0
_WORKERS = 16  # every program and policy pack holds one for as long as it runs
_OPTIONS = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024)
]  # as in the SDK: configuration may be long

Message = Any  # the generated messages are loaded at run time


class Children:
    """The processes that this host has started and must not leave behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Starts `command`; raises RuntimeError once the host is ending."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the language host is ending")
            child = subprocess.Popen(  # noqa: S603  what the engine asks for
                command, stdin=subprocess.DEVNULL, **options
            )
            self._running.add(child)
        return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """The child's exit status (negative: the signal that ended it)."""
        status = child.wait()
        with self._lock:
            self._running.discard(child)
        return status

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """Asks the child to end, then makes it."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                child.kill()

    def close(self) -> None:
        """Ends every child and starts no more."""
        with self._lock:
            self._closed = True
            running = tuple(self._running)
        for child in running:
            child.terminate()
        for child in running:
            self.end(child)


class LanguageHost:
    """The calls of the engine that do something, each a method of the same name in the protocol."""

    def __init__(self, language: Message, engine_address: str, children: Children) -> None:
        self._language = language
        self._engine_address = engine_address
        self._children = children
        self._programs: set[subprocess.Popen[bytes]] = set()
        self._cancelled = threading.Event()

    def run(self, request: Message, context: Any) -> Message:
        """Runs a program to its end."""
        configuration = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        child = self._children.start(
            run_command(request, self._engine_address),
            cwd=request.pwd or request.info.program_directory,
            env={**os.environ, **configuration},
        )
        self._programs.add(child)
        context.add_callback(partial(self._children.end, child))
        status = self._children.wait(child)
        self._programs.discard(child)
        if status == 0:
            return self._language.RunResponse()
        # A program that was ended by a cancellation has nothing to add to the engine's own word on that.
        if status == EXPLAINED or self._cancelled.is_set():
            return self._language.RunResponse(bail=True)
        return self._language.RunResponse(error=explain(status))

    def run_plugin(self, request: Message, context: Any) -> Iterator[Message]:
        """Runs a policy pack, or another plugin in Python, and passes on what it writes until it ends."""
        child = self._children.start(
            plugin_command(request),
            cwd=request.pwd,
            env=dict(entry.split("=", 1) for entry in request.env) or None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(partial(self._children.end, child))
        for stream, piece in _output(child):
            yield self._language.RunPluginResponse(**{stream: piece})
        yield self._language.RunPluginResponse(exitcode=self._children.wait(child))

    def cancel(self) -> None:
        """Ends the programs. The policy packs are the engine's own to cancel."""
        self._cancelled.set()
        for child in tuple(self._programs):
            self._children.end(child)


def interpreter(info: Message) -> str:
    """The Python of the project's `virtualenv` option, as for Pulumi's own host; else this one."""
    option = info.options.fields.get("virtualenv")
    if option is not None and option.string_value:
        named = Path(info.root_directory, option.string_value, "bin", "python")
        if named.is_file():
            return str(named)
    return sys.executable


def run_command(request: Message, engine_address: str) -> list[str]:
    """The command that runs the program of a `Run` request."""
    options = {
        "--project": request.project,
        "--root-directory": request.info.root_directory,
        "--stack": request.stack,
        "--organization": request.organization,
        "--parallel": str(request.parallel),
        "--dry-run": json.dumps(request.dryRun),
        "--monitor": request.monitor_address,
        "--engine": engine_address,
    }
    program = Path(request.info.program_directory, request.info.entry_point)
    arguments = [f"{name}={value}" for name, value in options.items()]
    return [interpreter(request.info), "-P", "-u", str(PROGRAM), *arguments, str(program), *request.args]


def plugin_command(request: Message) -> list[str]:
    """The command of a `RunPlugin` request: a policy pack under the SDK's server, others as programs."""
    directory = request.info.program_directory
    if request.kind == "analyzer":
        return [interpreter(request.info), "-u", "-m", "pulumi.policy", *request.args, directory]
    return [interpreter(request.info), "-u", directory, *request.args]


def explain(status: int) -> str:
    """What to tell the user of a program that ended with `status` without having said why."""
    if status < 0:
        return f"Program was ended by {signal.Signals(-status).name}"
    return f"Program exited with non-zero exit code: {status}"


def serve(engine_address: str, children: Children) -> tuple[grpc.Server, int]:
    """Starts to serve the protocol's `LanguageRuntime` on a free local port; returns that port too."""
    language, plugin = _protocol("language_pb2"), _protocol("plugin_pb2")
    empty = import_module("google.protobuf.empty_pb2").Empty
    host = LanguageHost(language, engine_address, children)

    def about(request: Message) -> Message:
        return language.AboutResponse(executable=interpreter(request.info), version=sys.version.split()[0])

    def install(request: Message, _: object) -> Iterator[Message]:
        text = f"Dependencies are those of {interpreter(request.info)}; `make setup` installs them.\n"
        yield language.InstallDependenciesResponse(stdout=text.encode())

    def cancel(_: Message) -> Message:
        host.cancel()
        return empty()

    # No packages are required up front: the SDK names each provider and its version as it registers the first
    # resource, and the engine fetches then what is missing.
    answers: dict[str, tuple[Any, Callable[[Message], Message]]] = {
        "Handshake": (language.LanguageHandshakeRequest, lambda _: language.LanguageHandshakeResponse()),
        "GetPluginInfo": (empty, lambda _: plugin.PluginInfo()),
        "About": (language.AboutRequest, about),
        "GetRequiredPackages": (
            language.GetRequiredPackagesRequest,
            lambda _: language.GetRequiredPackagesResponse(),
        ),
        "GetRequiredPlugins": (
            language.GetRequiredPluginsRequest,
            lambda _: language.GetRequiredPluginsResponse(),
        ),
        "GetProgramDependencies": (
            language.GetProgramDependenciesRequest,
            lambda _: language.GetProgramDependenciesResponse(),
        ),
        "Cancel": (empty, cancel),
    }
    handlers = {
        "Run": _handler(grpc.unary_unary_rpc_method_handler, language.RunRequest, host.run),
        "RunPlugin": _handler(
            grpc.unary_stream_rpc_method_handler, language.RunPluginRequest, host.run_plugin
        ),
        "InstallDependencies": _handler(
            grpc.unary_stream_rpc_method_handler, language.InstallDependenciesRequest, install
        ),
    }
    for name, (request, answer) in answers.items():
        handlers[name] = _handler(grpc.unary_unary_rpc_method_handler, request, partial(_answer, answer))
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_OPTIONS)
    service = grpc.method_handlers_generic_handler("pulumirpc.LanguageRuntime", handlers)
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main(arguments: list[str]) -> int:
    """Serves until a signal, or until the engine, which holds the other end of standard input, is gone."""
    if not arguments or arguments[-1].startswith("-"):
        sys.stderr.write("usage: pulumi-language-python [options] ENGINE_ADDRESS\n")
        return 2
    children, signals = Children(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    signalled, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)  # a handler that raised could come just too early to interrupt the wait below
    for number in signals:
        signal.signal(number, lambda *_: None)
    server, port = serve(arguments[-1], children)
    sys.stdout.write(f"{port}\n")  # how every plugin tells the engine where it listens
    sys.stdout.flush()
    while True:
        ready, _, _ = select.select([sys.stdin, signalled], [], [])
        # The engine never writes; the end of the stream is its end.
        if signalled in ready or not os.read(0, 4096):
            break
    children.close()
    server.stop(grace=_SECONDS_TO_END).wait(2 * _SECONDS_TO_END)
    return 0


def _protocol(module: str) -> Any:
    """A generated module of the SDK's protocol, without the SDK around it."""
    package = "_pulumi_protocol"
    if package not in sys.modules:
        sdk = find_spec("pulumi")
        if sdk is None or not sdk.submodule_search_locations:
            raise SystemExit(f"The Pulumi SDK is not installed for {sys.executable}. Run `make setup`.")
        parent = types.ModuleType(package)
        parent.__path__ = [str(Path(folder, "runtime", "proto")) for folder in sdk.submodule_search_locations]
        sys.modules[package] = parent
    return import_module(f"{package}.{module}")


def _handler(kind: Callable[..., Any], request: Any, method: Callable[..., Any]) -> Any:
    return kind(
        method,
        request_deserializer=request.FromString,
        response_serializer=lambda message: message.SerializeToString(),
    )


def _answer(answer: Callable[[Message], Message], request: Message, _: object) -> Message:
    return answer(request)


def _output(child: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """What the child writes, as it comes, each piece with the name of its stream."""
    pieces: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

    def read(name: str, stream: IO[bytes]) -> None:
        while piece := os.read(stream.fileno(), 65536):
            pieces.put((name, piece))
        pieces.put((name, b""))

    streams = {"stdout": child.stdout, "stderr": child.stderr}
    for name, stream in streams.items():
        if stream is not None:
            threading.Thread(target=read, args=(name, stream), daemon=True).start()
    still_open = len(streams)
    while still_open:
        name, piece = pieces.get()
        if piece:
            yield name, piece
        else:
            still_open -= 1


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(status)  # not sys.exit: it would wait for threads that may wait for an engine that is gone
