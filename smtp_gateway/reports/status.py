"""The status code of a report (RFC 3463): the next hop's own where it gave one, or a fitting one.

Pure.
"""

import re

from smtp_gateway.queue.report_values import Notice

_OWN = re.compile(r"[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})(?!\S)")
_IN_REASON = re.compile(r"\(([245]\.\d{1,3}\.\d{1,3})\)")

# Subject and detail, by what the rules for replies call it, or by why there was no reply.
_BY_CAUSE = {
    "no-such-mailbox": "1.1",
    "domain-does-not-exist": "1.2",
    "bad-address": "1.3",
    "mailbox-moved": "1.6",
    "domain-takes-no-mail": "1.10",
    "mailbox-disabled": "2.1",
    "mailbox-full": "2.2",
    "relay-stopped": "3.0",
    "relay-fault": "3.0",
    "message-too-large": "3.4",
    "next-hop-unreachable": "4.1",
    "next-hop-connection-lost": "4.2",
    "next-hop-timeout": "4.2",
    "dns-failed": "4.3",
    "no-route": "4.4",
    "mail-loop": "4.6",
    "lifetime-over": "4.7",
    "next-hop-protocol-error": "5.0",
    "next-hop-without-smtputf8": "6.7",
    "next-hop-tls-failed": "7.0",
    "next-hop-auth-failed": "7.0",
}
# RFC 5321 section 4.2.3 and RFC 7504, where the meaning leaves no doubt. 550 says too many things.
_BY_CODE = {
    "421": "3.2",
    "452": "3.1",
    "521": "3.2",
    "551": "1.6",
    "553": "1.3",
    "555": "5.4",
    "556": "1.10",
}
_UNKNOWN = "0.0"


def status_code(notice: Notice) -> str:
    """As in "5.1.1"; its first digit fits what is reported (RFC 3464 section 2.3.4)."""
    own = own_status(notice)
    if notice.kind in ("delivered", "relayed"):
        return own if own.startswith("2.") else "2.0.0"
    detail = own[2:] if own and own[0] in "45" else _fitting(notice)
    return f"{_class(notice, own)}.{detail}"


def own_status(notice: Notice) -> str:
    """What the last reply says of itself, or the reason in parentheses; empty: nothing."""
    found = _OWN.match(notice.last.reply) or _IN_REASON.search(notice.reason)
    return found[1] if found else ""


def _class(notice: Notice, own: str) -> str:
    """A delay is never permanent; what was given up for its age need not be (RFC 3463 X.4.7)."""
    if notice.kind == "delayed":
        return "4"
    if own and own[0] in "45":
        return own[0]
    is_temporary = notice.last.reply[:1] == "4" or notice.reason_code == "lifetime-over"
    return "4" if is_temporary and notice.last.reply[:1] != "5" else "5"


def _fitting(notice: Notice) -> str:
    last = notice.last
    if last.category in _BY_CAUSE:
        return _BY_CAUSE[last.category]
    if last.reply:
        return _BY_CODE.get(last.reply[:3], _UNKNOWN)
    return _BY_CAUSE.get(notice.reason_code, _UNKNOWN)
