"""What a session's outcome means, and what to do about it, in words for who set up the application.

Pure.
"""

from dataclasses import dataclass

from smtp_gateway.smtp_sessions.outcome import Code

_WORDS = {
    Code.SENT: ("Sent", ""),
    Code.NOTHING_SENT: (
        "Nothing sent",
        "The client left before it sent anything, and nothing was refused. If it should have sent "
        "a mail, its own log says why it stopped.",
    ),
    Code.LOG_IN_REFUSED: (
        "Log-in refused",
        "Wrong password, or SMTP was switched off or the address suspended. Set the SMTP password "
        "of {address}, and give the application the new one.",
    ),
    Code.PASSWORD_EXPIRED: (
        "Expired password",
        "The password “{credential}” was right once, but it has expired. Add another SMTP password "
        "to {address}, and give it to the application.",
    ),
    Code.PASSWORD_REVOKED: (
        "Revoked password",
        "The password “{credential}” was right once, but it was revoked or replaced. Give the "
        "application a password of {address} that still works, or set a new one.",
    ),
    Code.USER_NAME_NO_ADDRESS: (
        "Log-in refused",
        "The user name was not a mail address. Log in with the whole sender address, as in "
        "news@example.com.",
    ),
    Code.LOG_IN_BROKEN: (
        "Log-in not understood",
        "The client's log-in could not be read. Let it use AUTH PLAIN or AUTH LOGIN, with user "
        "name and password in base64.",
    ),
    Code.LOG_IN_LOCKED: (
        "Log-in locked",
        "There were too many refused log-ins within a few minutes, so further ones are not even "
        "looked at. Find the application that has a wrong password, and wait some minutes.",
    ),
    Code.LOG_IN_NEEDED: (
        "No log-in",
        "The application tried to send without logging in. Give it a user name, which is the "
        "sender address, and its SMTP password.",
    ),
    Code.TLS_NEEDED: (
        "No TLS",
        "Passwords cross only encrypted connections. Switch on STARTTLS in the application for "
        "port {smtp_port}, or let it use TLS from the start on port {smtps_port}.",
    ),
    Code.TLS_FAILED: (
        "TLS failed",
        "Client and gateway could not agree on an encrypted connection. Most often the client does "
        "not trust the gateway's certificate, or knows the gateway by another name.",
    ),
    Code.TLS_AT_ONCE: (
        "TLS on the wrong port",
        "The client began TLS at once, on a port where the connection begins in the clear. Use "
        "port {smtps_port} for TLS from the start, or STARTTLS on port {smtp_port}.",
    ),
    Code.TLS_NOT_AT_ONCE: (
        "No TLS on the TLS port",
        "The client waited for a greeting, or talked in the clear, on a port where TLS comes "
        "first. Let it use TLS from the start (often called SSL/TLS), or STARTTLS on port "
        "{smtp_port}.",
    ),
    Code.SENDER_REFUSED: (
        "Sender refused",
        "The application may send as the address it logs in as only. Let it say MAIL "
        "FROM:<{address}>, which is often called envelope sender or return path.",
    ),
    Code.RECIPIENT_REFUSED: (
        "Recipient refused",
        "The reply to RCPT says what is wrong with the recipient's address.",
    ),
    Code.MAIL_REFUSED: (
        "Mail refused",
        "The reply that came after the mail says what to change in it.",
    ),
    Code.TOO_LARGE: (
        "Mail too large",
        "Send less at once, or raise MAX_MESSAGE_BYTES.",
    ),
    Code.CUT_OFF: (
        "Broke off",
        "The connection ended in the middle of a mail, so nothing of that mail was taken. Look at "
        "the application's time-outs, and at firewalls and proxies on the way.",
    ),
    Code.TIMED_OUT: (
        "Timed out",
        "The client said nothing for too long. It may hang, or wait for something that it did not "
        "understand as the answer.",
    ),
    Code.SHUT_DOWN: (
        "Gateway stopped",
        "The gateway was being stopped or restarted. Nothing to do: the client can try again.",
    ),
    Code.TOLD_TO_RECONNECT: (
        "Told to connect again",
        "One connection may bring only so many mails; the client can connect again at once.",
    ),
    Code.TURNED_AWAY: (
        "Turned away",
        "A limit of the gateway was reached; the reply names it.",
    ),
    Code.TRY_LATER: (
        "Try again later",
        "The gateway could not do it at that moment; the reply says more. The client can try "
        "again. If this goes on, look into the gateway's log for this session.",
    ),
    Code.NOT_UNDERSTOOD: (
        "Not understood",
        "The client said something that is no SMTP command here. Make sure that "
        "it is meant to speak to this port.",
    ),
    Code.REFUSED: ("Refused", "The reply says why."),
}
_NEEDS_A_PASSWORD = {Code.LOG_IN_REFUSED, Code.PASSWORD_EXPIRED, Code.PASSWORD_REVOKED}
_CODES = {code.value: code for code in Code}
_UNKNOWN_USER = (
    "There is no sender address {user_name}. Log in with the whole sender address, just as it "
    "stands under Sender Addresses."
)
# A user name that contains the password is not kept.
_UNKNOWN_USER_UNNAMED = (
    "The user name is no sender address here. Log in with the whole sender address, just as it "
    "stands under Sender Addresses, and with its SMTP password."
)


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


@dataclass(frozen=True, slots=True)
class Advice:
    """A few words, and a sentence or two. `can_set_password`: that would help."""

    title: str
    text: str
    can_set_password: bool = False


def title_of(outcome: str) -> str:
    """For lists."""
    return _WORDS[_code(outcome)][0]


def advise(outcome: str, facts: Facts) -> Advice:
    """`outcome` is a Code as it is stored."""
    code = _code(outcome)
    title, text = _WORDS[code]
    if code is Code.LOG_IN_REFUSED and not facts.address:
        text = _UNKNOWN_USER if facts.user_name else _UNKNOWN_USER_UNNAMED
    text = text.format(
        address=facts.address or "the sender address",
        user_name=facts.user_name,
        smtp_port=facts.smtp_port,
        smtps_port=facts.smtps_port,
        credential=facts.credential,
    )
    helps = code in _NEEDS_A_PASSWORD and bool(facts.address)
    return Advice(title, " ".join(filter(None, (_accepted(facts.mail_count), text))), helps)


def _accepted(count: int) -> str:
    if not count:
        return ""
    return "1 mail was accepted." if count == 1 else f"{count:,} mails were accepted."


def _code(outcome: str) -> Code:
    # A newer gateway may write what this console does not know yet.
    return _CODES.get(outcome, Code.REFUSED)
