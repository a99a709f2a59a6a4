"""A real HTTP server on the loopback that gives one file, with the faults that downloads meet."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    """What the server has, and how it misbehaves; ``requests`` keeps the Range header of each request."""

    content: bytes
    etag: str = '"v1"'
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)  # given to the next requests, 200 afterwards
    cut_after: list[int] = field(default_factory=list)  # the next answers end after so many bytes
    change_after_cut: bytes | None = None  # the file is another one from then on
    lie_length: int | None = None  # a Content-Length of its own
    hang: bool = False  # a cut answer is not ended: nothing more comes
    over: threading.Event = field(default_factory=threading.Event)
    wrong_part: bool = False  # answers ranges with another part than asked for
    location: str = ""  # redirects everything there
    requests: list[str | None] = field(default_factory=list)
    url: str = ""

    @property
    def list_url(self) -> str:
        return self.url.rsplit("/", 1)[0] + "/model-list.json"


@contextmanager
def serving(served: Served, name: str = "model.zip", listing: bytes = b"[]") -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            if self.path.endswith("model-list.json"):
                self._answer(200, listing, len(listing), {})
            else:
                served.requests.append(self.headers.get("Range"))
                self._give()

        def _give(self) -> None:
            if served.location:
                self._answer(302, b"", 0, {"Location": served.location})
                return
            if served.statuses:
                self._answer(served.statuses.pop(0), b"no", 2, {})
                return
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
            same = self.headers.get("If-Range") == served.etag
            content, headers = served.content, {"ETag": served.etag} if served.etag else {}
            if not (asked and same and served.ranges):
                self._answer(200, content, len(content), headers)
                return
            start = int(asked[1]) + (5 if served.wrong_part else 0)
            if start >= len(content):
                self._answer(416, b"", 0, {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._answer(206, content[start:], len(content) - start, headers)

        def _answer(self, status: int, body: bytes, length: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(served.lie_length or length))
            if served.cut_after and status in (200, 206):
                body = body[: served.cut_after.pop(0)]
                self.close_connection = True
                if served.change_after_cut is not None:
                    served.content, served.etag = served.change_after_cut, '"v2"'
                    served.change_after_cut = None
            self.end_headers()
            with suppress(ConnectionError):  # the client may have seen enough
                self.wfile.write(body)
                if self.close_connection and served.hang:
                    served.hang = False
                    served.over.wait()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        served.url = f"http://127.0.0.1:{server.server_port}/{name}"
        yield served
    finally:
        served.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
