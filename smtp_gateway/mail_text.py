"""Text out of a mail's bytes: in any charset, and from header fields with encoded words (RFC 2047).

Pure. Whatever comes in, the work grows with its length alone, and what comes out can be encoded.
"""

import codecs
import re
from email.errors import MessageError
from email.header import decode_header

# Codecs of Python that are no charsets of mail: they make lone surrogates, or take quadratic time.
_NO_CHARSETS = {"utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"}
# Without ? inside, no two words can be tried over the same characters again and again. The number
# of words in a row is bounded because decode_header copies all of them for each.
_ENCODED_WORD = r"=\?[!->@-~]{1,60}\?[bq]\?[ ->@-~]{0,4000}\?="
_ENCODED_WORDS = re.compile(f"{_ENCODED_WORD}(?: ?{_ENCODED_WORD}){{0,99}}", re.IGNORECASE)


def to_text(content: bytes, charset: str) -> str:
    """`content` decoded, as UTF-8 where `charset` is unknown; what is no text becomes U+FFFD."""
    try:
        codec = codecs.lookup(charset).name
        text = content.decode("utf-8" if codec in _NO_CHARSETS else codec, "replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    return _encodable(text)


def header_text(value: str) -> str:
    """A header's value for people, unfolded; bytes that it came with are read as UTF-8."""
    text = " ".join((value if value.isascii() else _without_surrogates(value)).split())
    return _ENCODED_WORDS.sub(_decoded, text) if "=?" in text else text


def _without_surrogates(value: str) -> str:
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return _encodable(value)


def _decoded(words: re.Match[str]) -> str:
    try:
        parts = decode_header(words[0])
    except (MessageError, ValueError):
        return words[0]
    return "".join(
        part if isinstance(part, str) else to_text(part, charset or "utf-8")
        for part, charset in parts
    )


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
