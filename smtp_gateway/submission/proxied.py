"""Takes a PROXY header off a socket, and not a byte more, so that TLS may begin right behind it."""

import socket

from smtp_gateway.submission.peeking import peek
from smtp_gateway.submission.proxy_header import MAX_HEADER_BYTES, read_proxy_header


async def read_client_ip(accepted: socket.socket) -> str:
    """Of whom the proxy speaks for; empty: for itself. Raises BadProxyHeader, OSError."""
    header = bytearray()
    while True:
        arrived = await peek(accepted, MAX_HEADER_BYTES)
        if not arrived:
            raise ConnectionResetError("closed before a PROXY header")
        found = read_proxy_header(header + arrived)
        if found is not None:
            accepted.recv(found.size_bytes - len(header))
            return found.ip
        header += accepted.recv(len(arrived))
