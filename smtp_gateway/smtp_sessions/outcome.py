"""What a session came to, read from its dialogue: one stable code, and the reply that decided it.

Pure. The words for people stand in `advice`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from smtp_gateway.submission import replies
from smtp_gateway.submission.transcript import (
    CLIENT,
    EVENT,
    MAIL_BYTES,
    MAIL_CUT_OFF,
    SERVER,
    TLS_BYTES,
    TLS_FAILED,
    TLS_INSTEAD,
    TLS_MISSING,
    Line,
    Snapshot,
)


class Code(StrEnum):
    """Why a session went as it did."""

    SENT = "sent"
    NOTHING_SENT = "nothing-sent"
    LOG_IN_REFUSED = "log-in-refused"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105 - a code
    PASSWORD_REVOKED = "password-revoked"  # noqa: S105 - a code
    USER_NAME_NO_ADDRESS = "user-name-no-address"
    LOG_IN_BROKEN = "log-in-broken"
    LOG_IN_LOCKED = "log-in-locked"
    LOG_IN_NEEDED = "log-in-needed"
    TLS_NEEDED = "tls-needed"
    TLS_FAILED = "tls-failed"
    TLS_AT_ONCE = "tls-at-once"
    TLS_NOT_AT_ONCE = "tls-not-at-once"
    SENDER_REFUSED = "sender-refused"
    RECIPIENT_REFUSED = "recipient-refused"
    MAIL_REFUSED = "mail-refused"
    TOO_LARGE = "too-large"
    CUT_OFF = "cut-off"
    TIMED_OUT = "timed-out"
    SHUT_DOWN = "shut-down"
    TOLD_TO_RECONNECT = "told-to-reconnect"
    TURNED_AWAY = "turned-away"
    TRY_LATER = "try-later"
    NOT_UNDERSTOOD = "not-understood"
    REFUSED = "refused"


_WELL = {Code.SENT, Code.NOTHING_SENT}
# A client that keeps its connection after a mail is told to go in the end; nothing is wrong.
_ORDINARY_ENDS = {Code.TIMED_OUT, Code.SHUT_DOWN, Code.TOLD_TO_RECONNECT}
_ENDED = {"expired": Code.PASSWORD_EXPIRED, "revoked": Code.PASSWORD_REVOKED}
# Why nobody is logged in, the most telling first; a log-in that succeeds later makes up for them.
_NO_LOG_IN = (Code.LOG_IN_LOCKED, Code.LOG_IN_REFUSED, Code.TLS_NEEDED, Code.LOG_IN_BROKEN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reply`: what was answered when it went wrong; empty: nothing did."""

    code: Code
    reply: str = ""

    @property
    def went_well(self) -> bool:
        return self.code in _WELL


@dataclass(frozen=True, slots=True)
class _Rule:
    """The first whose patterns both fit a refusal says what it is about."""

    code: Code
    reply: str
    said: str = ""

    def fits(self, said: str, reply: str) -> bool:
        return bool(re.match(self.reply, reply) and re.match(self.said, said, re.IGNORECASE))


