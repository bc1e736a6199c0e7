"""What the sink of ../shared/bench has taken."""

import json
import socket


def delivered(port: int) -> int:
    """Mails it took since its start."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        replies = connection.makefile("rb")
        replies.readline()
        connection.sendall(b"XSTATS\r\nQUIT\r\n")
        messages: int = json.loads(replies.readline()[4:])["messages"]
        return messages
