"""Reads a report as a mail program does, and holds it to the grammar of RFC 3464."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP
from email.utils import parsedate_to_datetime

# RFC 3464 sections 2.2 and 2.3, in their order; True: has to be there.
MAIL_FIELDS = {"original-envelope-id": False, "reporting-mta": True, "arrival-date": False}
RECIPIENT_FIELDS = {
    "original-recipient": False,
    "final-recipient": True,
    "action": True,
    "status": True,
    "remote-mta": False,
    "diagnostic-code": False,
    "last-attempt-date": False,
    "final-log-id": False,
    "will-retry-until": False,
}
ATOM = r"[!#$%&'*+/=?^_`{|}~A-Za-z0-9-]+"
TYPED = re.compile(rf"({ATOM}); ?(\S.*)\Z", re.DOTALL)
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\Z")
# RFC 5322 section 3.3 with a numeric zone.
DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}\Z")
DATES = ("arrival-date", "last-attempt-date", "will-retry-until")
ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")


@dataclass(frozen=True)
class Report:
    """A report taken apart by the parser of the standard library."""

    mail: EmailMessage
    text: str
    status: str
    """The second part, as it came."""
    about_mail: dict[str, str]
    recipients: list[dict[str, str]]
    returned: bytes
    returned_type: str

    def only(self) -> dict[str, str]:
        (recipient,) = self.recipients
        return recipient


def parse(content: bytes) -> Report:
    """Raises AssertionError where it is not what RFC 3464 and 6522 say."""
    mail = message_from_bytes(content, policy=SMTP)
    assert mail.get_content_type() == "multipart/report"
    assert mail["MIME-Version"] == "1.0"
    assert not mail.defects
    parts = _raw_parts(content, mail.get_boundary() or "")
    assert len(parts) in (2, 3)
    text, status, *returned = parts
    kind = status[0].get_content_type()
    assert kind == f"message/{mail.get_param('report-type')}"
    assert text[0].get_content_type() == "text/plain"
    blocks = status[1].decode().split("\r\n\r\n")
    check_fields(status[1], is_utf_8=kind == "message/global-delivery-status")
    fields = [dict(_fields(block)) for block in blocks]
    return Report(
        mail=mail,  # type: ignore[arg-type]
        text=_text(mail),
        status=status[1].decode(),
        about_mail=fields[0],
        recipients=fields[1:],
        returned=returned[0][1] if returned else b"",
        returned_type=returned[0][0].get_content_type() if returned else "",
    )


def check_fields(status: bytes, *, is_utf_8: bool) -> None:
    """The grammar of the second part."""
    assert is_utf_8 or status.isascii()
    lines = status.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert all(len(line) <= 998 for line in lines)
    assert all(line.strip() or line == b"" for line in lines)
    about_mail, *recipients = [_fields(block) for block in status.decode().split("\r\n\r\n")]
    assert recipients
    _check_block(about_mail, MAIL_FIELDS)
    for fields in recipients:
        _check_block(fields, RECIPIENT_FIELDS)
        found = dict(fields)
        assert found["action"] in ACTIONS
        assert STATUS.match(found["status"])
        digits = {"failed": "45", "delayed": "4"}.get(found["action"], "2")
        assert found["status"][0] in digits
        assert found["action"] == "delayed" or "will-retry-until" not in found


def _check_block(fields: list[tuple[str, str]], known: dict[str, bool]) -> None:
    names = [name for name, _ in fields]
    assert names == [name for name in known if name in names]
    assert all(name in names for name, is_needed in known.items() if is_needed)
    for name, value in fields:
        if name in DATES:
            assert DATE.match(value)
            assert parsedate_to_datetime(value).tzinfo
        elif name in ("reporting-mta", "remote-mta", "original-recipient", "final-recipient"):
            assert TYPED.match(value), (name, value)
        elif name == "diagnostic-code":
            assert TYPED.match(value), value


def _fields(block: str) -> list[tuple[str, str]]:
    assert block.rstrip("\r\n")
    parsed = HeaderParser().parsestr(block.replace("\r\n", "\n"))
    assert not parsed.defects
    assert not str(parsed.get_payload())
    return [(name.lower(), re.sub(r"\n(?=[ \t])", "", value)) for name, value in parsed.items()]


def _raw_parts(content: bytes, boundary: str) -> list[tuple[EmailMessage, bytes]]:
    """Head and bytes of each part, between the delimiters (RFC 2046 section 5.1.1)."""
    delimiter = f"\r\n--{boundary}".encode()
    _, *parts, end = content.split(delimiter)
    assert end == b"--\r\n"
    taken = [part.removeprefix(b"\r\n").partition(b"\r\n\r\n") for part in parts]
    return [(message_from_bytes(head, policy=SMTP), body) for head, _, body in taken]  # type: ignore[misc]


def _text(mail: object) -> str:
    first = next(mail.iter_parts())  # type: ignore[attr-defined]
    return str(first.get_content()).replace("\r\n", "\n")
