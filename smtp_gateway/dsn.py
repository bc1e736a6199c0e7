"""What a client asks of delivery status notifications (RFC 3461): RET, ENVID, NOTIFY, ORCPT.

Values are kept in the form in which they go on to a next hop: upper-case keywords, xtext. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# RFC 3461 sections 4.4 and 4.2.
MAX_ENVID_CHARACTERS = 100
MAX_ORCPT_CHARACTERS = 500

MAIL_KEYWORDS = frozenset({"RET", "ENVID"})
RCPT_KEYWORDS = frozenset({"NOTIFY", "ORCPT"})

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+\Z")
_HEX = re.compile(r"\+([0-9A-F]{2})")
_ADDRESS_TYPE = re.compile(r"[A-Za-z0-9!#$%&'*/?^_`{|}~-]+\Z")
# RFC 6533 section 3: in xtext, `\x{HEX}` for what is not ASCII and for `+`, `=` and `\`.
_UTF_8_XTEXT = re.compile(r"(?:[!-*,-<>-\[\]-~]|\\x\{(?:[0-9A-F]{2}|[1-9A-F][0-9A-F]{2,5})\})+\Z")
_CODE_POINT = re.compile(r"\\x\{([0-9A-F]+)\}")
_NOTIFY_WORDS = ("SUCCESS", "FAILURE", "DELAY")

Parameters = Mapping[str, str | None]


class BadValue(ValueError):
    """A parameter's value is not what the RFC allows; the text is its keyword."""


@dataclass(frozen=True, slots=True)
class MailDsn:
    """What MAIL said."""

    ret: str = ""
    """FULL or HDRS; empty: not given."""
    envid: str = ""
    """In xtext."""


@dataclass(frozen=True, slots=True)
class RecipientDsn:
    """What RCPT said of one recipient."""

    notify: str = ""
    """NEVER, or some of SUCCESS, FAILURE and DELAY with commas; empty: not given."""
    orcpt: str = ""
    """Address type, semicolon, and the address in xtext."""


NO_MAIL_DSN = MailDsn()
NO_RECIPIENT_DSN = RecipientDsn()


def read_mail(parameters: Parameters) -> MailDsn:
    """From the parameters of MAIL. Raises BadValue."""
    if MAIL_KEYWORDS.isdisjoint(parameters):
        return NO_MAIL_DSN
    return MailDsn(_ret(parameters), _envid(parameters))


def read_recipient(parameters: Parameters, *, is_smtputf8: bool) -> RecipientDsn:
    """From the parameters of RCPT. Raises BadValue."""
    if RCPT_KEYWORDS.isdisjoint(parameters):
        return NO_RECIPIENT_DSN
    return RecipientDsn(_notify(parameters), _orcpt(parameters, is_smtputf8))


def with_failures(dsn: RecipientDsn) -> RecipientDsn:
    """The same, where failures are reported to us: of those we hear whatever the sender wants to.

    What the sender hears is decided when a report comes in, by what RCPT said.
    """
    if not dsn.notify or "FAILURE" in dsn.notify:
        return dsn
    notify = "FAILURE" if dsn.notify == "NEVER" else f"{dsn.notify},FAILURE"
    return RecipientDsn(notify, dsn.orcpt)


def mail_parameters(dsn: MailDsn) -> str:
    """Behind MAIL, to a next hop that offers DSN: as in ` RET=HDRS ENVID=42`."""
    ret = f" RET={dsn.ret}" if dsn.ret else ""
    return f"{ret} ENVID={dsn.envid}" if dsn.envid else ret


def rcpt_parameters(dsn: RecipientDsn) -> str:
    """Behind RCPT, likewise."""
    notify = f" NOTIFY={dsn.notify}" if dsn.notify else ""
    return f"{notify} ORCPT={dsn.orcpt}" if dsn.orcpt else notify


def readable_envid(envid: str) -> str:
    """An ENVID for people."""
    return _decoded(envid)


def readable_orcpt(orcpt: str) -> str:
    """The address of an ORCPT for people, without its type."""
    address_type, _, address = orcpt.partition(";")
    if address_type.lower() == "utf-8":
        return _CODE_POINT.sub(lambda match: _character(match[1]), address)
    return _decoded(address)


def _ret(parameters: Parameters) -> str:
    if "RET" not in parameters:
        return ""
    ret = (parameters["RET"] or "").upper()
    if ret not in ("FULL", "HDRS"):
        raise BadValue("RET")
    return ret


def _envid(parameters: Parameters) -> str:
    if "ENVID" not in parameters:
        return ""
    envid = parameters["ENVID"] or ""
    if len(envid) > MAX_ENVID_CHARACTERS or not _is_printable_xtext(envid):
        raise BadValue("ENVID")
    return envid


def _notify(parameters: Parameters) -> str:
    if "NOTIFY" not in parameters:
        return ""
    words = (parameters["NOTIFY"] or "").upper().split(",")
    if words == ["NEVER"]:
        return "NEVER"
    if any(word not in _NOTIFY_WORDS for word in words):
        raise BadValue("NOTIFY")
    return ",".join(word for word in _NOTIFY_WORDS if word in words)


def _orcpt(parameters: Parameters, is_smtputf8: bool) -> str:
    if "ORCPT" not in parameters:
        return ""
    address_type, semicolon, address = (parameters["ORCPT"] or "").partition(";")
    is_utf_8 = address_type.lower() == "utf-8"
    if is_utf_8 and is_smtputf8:
        # RFC 6533: with SMTPUTF8 it may come as UTF-8. As xtext it can go on to any next hop.
        address = "".join(c if c.isascii() else f"\\x{{{ord(c):X}}}" for c in address)
    is_address = _is_utf_8_xtext(address) if is_utf_8 else _is_printable_xtext(address)
    orcpt = f"{address_type};{address}"
    is_typed = bool(semicolon) and _ADDRESS_TYPE.match(address_type) is not None
    if not is_typed or not is_address or len(orcpt) > MAX_ORCPT_CHARACTERS:
        raise BadValue("ORCPT")
    return orcpt


def is_xtext(text: str) -> bool:
    """RFC 3461 section 4; also what RFC 4954 wants behind AUTH=."""
    return _XTEXT.match(text) is not None


def _is_printable_xtext(text: str) -> bool:
    if not is_xtext(text):
        return False
    decoded = _decoded(text)
    return decoded.isascii() and decoded.isprintable()


def _is_utf_8_xtext(text: str) -> bool:
    if _UTF_8_XTEXT.match(text) is None:
        return False
    return all(_character(code).isprintable() for code in _CODE_POINT.findall(text))


def _decoded(xtext: str) -> str:
    return _HEX.sub(lambda match: chr(int(match[1], 16)), xtext)


def _character(code_point: str) -> str:
    number = int(code_point, 16)
    # Beyond Unicode: a control character stands in, which is refused as unprintable.
    return chr(number) if number <= 0x10FFFF else "\0"
