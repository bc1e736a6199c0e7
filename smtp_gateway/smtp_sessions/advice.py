"""What a session's outcome means, and what to do about it, for who set up the application."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from senders.smtp_state import SmtpState
from smtp_gateway.smtp_sessions.outcome import Code

_WORDS = {
    Code.SENT: (_("Sent"), ""),
    Code.NOTHING_SENT: (
        _("Nothing sent"),
        _(
            "The client left before it sent anything, and nothing was refused. If it should have"
            " sent a mail, its own log says why it stopped."
        ),
    ),
    Code.LOG_IN_REFUSED: (
        _("Log-in refused"),
        _(
            "The password was none of those of %(address)s. Give the application the right one, or"
            " add another for it: those that work stay as they are."
        ),
    ),
    Code.PASSWORD_EXPIRED: (
        _("Expired password"),
        _(
            "The password “%(credential)s” was right once, but it has expired. Add another SMTP"
            " password to %(address)s, and give it to the application."
        ),
    ),
    Code.PASSWORD_REVOKED: (
        _("Revoked password"),
        _(
            "The password “%(credential)s” was right once, but it was revoked or replaced. Give"
            " the application a password of %(address)s that still works, or set a new one."
        ),
    ),
    Code.USER_NAME_NO_ADDRESS: (
        _("Log-in refused"),
        _(
            "The user name was not a mail address. Log in with the whole sender address, as in "
            "news@example.com."
        ),
    ),
    Code.LOG_IN_BROKEN: (
        _("Log-in not understood"),
        _(
            "The client's log-in could not be read. Let it use AUTH PLAIN or AUTH LOGIN, with user "
            "name and password in base64."
        ),
    ),
    Code.LOG_IN_LOCKED: (
        _("Log-in locked"),
        _(
            "There were too many refused log-ins within a few minutes, so further ones are not"
            " even looked at. Find the application that has a wrong password, and wait some"
            " minutes."
        ),
    ),
    Code.LOG_IN_NEEDED: (
        _("No log-in"),
        _(
            "The application tried to send without logging in. Give it a user name, which is the "
            "sender address, and its SMTP password."
        ),
    ),
    Code.TLS_NEEDED: (
        _("No TLS"),
        _(
            "Passwords cross only encrypted connections. Switch on STARTTLS in the application for "
            "port %(smtp_port)s, or let it use TLS from the start on port %(smtps_port)s."
        ),
    ),
    Code.TLS_FAILED: (
        _("TLS failed"),
        _(
            "Client and gateway could not agree on an encrypted connection. Most often the client"
            " does not trust the gateway's certificate, or knows the gateway by another name."
        ),
    ),
    Code.TLS_AT_ONCE: (
        _("TLS on the wrong port"),
        _(
            "The client began TLS at once, on a port where the connection begins in the clear. Use "
            "port %(smtps_port)s for TLS from the start, or STARTTLS on port %(smtp_port)s."
        ),
    ),
    Code.TLS_NOT_AT_ONCE: (
        _("No TLS on the TLS port"),
        _(
            "The client waited for a greeting, or talked in the clear, on a port where TLS comes "
            "first. Let it use TLS from the start (often called SSL/TLS), or STARTTLS on port "
            "%(smtp_port)s."
        ),
    ),
    Code.SENDER_REFUSED: (
        _("Sender refused"),
        _(
            "The application may send as the address it logs in as only. Let it say MAIL "
            "FROM:<%(address)s>, which is often called envelope sender or return path."
        ),
    ),
    Code.RECIPIENT_REFUSED: (
        _("Recipient refused"),
        _("The reply to RCPT says what is wrong with the recipient's address."),
    ),
    Code.MAIL_REFUSED: (
        _("Mail refused"),
        _("The reply that came after the mail says what to change in it."),
    ),
    Code.TOO_LARGE: (
        _("Mail too large"),
        _("Send less at once, or raise MAX_MESSAGE_BYTES."),
    ),
    Code.CUT_OFF: (
        _("Broke off"),
        _(
            "The connection ended in the middle of a mail, so nothing of that mail was taken. Look"
            " at the application's time-outs, and at firewalls and proxies on the way."
        ),
    ),
    Code.TIMED_OUT: (
        _("Timed out"),
        _(
            "The client said nothing for too long. It may hang, or wait for something that it did"
            " not understand as the answer."
        ),
    ),
    Code.SHUT_DOWN: (
        _("Gateway stopped"),
        _("The gateway was being stopped or restarted. Nothing to do: the client can try again."),
    ),
    Code.TOLD_TO_RECONNECT: (
        _("Told to connect again"),
        _("One connection may bring only so many mails; the client can connect again at once."),
    ),
    Code.TURNED_AWAY: (
        _("Turned away"),
        _("A limit of the gateway was reached; the reply names it."),
    ),
    Code.TRY_LATER: (
        _("Try again later"),
        _(
            "The gateway could not do it at that moment; the reply says more. The client can try "
            "again. If this goes on, look into the gateway's log for this session."
        ),
    ),
    Code.NOT_UNDERSTOOD: (
        _("Not understood"),
        _(
            "The client said something that is no SMTP command here. Make sure that "
            "it is meant to speak to this port."
        ),
    ),
    Code.REFUSED: (_("Refused"), _("The reply says why.")),
}
_AT_PRESENT = {
    "suspended": _("%(address)s is suspended: until it is resumed, no password lets anybody in."),
    "off": _("SMTP is off for %(address)s: no password works. Set one."),
}
_NEEDS_A_PASSWORD = {Code.LOG_IN_REFUSED, Code.PASSWORD_EXPIRED, Code.PASSWORD_REVOKED}
_CODES = {code.value: code for code in Code}
_UNKNOWN_USER = _(
    "There is no sender address %(user_name)s. Log in with the whole sender address, just as it "
    "stands under Sender Addresses."
)
# A user name that contains the password is not kept.
_UNKNOWN_USER_UNNAMED = _(
    "The user name is no sender address here. Log in with the whole sender address, just as it "
    "stands under Sender Addresses, and with its SMTP password."
)


Remedy = Literal["", "set-password", "add-password", "resume"]
# Where a password works, another beside it stops no application.
_REMEDIES: dict[SmtpState, Remedy] = {
    "suspended": "resume", "off": "set-password", "on": "add-password",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice depends on beside the outcome."""

    address: str
    """The sender address it is about; empty: none."""
    user_name: str
    mail_count: int
    smtp_port: int
    smtps_port: int
    credential: str = ""
    """What the password is called that was tried."""
    at_present: SmtpState = "on"
    """Whether the address lets anybody log in now."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A few words, and a sentence or two. `remedy`: what would help, for a button."""

    title: str
    text: str
    remedy: Remedy = ""


