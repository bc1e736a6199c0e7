"""What mail of a trigger address looks like. Pure.

One-time codes and receipts differ in their bodies, whatever their subjects; a mailing does not.
What differs between copies of one mailing by itself (boundaries of MIME) is not compared.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Fewer are a circle of colleagues.
LEAST_RECIPIENTS = 50
# Of all in the sample, in percent.
LEAST_PERCENT = 50
# Opt-outs and complaints of 30 days: so many, and so many of a thousand recipients.
LEAST_UNWANTED, LEAST_UNWANTED_PER_MILLE = 5, 5

_BOUNDARY_LINE = re.compile(rb"^--[^\r\n]*\r?$|^[^\r\n]*boundary=[^\r\n]*\r?$", re.MULTILINE)
_BULK_FIELD = re.compile(
    rb"^(?:list-unsubscribe|list-id|list-post):|^precedence:[ \t]*(?:bulk|list)\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Sampled:
    """One accepted mail: its first bytes, and to how many it went."""

    subject: str
    content: bytes
    recipients: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What mail of an address was seen to be; each number is one of recipients."""

    sampled: int = 0
    same_content: int = 0
    """How many of them got the content that most got."""
    subject: str = ""
    """Of that content."""
    with_list_fields: int = 0
    unwanted: int = 0
    """Opt-outs and complaints."""
    unwanted_of: int = 0

    @property
    def is_same_content(self) -> bool:
        return _is_much(self.same_content, self.sampled)

    @property
    def has_list_fields(self) -> bool:
        return _is_much(self.with_list_fields, self.sampled)

    @property
    def is_unwanted(self) -> bool:
        enough = self.unwanted * 1000 >= self.unwanted_of * LEAST_UNWANTED_PER_MILLE
        return self.unwanted >= LEAST_UNWANTED and enough

    @property
    def looks_like_bulk(self) -> bool:
        return self.is_same_content or self.has_list_fields or self.is_unwanted


def weigh(sample: Sequence[Sampled], *, unwanted: int, unwanted_of: int) -> Evidence:
    """What a sample of accepted mail and 30 days of opt-outs and complaints come to."""
    by_content: Counter[bytes] = Counter()
    subjects: dict[bytes, str] = {}
    with_list_fields = 0
    for mail in sample:
        header, body = _cut(mail.content)
        print_ = hashlib.blake2b(_BOUNDARY_LINE.sub(b"", body), digest_size=16).digest()
        by_content[print_] += mail.recipients
        subjects[print_] = mail.subject
        with_list_fields += mail.recipients if _BULK_FIELD.search(header) else 0
    most, same_content = max(by_content.items(), key=lambda item: item[1], default=(b"", 0))
    return Evidence(
        sampled=sum(mail.recipients for mail in sample),
        same_content=same_content,
        subject=subjects.get(most, ""),
        with_list_fields=with_list_fields,
        unwanted=unwanted,
        unwanted_of=unwanted_of,
    )


def _cut(content: bytes) -> tuple[bytes, bytes]:
    header, _, body = content.partition(b"\r\n\r\n")
    return header, body


def _is_much(part: int, whole: int) -> bool:
    return part >= LEAST_RECIPIENTS and part * 100 >= whole * LEAST_PERCENT
