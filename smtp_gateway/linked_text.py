"""Plain text of a mail as HTML in which web addresses are links."""

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_URL = re.compile(r"""https?://[^\s<>"'\x00-\x1f]+""", re.IGNORECASE)
_TRAILING = ".,;:!?*_"


def linked(text: str) -> SafeString:
    """Everything escaped; links open beside the console and tell their target nothing about it."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for match in _URL.finditer(text):
        url = _without_sentence_end(match[0])
        yield text[end : match.start()]
        yield format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', url, url)
        end = match.start() + len(url)
    yield text[end:]


def _without_sentence_end(url: str) -> str:
    """`url` without the punctuation of the sentence around it."""
    url = url.rstrip(_TRAILING)
    if url.endswith(")") and url.count("(") < url.count(")"):
        return url[:-1].rstrip(_TRAILING)
    return url
