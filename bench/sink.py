"""The sink of ../shared/bench: started, asked, and kept waiting."""

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.server import BenchServer


@contextlib.contextmanager
def running_sink(tools: Path, port: int) -> Iterator[None]:
    """A next hop that takes everything."""
    command = [str(tools / "smtpsink"), "--port", str(port)]
    sink = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        sink.terminate()
        sink.wait()


def delivered(port: int) -> int:
    """Mails it took since its start."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        replies = connection.makefile("rb")
        replies.readline()
        connection.sendall(b"XSTATS\r\nQUIT\r\n")
        messages: int = json.loads(replies.readline()[4:])["messages"]
        return messages


@contextlib.contextmanager
def halted_relay(server: BenchServer) -> Iterator[None]:
    """The relay stands still meanwhile."""
    (relay,) = server.processes("relay")
    relay.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        relay.send_signal(signal.SIGCONT)
