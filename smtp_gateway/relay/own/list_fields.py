"""The fields by which recipients leave a list (RFC 2369, 8058), read and written. Pure.

Like the signer it looks at the header alone, by patterns that take linear time.
"""

import re

from smtp_gateway.relay.dkim.fields import split

# RFC 5322 section 2.1.1, without CR LF.
_LONGEST_LINE = 998
_FIELD = rb"(?:.*(?:\r\n[ \t].*)*)\r\n"
_LIST_FIELDS = re.compile(
    rb"^list-unsubscribe(?:-post)?[ \t]*:" + _FIELD, re.MULTILINE | re.IGNORECASE
)
_UNSUBSCRIBE = re.compile(rb"^list-unsubscribe[ \t]*:(" + _FIELD + rb")", re.MULTILINE | re.I)
_POST = re.compile(rb"^list-unsubscribe-post[ \t]*:(" + _FIELD + rb")", re.MULTILINE | re.I)
_PRECEDENCE = re.compile(rb"^precedence[ \t]*:", re.MULTILINE | re.IGNORECASE)
# No bracket within one: else each that never closes is followed to the end of the header.
_HTTPS = re.compile(rb"<[ \t\r\n]*https://[^<>]+>", re.IGNORECASE)
_ONE_CLICK = b"List-Unsubscribe=One-Click"
_MARKS = b"list-unsubscribe"


def has_one_click(content: bytes) -> bool:
    """Whether the mail brings exactly one complete pair (RFC 8058 section 3.1) of its own."""
    header, _ = split(content)
    if _MARKS not in header.lower():
        return False
    uris, posts = _UNSUBSCRIBE.findall(header), _POST.findall(header)
    return (
        len(uris) == 1
        and len(posts) == 1
        and _HTTPS.search(uris[0]) is not None
        and posts[0].strip() == _ONE_CLICK
    )


def without_list_fields(content: bytes) -> bytes:
    """The mail without List-Unsubscribe and List-Unsubscribe-Post; the same where it has none.

    There must be one of each at most (RFC 2369 section 2).
    """
    header, body = split(content)
    if _MARKS not in header.lower():
        return content
    kept = _LIST_FIELDS.sub(b"", header)
    if kept == header:
        return content
    # `split` leaves out the empty line, and a mail of nothing but a header has none.
    return b"%s\r\n%s" % (kept, body) if content != header else kept


def has_precedence(content: bytes) -> bool:
    """Whether the mail says itself how it is to be treated by responders."""
    return _PRECEDENCE.search(split(content)[0]) is not None


def list_fields(link: str, mailbox_link: str = "") -> bytes:
    """The fields for one recipient. `mailbox_link`: a mailto URI; empty: there is none.

    List-Unsubscribe-Post promises one click, which counts with https alone (RFC 8058 section 3.1),
    so an http link stands without. Raises ValueError for a link that fits on no line.
    """
    lines = [f"List-Unsubscribe: <{link}>"]
    if mailbox_link:
        lines = [f"{lines[0]},", f"\t<{mailbox_link}>"]
    if max(map(len, lines)) > _LONGEST_LINE:
        raise ValueError("The link is longer than a line can be.")
    if link.lower().startswith("https://"):
        lines.append(f"List-Unsubscribe-Post: {_ONE_CLICK.decode()}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


PRECEDENCE = b"Precedence: bulk\r\n"
