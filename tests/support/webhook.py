"""A webhook's other side: a real HTTP server on a free port of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def receiving(take: Callable[[Mapping[str, str], bytes], int]) -> Iterator[str]:
    """The address of a server that gives headers and body of each POST to `take`, and answers with the status it returns."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = take(dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        server.server_close()
