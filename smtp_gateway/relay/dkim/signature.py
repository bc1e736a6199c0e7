"""The DKIM-Signature fields of a mail (RFC 6376 section 3.5), one for each key."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.relay.dkim.canonical import body_hash, relaxed_value
from smtp_gateway.relay.dkim.fields import select, split
from smtp_gateway.relay.dkim.keys import PrivateKey

_NAME = b"DKIM-Signature"
# Columns of a line, its leading tab counted as one; RFC 5322 section 2.1.1 asks for 78 at most.
_LINE_LENGTH = 74
_FOLD = b"\r\n\t"


@dataclass(frozen=True, slots=True)
class Hashed:
    """A mail with the part of the work that is the same whatever is put in front of it."""

    header: bytes
    body_hash: bytes


def hashed(content: bytes) -> Hashed:
    """Of the mail as it will be transferred, without dot stuffing."""
    header, body = split(content)
    return Hashed(header, body_hash(body))


def signature_fields(
    content: bytes, *, domain: str, keys: Sequence[PrivateKey], signed_at: int
) -> bytes:
    """What to put in front of `content`, the mail as it will be transferred, without dot stuffing.

    `domain` is in A-labels, `signed_at` in seconds since 1970. No signature covers another one, so
    each stands for itself. There is no `l=`: what somebody appended would look signed.
    """
    if not keys:
        return b""
    return fields_over(hashed(content), domain=domain, keys=keys, signed_at=signed_at)


def fields_over(
    mail: Hashed, *, domain: str, keys: Sequence[PrivateKey], signed_at: int, front: bytes = b""
) -> bytes:
    """The same of a mail with these whole header fields in front of it."""
    names, canonical = select(front + mail.header)
    tail = [*_list_words(b"h=", names), b"bh=%s; " % b64encode(mail.body_hash)]
    signer = domain.encode("ascii")
    return b"".join(_field(key, signer, signed_at, tail, canonical) for key in keys)


def _field(
    key: PrivateKey, domain: bytes, signed_at: int, tail: Sequence[bytes], canonical: bytes
) -> bytes:
    words = [
        b"v=1; ", b"a=%s; " % key.algorithm.encode(), b"c=relaxed/relaxed; ", b"d=%s; " % domain,
        b"s=%s; " % key.selector.encode(), b"t=%d; " % signed_at, *tail,
    ]  # fmt: skip
    unsigned = b"%s%sb=" % (_folded(words, at=len(_NAME) + 2), _FOLD)
    # Section 3.7: the field itself comes last, its b= empty and without its CR LF.
    signed = b"%sdkim-signature:%s" % (canonical, relaxed_value(unsigned))
    return b"%s: %s%s\r\n" % (_NAME, unsigned, _cut(b64encode(key.sign(signed))))


def _list_words(tag: bytes, names: Sequence[bytes]) -> list[bytes]:
    """`tag` and a list, cut where a line may be folded: behind the colons."""
    words = [b"%s:" % name for name in names[:-1]]
    words.append(b"%s; " % names[-1])
    words[0] = tag + words[0]
    return words


def _folded(words: Sequence[bytes], *, at: int) -> bytes:
    """The words on lines; the first line has `at` columns already. No line ends with a space."""
    lines, line = [], b""
    for word in words:
        if line and at + len(line) + len(word.rstrip()) > _LINE_LENGTH:
            lines.append(line.rstrip())
            line, at = b"", 1
        line += word
    return _FOLD.join([*lines, line.rstrip()])


def _cut(signature: bytes) -> bytes:
    """Base64 on lines of equal length; the first one begins with a tab and `b=`."""
    step = _LINE_LENGTH - len(b"\tb=")
    return _FOLD.join(signature[at : at + step] for at in range(0, len(signature), step))
