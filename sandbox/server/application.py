"""What the server answers: moto's services, one request at a time, and the sandbox's own few paths.

moto is not made for threads: two conditional writes of one item may both succeed. Answering one request at a
time costs nothing, since Python would not answer two at once anyway, and makes each request atomic, as AWS's
are.

    /sandbox/code/ACCOUNT/REGION/NAME   a function's zip
    /sandbox/alive                      GET: the id of its process
    /sandbox/touched                    GET: service, account and region of everything that was ever asked for
    /sandbox/waiting                    GET: account and region of functions whose queue has messages
    /sandbox/copy                       POST: a second server that begins with everything this one holds
    /sandbox/stop                       POST: ends this server
"""

import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.provider import moto_gaps
from sandbox.server import adjustments, state_key

LOOPBACK = "127.0.0.1"
PRELOADED = ("sts", "iam", "ec2", "kms", "logs", "dynamodb", "sqs", "sns", "awslambda", "cloudwatch")
"""Services of every deployment: loaded at once, rather than while the first stacks wait for them."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class QuietHandler(MotoRequestHandler):
    """Does not write a line a request."""

    def log(self, *_: Any) -> None:
        """Nothing."""


class Application:
    """The WSGI application, and the server around it."""

    def __init__(self, port: int) -> None:
        """Bind to `port` of loopback, or to a free one (0). Raises OSError where it is taken."""
        self._lock = threading.Lock()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = self._bind(port)
        moto_gaps.fill()
        adjustments.adjust(self._unlocked, lambda: self.address)
        state_key.make()

    @property
    def address(self) -> str:
        """Where it serves: `http://HOST:PORT`."""
        return f"http://{LOOPBACK}:{self._server.socket.getsockname()[1]}"

    def serve(self) -> None:
        """Answer requests until the process ends."""
        threading.Thread(target=self._preload, daemon=True).start()
        self._server.serve_forever()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(adjustments.CODE_PATH):
            return self._code(path.removeprefix(adjustments.CODE_PATH), start_response)
        action = (environ.get("REQUEST_METHOD"), path)
        if action == ("GET", "/sandbox/alive"):
            return _answer(start_response, {"process": os.getpid()})
        if action == ("GET", "/sandbox/touched"):
            with self._lock:
                return _answer(start_response, adjustments.touched())
        if action == ("GET", "/sandbox/waiting"):
            with self._lock:
                return _answer(start_response, adjustments.waiting())
        if action == ("POST", "/sandbox/copy"):
            return self._copy(start_response)
        if action == ("POST", "/sandbox/stop"):
            threading.Timer(0.05, os._exit, (0,)).start()  # once the answer is out; moto has nothing to save
            return _answer(start_response, {"stopping": True})
        _name_queues_as_aws_does(environ)
        with self._lock:
            return list(self._moto(environ, start_response))

    def _code(self, place: str, start_response: StartResponse) -> Iterable[bytes]:
        try:
            account, region, name = place.split("/")
            with self._lock:
                content = adjustments.code_of(account, region, name)
        except (ValueError, LookupError) as error:
            return _answer(start_response, {"message": str(error)}, "404 Not Found")
        start_response("200 OK", [("Content-Type", "application/zip"), ("Content-Length", str(len(content)))])
        return [content]

    def _copy(self, start_response: StartResponse) -> Iterable[bytes]:
        """Fork: the child has all of moto's memory, and serves it on a port of its own.

        Under the lock no other thread is inside moto, so nothing is copied half done.
        """
        readable, writable = os.pipe()
        with self._lock:
            child = os.fork()
        if child == 0:
            os.close(readable)
            self._become_a_copy(writable)
        os.close(writable)
        with os.fdopen(readable, "rb") as pipe:
            address = pipe.read().decode()
        return _answer(start_response, {"address": address, "process": child})

    def _become_a_copy(self, announce: int) -> None:
        try:
            self._lock = (
                threading.Lock()
            )  # the one that was copied is held, by a thread that does not exist here
            inherited = self._server
            self._server = self._bind(0)
            inherited.socket.close()
            threading.Thread(target=end_with_input, daemon=True).start()
            os.write(announce, self.address.encode())
            os.close(announce)
            self._server.serve_forever()
        finally:
            os._exit(1)  # never back into the request that is the other process's to answer

    def _bind(self, port: int) -> BaseWSGIServer:
        # A socket of our own, because werkzeug prints and exits where the port is taken.
        with socket.create_server((LOOPBACK, port)) as bound:
            return make_server(
                LOOPBACK, port, self, threaded=True, request_handler=QuietHandler, fd=bound.fileno()
            )

    def _preload(self) -> None:
        for service in PRELOADED:
            with self._lock, self._moto.lock:
                if service not in self._moto.app_instances:
                    self._moto.app_instances[service] = create_backend_app(cast("Any", service))

    @contextmanager
    def _unlocked(self) -> Iterator[None]:
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()


def end_with_input() -> None:
    """End this process as soon as its standard input does: whoever started it is gone."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def quiet() -> None:
    """Keep werkzeug from talking, and let the system collect copies that have ended."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def _name_queues_as_aws_does(environ: Environ) -> None:
    """Let a queue's URL be AWS's own, rather than one with the port of the server that happened to run.

    The URL is a queue's identity in the state of its stack. moto makes it from the Host header.
    """
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0].split("/")
    match scope:
        case [_, _, region, "sqs", _]:
            environ["HTTP_HOST"] = f"sqs.{region}.amazonaws.com"
            environ["wsgi.url_scheme"] = "https"


def _answer(start_response: StartResponse, content: Any, status: str = "200 OK") -> list[bytes]:
    body = json.dumps(content).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
