"""Reads one answer of a web server, within bounds (RFC 9112)."""

import asyncio
import http.client
import io
import re
from dataclasses import dataclass
from email.message import Message

_MAX_CHUNK_LINE = 64
_LENGTH = re.compile(r"[0-9]{1,15}")


class BadAnswer(Exception):
    """What the web server sent cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, media type (empty: none was given) and body."""

    status: int
    media_type: str
    body: bytes


async def read_answer(reader: asyncio.StreamReader, *, max_bytes: int) -> HttpAnswer:
    """The answer to a GET that asked for the connection to be closed.

    `reader`'s own limit bounds the header. Raises BadAnswer, OSError and IncompleteReadError.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise BadAnswer("its header is too long") from None
    line, _, fields = head.partition(b"\r\n")
    status = _status(line)
    try:
        headers = http.client.parse_headers(io.BytesIO(fields))
    except http.client.HTTPException:
        raise BadAnswer("its header cannot be read") from None
    media_type = headers.get_content_type() if "Content-Type" in headers else ""
    return HttpAnswer(status, media_type, await _body(reader, headers, max_bytes))


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or not code.isdigit() or len(code) != 3:
        raise BadAnswer("it speaks no HTTP")
    return int(code)


async def _body(reader: asyncio.StreamReader, headers: Message, max_bytes: int) -> bytes:
    coding = str(headers.get("Transfer-Encoding", "")).strip().lower()
    if coding == "chunked":
        return await _chunks(reader, max_bytes)
    if coding or "Content-Encoding" in headers:
        raise BadAnswer("its answer is in a coding that was not asked for")
    length = str(headers.get("Content-Length", "")).strip()
    if not length:
        body = await _up_to(reader, max_bytes + 1)
        return _bounded(body, len(body), max_bytes)
    if not _LENGTH.fullmatch(length):
        raise BadAnswer("its header cannot be read")
    _bounded(b"", int(length), max_bytes)
    return await reader.readexactly(int(length))


async def _up_to(reader: asyncio.StreamReader, most: int) -> bytes:
    body = b""
    while len(body) < most and (more := await reader.read(most - len(body))):
        body += more
    return body


async def _chunks(reader: asyncio.StreamReader, max_bytes: int) -> bytes:
    body = b""
    while size := await _chunk_size(reader):
        _bounded(b"", len(body) + size, max_bytes)
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise BadAnswer("its chunks cannot be read")
    return body


async def _chunk_size(reader: asyncio.StreamReader) -> int:
    try:
        line = await reader.readuntil(b"\r\n")
        if len(line) <= _MAX_CHUNK_LINE:
            return abs(int(line.partition(b";")[0].strip(), 16))
    except (ValueError, asyncio.LimitOverrunError):
        pass
    raise BadAnswer("its chunks cannot be read")


def _bounded(body: bytes, size: int, max_bytes: int) -> bytes:
    if size > max_bytes:
        raise BadAnswer(f"it is larger than {max_bytes // 1024} KiB")
    return body
