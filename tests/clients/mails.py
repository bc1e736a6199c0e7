"""Mails that have tripped gateways, as their authors wrote them: CR LF ends, no dots doubled."""

from dataclasses import dataclass
from uuid import uuid4

SENDER = "matrix@shop.example"

_BODIES = {
    "plain": b"Hello Ann,\r\n\r\nyour order is on its way.\r\n",
    "8-bit": "Grüße aus Köln, 東京 and \U0001f4ec\r\n".encode()
    + bytes(range(0xA0, 0x100))
    + b"\r\n",
    "large": b"0123456789abcdef" * 4 + b"\r\n",
    "dots": b".\r\n..\r\n...\r\n.a dot first\r\n\r\n.\r\nQUIT\r\n.\r\n",
    "long line": b"x" * 70_000 + b"\r\n. \t" + b"y" * 2_000 + b" \t\r\n",
}
KINDS = tuple(_BODIES)
_LARGE_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Mail:
    """One mail; `message_id` finds it in the queue."""

    kind: str
    message_id: str
    content: bytes


def make_mail(kind: str = "plain") -> Mail:
    """A new mail of one of the KINDS, with every header that the gateway would add."""
    body = _BODIES[kind]
    if kind == "large":
        body *= _LARGE_BYTES // len(body) + 1
    message_id = f"<{uuid4().hex}@shop.example>"
    header = (
        f"From: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <{SENDER}>\r\n"
        "To: ann@home.example\r\n"
        "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: {message_id}\r\n"
        "Subject: Your order\r\n"
        "X-Folded: one\r\n\ttwo \r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
    )
    return Mail(kind, message_id, header.encode() + b"\r\n" + body)