def title_of(outcome: str) -> str:
    """For lists."""
    return str(_WORDS[_code(outcome)][0])


def advise(outcome: str, facts: Facts) -> Advice:
    """`outcome` is a Code as it is stored."""
    code = _code(outcome)
    title, text = _WORDS[code]
    if code is Code.LOG_IN_REFUSED and not facts.address:
        text = _UNKNOWN_USER if facts.user_name else _UNKNOWN_USER_UNNAMED
    elif code is Code.LOG_IN_REFUSED:
        text = _AT_PRESENT.get(facts.at_present, text)
    words = str(text) % {
        "address": facts.address or gettext("the sender address"),
        "user_name": facts.user_name,
        "smtp_port": facts.smtp_port,
        "smtps_port": facts.smtps_port,
        "credential": facts.credential,
    }
    helps = code in _NEEDS_A_PASSWORD and bool(facts.address)
    remedy = _REMEDIES[facts.at_present] if helps else ""
    return Advice(str(title), _with_accepted(facts.mail_count, words), remedy)


def _with_accepted(count: int, words: str) -> str:
    if not count:
        return words
    accepted = ngettext(
        "%(count)s mail was accepted. %(words)s", "%(count)s mails were accepted. %(words)s", count
    )
    return (accepted % {"count": f"{count:,}", "words": words}).strip()


def _code(outcome: str) -> Code:
    # A newer gateway may write what this console does not know yet.
    return _CODES.get(outcome, Code.REFUSED)
