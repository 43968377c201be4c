"""A proxy between workers and the services, which loses, delays and repeats requests."""

import contextlib
import http.client
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_SECONDS = 2.5
"""Longer than the function's clients wait for an answer (functions/payment_processor/clients.py)."""
LATE_SECONDS = 0.5
FAULTS = ("answer lost", "hang", "late effect", "repeated request", "refused")


class FaultProxy(ThreadingHTTPServer):
    """Forwards to one port of 127.0.0.1. Use as a context manager."""

    daemon_threads = True

    def __init__(self, port: int, *, share: float, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.share = port, share
        self.random, self.lock = random.Random(seed), threading.Lock()  # noqa: S311 # repeatable, not secret
        self.injected: Counter[str] = Counter()
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Killed workers leave broken connections behind."""

    def fault(self) -> str | None:
        """Choose what happens to a request."""
        with self.lock:
            if self.random.random() >= self.share:
                return None
            fault = self.random.choice(FAULTS)
            self.injected[fault] += 1
            return fault

    def forward(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on, and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def do_POST(self) -> None:  # http.server's name
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = (self.path, dict(self.headers), body)
        match self.server.fault():
            case "answer lost":
                self.server.forward(*request)
                self.close_connection = True
                return
            case "hang":
                time.sleep(HANG_SECONDS)
                self.close_connection = True
                return
            case "late effect":
                threading.Timer(LATE_SECONDS, self._forward_late, request).start()
                self.close_connection = True
                return
            case "refused":
                self.close_connection = True
                return
            case "repeated request":
                self.server.forward(*request)
        status, headers, content = self.server.forward(*request)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _forward_late(self, *request: Any) -> None:
        with contextlib.suppress(OSError):  # the parts may be gone already
            self.server.forward(*request)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
