"""A line between a browser and the console over which pages come in pieces, and scripts last."""

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_PIECES = 8
# Two frames at 60 a second: a browser that draws what it has does so between two pieces.
_PAUSE_SECONDS = 0.034
_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding"}
_OWN = {"date", "server"}


class _Line(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, web: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.web = web


class _Passing(BaseHTTPRequestHandler):
    """Pages are asked for anew each time, so GET is all there is."""

    server: _Line

    def do_GET(self) -> None:
        answer, body = self._ask()
        kind = answer.getheader("Content-Type", "")
        if "javascript" in kind:
            time.sleep(_PIECES * _PAUSE_SECONDS)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP | _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        size = len(body) if "text/html" not in kind else len(body) // _PIECES + 1
        for start in range(0, len(body), size or 1):
            self.wfile.write(body[start : start + size])
            time.sleep(0 if start + size >= len(body) else _PAUSE_SECONDS)

    def _ask(self) -> tuple[http.client.HTTPResponse, bytes]:
        web = http.client.HTTPConnection(self.server.web, timeout=30)
        wanted = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
        web.request("GET", self.path, headers={**wanted, "Connection": "close"})
        answer = web.getresponse()
        return answer, answer.read()

    def log_request(self, *_: object) -> None:
        """Nothing: the console's own log has it."""


@contextmanager
def slow_line(web_url: str) -> Iterator[str]:
    """The address at which what is at `web_url` comes slowly."""
    line = _Line(urlsplit(web_url).netloc)
    thread = Thread(target=line.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{line.server_port}"
    line.shutdown()
    line.server_close()
    thread.join()