_MEANINGS = {
    f"{reply.code} {reply.enhanced} {reply.text}": code
    for reply, code in {
        replies.AUTH_REFUSED: Code.LOG_IN_REFUSED,
        replies.AUTH_LOCKED_USER: Code.LOG_IN_LOCKED,
        replies.AUTH_LOCKED_IP: Code.LOG_IN_LOCKED,
        replies.AUTH_NOT_BASE64: Code.LOG_IN_BROKEN,
        replies.AUTH_NEEDS_TLS: Code.TLS_NEEDED,
        replies.TLS_FIRST: Code.TLS_NEEDED,
        replies.TIMED_OUT: Code.TIMED_OUT,
        replies.SHUTTING_DOWN: Code.SHUT_DOWN,
        replies.NO_ANSWER: Code.TRY_LATER,
        replies.TOO_MANY_MAILS: Code.TOLD_TO_RECONNECT,
        replies.TOO_MANY_RECIPIENTS: Code.RECIPIENT_REFUSED,
    }.items()
}
"""Replies that say it all by themselves, by their words."""
_RULES = (
    _Rule(Code.LOG_IN_NEEDED, "530"),
    _Rule(Code.TURNED_AWAY, "421"),
    _Rule(Code.TOO_LARGE, r"552 5\.3\.4"),
    _Rule(Code.TRY_LATER, "4"),
    _Rule(Code.LOG_IN_BROKEN, "5", said="AUTH|\\*"),
    _Rule(Code.SENDER_REFUSED, "5", said="MAIL"),
    _Rule(Code.RECIPIENT_REFUSED, "5", said="RCPT"),
    _Rule(Code.MAIL_REFUSED, "5", said=rf"DATA|BDAT|\[.* {MAIL_BYTES}\]"),
    _Rule(Code.NOT_UNDERSTOOD, "50[0-4]"),
    _Rule(Code.REFUSED, ""),
)


def outcome(snapshot: Snapshot, lines: Sequence[Line]) -> Outcome:
    """Of the dialogue `lines` of `snapshot`."""
    if failure := _failure_beside_the_dialogue(lines):
        return failure
    refusals = [_judged(said, reply) for said, reply in _refusals(lines)]
    if snapshot.mail_count:
        refusals = [refusal for refusal in refusals if refusal.code not in _ORDINARY_ENDS]
    if snapshot.sender:
        refusals = [refusal for refusal in refusals if refusal.code not in _NO_LOG_IN]
    elif log_in := [refusal for refusal in refusals if refusal.code in _NO_LOG_IN]:
        return _about_log_in(snapshot, min(log_in, key=lambda each: _NO_LOG_IN.index(each.code)))
    if refusals:
        return _most_telling(refusals)
    return Outcome(Code.SENT if snapshot.mail_count else Code.NOTHING_SENT)


def _failure_beside_the_dialogue(lines: Sequence[Line]) -> Outcome | None:
    for _, speaker, words in lines:
        if speaker == EVENT and words == TLS_INSTEAD:
            return Outcome(Code.TLS_AT_ONCE)
        if speaker == EVENT and words == TLS_MISSING:
            return Outcome(Code.TLS_NOT_AT_ONCE)
        if speaker == CLIENT and words.endswith(f"{TLS_BYTES}]"):
            return Outcome(Code.TLS_AT_ONCE)
        if speaker == EVENT and words.startswith(TLS_FAILED):
            return Outcome(Code.TLS_FAILED, words)
        if speaker == EVENT and words.startswith(MAIL_CUT_OFF):
            return Outcome(Code.CUT_OFF, words)
    return None


def _refusals(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    said = ""
    for _, speaker, words in lines:
        if speaker == CLIENT:
            said = words
        elif speaker == SERVER and words[:1] in ("4", "5"):
            yield said, words


def _judged(said: str, reply: str) -> Outcome:
    code = _MEANINGS.get(reply)
    return Outcome(code or next(rule.code for rule in _RULES if rule.fits(said, reply)), reply)


def _about_log_in(snapshot: Snapshot, refusal: Outcome) -> Outcome:
    if refusal.code is Code.LOG_IN_REFUSED and snapshot.has_odd_user_name:
        return Outcome(Code.USER_NAME_NO_ADDRESS, refusal.reply)
    ended = snapshot.credential.end if snapshot.credential else ""
    if refusal.code is Code.LOG_IN_REFUSED and ended:
        return Outcome(_ENDED[ended], refusal.reply)
    return refusal


def _most_telling(refusals: Sequence[Outcome]) -> Outcome:
    """The last one, but for what only follows from one before."""
    dull = {Code.NOT_UNDERSTOOD, Code.TIMED_OUT, Code.SHUT_DOWN, Code.TURNED_AWAY}
    telling = [refusal for refusal in refusals if refusal.code not in dull]
    return (telling or list(refusals))[-1]
