"""Serve the provider to the engine: `python -m sandbox.provider [ENGINE_ADDRESS]` prints its port."""

import os
import signal
import sys
import threading
import types
from importlib.machinery import PathFinder

SECONDS_TO_FINISH = 5
"""For calls that are under way when the process is asked to end."""


def _bare_sdk() -> None:
    """Make `pulumi`'s generated messages importable without importing the SDK around them.

    The package's own `__init__` loads the whole SDK, 0.4 s of processor time that each of the nine stacks
    would spend on every operation; the messages need nothing of it.
    """
    spec = PathFinder.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        return
    folder = next(iter(spec.submodule_search_locations))
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        module = types.ModuleType(name)
        module.__path__ = [os.path.join(os.path.dirname(folder), *name.split("."))]  # noqa: PTH118, PTH120 - fast
        sys.modules[name] = module


def _watch(stop: threading.Event) -> None:
    """Stop when the engine, which holds the other end of standard input, is gone, if killed."""
    while os.read(0, 4096):
        pass
    stop.set()


def main(arguments: list[str]) -> int:
    """Serve until told to stop, or until the engine is gone."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _bare_sdk()
    # Imported only now: everything below needs the bare SDK in its place.
    from concurrent.futures import ThreadPoolExecutor

    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from sandbox.provider.server import Provider

    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=options)
    engine = next((each for each in arguments if not each.startswith("-")), "")
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    stop.wait()
    server.stop(grace=SECONDS_TO_FINISH).wait()
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(status)  # not sys.exit, which takes every module apart while the engine waits
