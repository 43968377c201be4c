"""SNS for the function: takes PublishBatch, and keeps what subscribers would get."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Topic(ThreadingHTTPServer):
    """One topic. Use as a context manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> "Topic":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Killed workers leave broken connections behind."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Topic

    def do_POST(self) -> None:  # http.server's name
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        names = []
        for number in range(1, 11):
            prefix = f"PublishBatchRequestEntries.member.{number}"
            if f"{prefix}.Id" in form:
                names.append(form[f"{prefix}.Id"][0])
                self.server.messages.append(json.loads(form[f"{prefix}.Message"][0]))
        sent = "".join(f"<member><Id>{name}</Id><MessageId>m</MessageId></member>" for name in names)
        result = f"<PublishBatchResult><Successful>{sent}</Successful><Failed/></PublishBatchResult>"
        content = f"<PublishBatchResponse>{result}</PublishBatchResponse>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
