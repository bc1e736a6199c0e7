"""Servers that answer as they are told, or not at all, on loopback."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def answering(answer: bytes, *, after_request: bool = True) -> Iterator[int]:
    """A port where each connection gets `answer`, once it has asked or at once."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if after_request:
                self.request.recv(4096)
            self.request.sendall(answer)
            if not after_request:
                self.request.recv(4096)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def http(body: str, *, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return f"{head}{body}".encode()
