"""A long mail without the bytes of its long attachments, which stay where they are. Pure.

The email package copies a mail several times over to take it apart. Of an attachment in base64
(RFC 2045 section 6.8) it needs none of that: a mark stands in its place until somebody wants it.
"""

import binascii
import re
from dataclasses import dataclass

_THIN_BYTES = 1024 * 1024
"""What is no longer is taken apart as it is."""
_RUN_BYTES = 256 * 1024
_FIELDS_BYTES = 4 * 1024
# Possessive: each line is looked at once, whatever stands behind it.
_RUN = re.compile(rb"^(?:[A-Za-z0-9+/=]{4,998}+\r?\n)++", re.MULTILINE)
_MARK = re.compile(rb"=left=out=(\d{1,9})=")


@dataclass(frozen=True, slots=True)
class Thinned:
    """What is left, and where the rest is."""

    content: bytes
    whole: bytes
    runs: tuple[tuple[int, int], ...] = ()
    """Beginning and end of each run in `whole`."""

    def run_in(self, payload: bytes) -> "Run | None":
        """The run that the encoded payload of a part stands for; None: it is all there."""
        mark = _MARK.search(payload[:100])
        if mark is None or int(mark[1]) >= len(self.runs):
            return None
        return Run(self.whole, *self.runs[int(mark[1])])


@dataclass(frozen=True, slots=True)
class Run:
    """A long piece of base64."""

    whole: bytes
    begin: int
    end: int

    @property
    def size_bytes(self) -> int:
        """Of what it decodes to."""
        lines = self.whole.count(b"\n", self.begin, self.end)
        ends = lines + self.whole.count(b"\r\n", self.begin, self.end)
        padding = self.whole.count(b"=", max(self.begin, self.end - 8), self.end)
        return (self.end - self.begin - ends) * 3 // 4 - padding

    def decoded(self) -> bytes:
        """What it stands for, as far as it can be read."""
        view = memoryview(self.whole)[self.begin : self.end]
        try:
            return binascii.a2b_base64(view)
        except binascii.Error:
            # Cut off in the middle of four letters.
            kept = bytes(view).replace(b"\r", b"").replace(b"\n", b"")
            return binascii.a2b_base64(kept[: len(kept) // 4 * 4])


def thin(content: bytes) -> Thinned:
    """`content` with a mark for each long run."""
    if len(content) <= _THIN_BYTES:
        return Thinned(content, content)
    pieces: list[bytes] = []
    runs: list[tuple[int, int]] = []
    at = 0
    for found in _RUN.finditer(content):
        if found.end() - found.start() >= _RUN_BYTES and _is_body(content, found.start()):
            pieces += [content[at : found.start()], b"=left=out=%d=\r\n" % len(runs)]
            runs.append(found.span())
            at = found.end()
    pieces.append(content[at:])
    return Thinned(b"".join(pieces), content, tuple(runs))


def _is_body(content: bytes, begin: int) -> bool:
    """Whether a part begins there whose fields say base64."""
    fields = content[max(0, begin - _FIELDS_BYTES) : begin].replace(b"\r\n", b"\n")
    fields = fields.rpartition(b"\n\n--")[2] if b"\n\n--" in fields else fields
    return fields.endswith(b"\n\n") and b"base64" in fields.lower()
