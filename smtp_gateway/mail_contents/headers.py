"""The header fields of a mail, for people and as they came (RFC 5322 section 2.2). Pure.

Headers come from anybody and may be broken in any way; the work grows with their length alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtp_gateway.mail_text import header_text

_MOST_FIELDS = 500


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field."""

    name: str
    value: str
    """Unfolded and decoded."""
    raw: str
    """As it came, with its line breaks."""

    @property
    def is_changed(self) -> bool:
        """Whether the raw field says something else than name and value do."""
        return self.raw != f"{self.name}: {self.value}"


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields in their order."""

    fields: Sequence[HeaderField] = ()
    left_out: int = 0
    """Fields behind the last one that is told."""

    def first(self, name: str) -> str:
        """The first of that name; empty: there is none."""
        wanted = name.lower()
        return next((field.value for field in self.fields if field.name.lower() == wanted), "")


def read_headers(head: bytes) -> Headers:
    """The headers at the beginning of `head`, which may end anywhere behind them."""
    block, _, _ = head.partition(b"\r\n\r\n")
    raw = list(_unfolded(block.split(b"\r\n")))
    return Headers([_field(each) for each in raw[:_MOST_FIELDS]], max(0, len(raw) - _MOST_FIELDS))


def _unfolded(lines: Iterable[bytes]) -> Iterable[bytes]:
    """Each field with the lines that go on with it."""
    field: list[bytes] = []
    for line in lines:
        if field and line[:1] not in (b" ", b"\t"):
            yield b"\r\n".join(field)
            field = []
        if line or field:
            field.append(line)
    if field:
        yield b"\r\n".join(field)


def _field(raw: bytes) -> HeaderField:
    name, colon, value = raw.partition(b":")
    shown = raw.decode("utf-8", "replace").replace("\0", "\ufffd").replace("\r\n", "\n")
    if not colon:
        return HeaderField("", header_text(shown), shown)
    text = header_text(value.decode("utf-8", "surrogateescape")).replace("\0", "\ufffd")
    return HeaderField(name.decode("utf-8", "replace").strip(), text, shown)
