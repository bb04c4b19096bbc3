"""A door before a real Elasticsearch that can be made to misbehave: busy, half busy, too narrow, slow, or shut."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HEADERS = {"Content-Type": "application/vnd.elasticsearch+json;compatible-with=8", "X-Elastic-Product": "Elasticsearch"}


class Proxy:
    """What the next requests meet; everything else reaches the server. `bulks` are the documents and bytes of each bulk."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.bulks: list[tuple[int, int]] = []
        self.busy_bulks = 0
        """Whole bulks answered with 429."""
        self.busy_documents: dict[str, int] = {}
        """Document id to how many times it is answered with 429, while the others of its bulk are written."""
        self.most_bytes: int | None = None
        """Longer bodies are answered with 413."""
        self.answer: tuple[int, dict[str, Any]] | None = None
        """Given to whatever is asked."""
        self.delay = 0.0
        self.asked: list[str] = []
        self.address = ""
        self.lock = threading.Lock()

    def bulk(self, body: bytes) -> tuple[int, bytes]:
        lines = body.splitlines()
        self.bulks.append((len(lines) // 2, len(body)))
        if self.most_bytes is not None and len(body) > self.most_bytes:
            return _problem(413, "too_long", "the body is too long")
        if self.busy_bulks:
            self.busy_bulks -= 1
            return 429, json.dumps(
                {"error": {"type": "es_rejected_execution_exception", "reason": "busy"}, "status": 429}
            ).encode()
        kept: list[bytes] = []
        held_back: list[int] = []
        for number, (action, source) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
            name = json.loads(action)["index"]["_id"]
            if self.busy_documents.get(name, 0):
                self.busy_documents[name] -= 1
                held_back.append(number)
            else:
                kept += [action, source]
        items: list[Any] = []
        if kept:
            _, written = self.forward(
                "POST", "/_bulk", b"\n".join(kept) + b"\n", HEADERS["Content-Type"].replace("json", "x-ndjson")
            )
            items = json.loads(written)["items"]
        for number in held_back:
            error = {"type": "es_rejected_execution_exception", "reason": "the queue is full"}
            items.insert(number, {"index": {"_id": "?", "status": 429, "error": error}})
        return 200, json.dumps({"errors": True, "items": items}).encode()

    def forward(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, bytes]:
        connection = HTTPConnection(str(self.target.hostname), self.target.port, timeout=60)
        try:
            told = {"Accept": HEADERS["Content-Type"]} | ({"Content-Type": kind} if kind else {})
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _problem(status: int, kind: str, reason: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"type": kind, "reason": reason}, "status": status}).encode()


@contextmanager
def proxy_before(target: str, certificate: Path | None = None) -> Iterator[Proxy]:
    """With a certificate and its key in one file it speaks TLS."""
    proxy = Proxy(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(proxy.delay)
            path = self.path.partition("?")[0]
            with proxy.lock:
                proxy.asked.append(f"{self.command} {path}")
            if proxy.answer is not None:
                status, told = proxy.answer
                found = json.dumps(told).encode()
            elif path == "/_bulk":
                status, found = proxy.bulk(body)
            else:
                status, found = proxy.forward(self.command, self.path, body or None, self.headers.get("Content-Type") or "")
            self.send_response(status)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one  # noqa: N815  # the names that the library calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    proxy.address = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
