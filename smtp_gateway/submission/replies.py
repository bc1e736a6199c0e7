"""Every reply that the submission server gives, each with its RFC.

The basic code and the enhanced status code (RFC 2034, RFC 3463) agree because the second's first
digit is made from the first. Knows no session and no settings.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smtp_gateway.quota.values import QuotaReached
from smtp_gateway.submission.suppression import Suppressed


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply. `detail` is subject and detail of the enhanced code, as in "7.1".

    Several lines of `text` become a multi-line reply. Greeting, EHLO and 3yz have no enhanced code.
    """

    code: int
    detail: str
    text: str
    wire: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", _on_the_wire(self.code, self.enhanced, self.text))

    @property
    def enhanced(self) -> str:
        """The enhanced status code, as in "5.7.1"; empty where RFC 2034 asks for none."""
        return f"{self.code // 100}.{self.detail}" if self.detail else ""


def _on_the_wire(code: int, enhanced: str, text: str) -> bytes:
    *first, last = (f"{enhanced} {line}".strip() for line in text.split("\n"))
    lines = [f"{code}-{line}" for line in first] + [f"{code} {last}"]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


# --- Session: RFC 5321 sections 3.1, 3.8, 4.1 ----------------------------------------------------
BYE = Reply(221, "0.0", "Bye")
OK = Reply(250, "0.0", "Ok")
HELP = Reply(214, "0.0", "See RFC 5321, RFC 6409 and RFC 4954")
# RFC 5321 section 3.5.3: neither confirms nor denies.
CANNOT_VERIFY = Reply(252, "5.0", "Cannot VRFY; send some mail, it will be tried")
NOT_HERE = Reply(502, "5.1", "Command not implemented")
UNKNOWN_COMMAND = Reply(500, "5.1", "Command not recognized")
BAD_SYNTAX = Reply(500, "5.2", "Syntax error: a command is one line of printable characters")
LINE_TOO_LONG = Reply(500, "5.2", "Line too long")
# RFC 5321 section 2.3.8
BARE_LF = Reply(500, "5.2", "A bare LF ends no line; end lines with CR LF")
HELLO_NEEDS_NAME = Reply(501, "5.4", "Say your host name: EHLO host.example")
NO_ARGUMENT = Reply(501, "5.4", "This command takes no argument")
SEND_EHLO_FIRST = Reply(503, "5.1", "Send EHLO first")
TOO_MANY_ERRORS = Reply(421, "7.0", "Too many errors; closing connection")
TOO_MANY_COMMANDS = Reply(421, "7.0", "Too many commands without a mail; closing connection")
# RFC 5321 section 4.5.3.2
TIMED_OUT = Reply(421, "4.2", "Timed out waiting for the client; closing connection")
# RFC 5321 section 3.8: 421 to any command, the greeting included, ends the connection.
TOO_MANY_CONNECTIONS = Reply(421, "3.2", "Too many connections; try again later")
TOO_MANY_CONNECTIONS_OF_IP = Reply(421, "7.0", "Too many connections from your IP address")
TOO_MANY_CONNECTIONS_OF_SENDER = Reply(421, "7.0", "Too many connections of this user name")
TOO_MANY_MAILS = Reply(421, "7.0", "Too many mails on one connection; connect again to send more")
TOO_MANY_LOG_INS = Reply(421, "7.0", "Too many refused log-ins; closing connection")
# RFC 3463 section 3.4, X.3.2: system not accepting network messages
SHUTTING_DOWN = Reply(421, "3.2", "Service shutting down; try again in a moment")
# RFC 5321 section 4.2.3. Any fault of ours is temporary, and its cause goes to the log only.
TRY_LATER = Reply(451, "3.0", "Temporary problem at our side; try again later")
NO_ANSWER = Reply(421, "3.0", "Temporary problem at our side that lasts; closing connection")
# RFC 3463 section 3.4, X.3.1: no memory or no disk for a mail just now.
INSUFFICIENT_STORAGE = Reply(452, "3.1", "Insufficient system storage; try again later")

# --- STARTTLS: RFC 3207 ---------------------------------------------------------------------------
READY_FOR_TLS = Reply(220, "0.0", "Ready to start TLS")
TLS_IS_ON = Reply(503, "5.1", "TLS is on already")

# --- AUTH: RFC 4954 section 6 ---------------------------------------------------------------------
ASK_INITIAL_RESPONSE = Reply(334, "", "")
ASK_USER_NAME = Reply(334, "", "VXNlcm5hbWU6")
ASK_PASSWORD = Reply(334, "", "UGFzc3dvcmQ6")
AUTHENTICATED = Reply(235, "7.0", "Authentication successful")
AUTH_CANCELLED = Reply(501, "7.0", "Authentication cancelled")
AUTH_NOT_BASE64 = Reply(501, "5.2", "Cannot decode this: base64 of user name and password expected")
AUTH_SYNTAX = Reply(501, "5.4", "Syntax: AUTH PLAIN or AUTH LOGIN")
AUTH_UNKNOWN_MECHANISM = Reply(504, "5.4", "Mechanism not known; use PLAIN or LOGIN")
AUTH_LINE_TOO_LONG = Reply(500, "5.6", "Authentication exchange line is too long")
AUTH_AGAIN = Reply(503, "5.1", "Already authenticated")
AUTH_IN_TRANSACTION = Reply(503, "5.1", "AUTH is not permitted during a mail transaction")
# One reply for unknown user, wrong password, SMTP switched off and suspended.
AUTH_REFUSED = Reply(535, "7.8", "User name or password refused")
# Which of them it is would tell nothing that counting does not: unknown names are counted too.
AUTH_LOCKED_USER = Reply(
    454, "7.0", "Too many refused log-ins with this user name; try again later"
)
AUTH_LOCKED_IP = Reply(421, "7.0", "Too many refused log-ins from your IP address; try again later")
AUTH_BUSY = Reply(454, "7.0", "Too many log-ins at once; try again in a moment")
AUTH_NEEDS_TLS = Reply(538, "7.11", "Encryption required for authentication; send STARTTLS first")
LOG_IN_FIRST = Reply(530, "7.0", "Authentication required; log in with AUTH first")
TLS_FIRST = Reply(530, "7.0", "Send STARTTLS first, then log in with AUTH")
LOG_IN_AGAIN = Reply(
    530, "7.0", "Authentication required again: the SMTP password was changed or SMTP switched off"
)

# --- MAIL and RCPT: RFC 5321 sections 3.3, 4.1.1; RFC 1870; RFC 6152; RFC 6531 --------------------
SENDER_OK = Reply(250, "1.0", "Sender ok")
RECIPIENT_OK = Reply(250, "1.5", "Recipient ok")
MAIL_SYNTAX = Reply(501, "5.4", "Syntax: MAIL FROM:<address> [parameters]")
RCPT_SYNTAX = Reply(501, "5.4", "Syntax: RCPT TO:<address> [parameters]")
NESTED_MAIL = Reply(503, "5.1", "A mail transaction is open already; send RSET to drop it")
MAIL_FIRST = Reply(503, "5.1", "Send MAIL first")
RCPT_FIRST = Reply(503, "5.1", "Send RCPT first")
BAD_SENDER_ADDRESS = Reply(501, "1.7", "Bad sender address syntax")
BAD_RECIPIENT_ADDRESS = Reply(501, "1.3", "Bad recipient address syntax")
# RFC 6531 section 3.3: UTF-8 only; what cannot be shown could pass for another address.
UNPRINTABLE_SENDER = Reply(553, "1.7", "Sender address has characters that cannot be used")
UNPRINTABLE_RECIPIENT = Reply(553, "1.3", "Recipient address has characters that cannot be used")
# RFC 6531 section 3.5
NEEDS_SMTPUTF8 = Reply(553, "6.7", "A non-ASCII address needs the SMTPUTF8 parameter at MAIL")
BAD_PARAMETER = Reply(501, "5.4", "Bad value of a parameter")
# RFC 3030 section 3: needs an extension that is not offered.
NO_BINARYMIME = Reply(555, "5.4", "BODY=BINARYMIME is not offered; encode the mail as MIME does")
# RFC 5321 section 4.1.1.11
UNKNOWN_PARAMETER = Reply(555, "5.4", "Parameter not recognized or not implemented")
# RFC 5321 section 4.5.3.1.10
TOO_MANY_RECIPIENTS = Reply(452, "5.3", "Too many recipients; send the rest in another transaction")
TOO_MANY_RECIPIENTS_OF_SESSION = Reply(
    452, "5.3", "Too many recipients on one connection; connect again to send the rest"
)


def sender_halted(why: str) -> Reply:
    """RFC 3463 section 3.8, X.7.1, at MAIL: the application keeps its mail and tries it again."""
    return Reply(
        451,
        "7.1",
        f"No mail of this address is accepted for now: {why}; see Standing in the console",
    )


def quota_reached(reached: QuotaReached, now: datetime) -> Reply:
    """RFC 3463 section 3.8, X.7.1, at the end of a mail: all of it waits, whatever of it fits."""
    return Reply(451, "7.1", _quota_text(reached, now))


def quota_reached_by_recipient(reached: QuotaReached, now: datetime) -> Reply:
    """RFC 5321 section 4.5.3.1.10, at RCPT: those before it may be sent now."""
    return Reply(452, "5.3", _quota_text(reached, now))


def too_many_to_recipient(
    most: int, window_seconds: int, again_at: datetime, now: datetime
) -> Reply:
    """RFC 5321 section 3.3, at RCPT: this recipient has to wait."""
    return Reply(450, "7.1", _repeated_text(most, window_seconds, again_at, now))


def too_many_to_one_of_them(
    most: int, window_seconds: int, again_at: datetime, now: datetime
) -> Reply:
    """At the end of a mail: one of its recipients has to wait, and so all of it."""
    return Reply(451, "7.1", _repeated_text(most, window_seconds, again_at, now))


def _repeated_text(most: int, window_seconds: int, again_at: datetime, now: datetime) -> str:
    # As `recent_recipients` counts: it may be a step longer until there is room again.
    return (
        f"Too many mails to one recipient, at most {most} in {window_seconds} seconds, "
        f"counted in steps of a fifth of that; {_again(again_at, now)}"
    )


def _quota_text(reached: QuotaReached, now: datetime) -> str:
    whose = "this sender address" if reached.whose == "address" else "its mail type"
    return (
        f"Quota of {reached.most} recipients per {reached.period} of {whose} reached, "
        f"{reached.left} left; {_again(reached.again_at, now)}"
    )


def _again(at: datetime, now: datetime) -> str:
    """When to try again: by the clock and in seconds, neither too early."""
    at += timedelta(microseconds=-at.microsecond % 1_000_000)
    seconds = max(1, math.ceil((at - now).total_seconds()))
    return f"try again at {at:%Y-%m-%d %H:%M:%S} UTC, in {seconds} seconds"


# --- DATA: RFC 5321 section 4.1.1.4 ---------------------------------------------------------------
GO_AHEAD = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
# RFC 5321 section 2.3.8: CR and LF only together; NUL is not allowed by RFC 5322 either.
BARE_CONTROLS = Reply(550, "6.0", "Message has a bare CR, a bare LF or a NUL; lines end in CR LF")
HEADER_MALFORMED = Reply(
    550, "6.0", "Message header malformed; an empty line must separate header and body"
)
# RFC 5321 section 6.3
TOO_MANY_HOPS = Reply(554, "4.6", "Too many hops: this mail is going round in circles")
FROM_MISSING = Reply(550, "7.1", "Message has no From header; add From: with the sender address")
FROM_TWICE = Reply(550, "7.1", "Message has several From headers; send exactly one")
LIFETIME_NOT_ALLOWED = Reply(
    550, "7.1", "X-DirectMail-Lifetime is not for this mail type; leave it out"
)

# --- BDAT: RFC 3030 section 2 ---------------------------------------------------------------------
RCPT_AFTER_BDAT = Reply(503, "5.1", "BDAT has begun the message; send RSET for another envelope")
DATA_AFTER_BDAT = Reply(503, "5.1", "BDAT has begun the message; send the rest with BDAT")
BDAT_SYNTAX = Reply(501, "5.4", "Syntax: BDAT size [LAST]")
CHUNK_TOO_LARGE = Reply(552, "3.4", "Chunk far beyond the size limit")
# RFC 5321 section 3.8: nobody closes without 421. What follows such a BDAT, and how much of it is
# no command, is not known.
OUT_OF_STEP = Reply(421, "5.0", "Cannot tell commands from mail any more; closing connection")


def chunk_taken(size_bytes: int) -> Reply:
    """One chunk is here, and more must come."""
    return Reply(250, "0.0", f"{size_bytes} octets received")


# RFC 3463 section 3.4, X.3.4
HEADER_TOO_LARGE = Reply(552, "3.4", "Message header too large; the limit is 262144 bytes")


def header_twice(name: str) -> Reply:
    """RFC 5322 section 3.6: programs would disagree about which one counts."""
    return Reply(550, "6.0", f"Message has several {name} headers; send at most one")


def sender_header_not_sender(address: str) -> Reply:
    """RFC 6409 section 6.1, for the header Sender."""
    return Reply(550, "7.1", f"Sender header must be {address} or be left out")


def lifetime_out_of_bounds(longest_seconds: int) -> Reply:
    """How long a mail of this type may ask to be tried."""
    text = f"X-DirectMail-Lifetime must be one number of seconds from 60 to {longest_seconds}"
    return Reply(550, "6.0", text)


def reply_to_not_yours(address: str) -> Reply:
    """RFC 6409 section 6 leaves further checks to the site; this one is the sender's own choice."""
    return Reply(550, "7.1", f"Reply-To header must be {address} or be left out")


def reply_to_not_verified(address: str) -> Reply:
    """Likewise: with nothing proven, no Reply-To can be right."""
    text = f"Leave Reply-To out, or verify the reply-to address of {address} in the console first"
    return Reply(550, "7.1", text)


def too_large(max_message_bytes: int) -> Reply:
    """RFC 1870 section 6: at MAIL when declared, after the data when not."""
    return Reply(552, "3.4", f"Message too large; the limit is {max_message_bytes} bytes")


def bad_value(keyword: str) -> Reply:
    """RFC 3461 section 5.1 and others: the value of one parameter."""
    return Reply(501, "5.4", f"Bad value of the parameter {keyword}")


def not_your_sender(address: str) -> Reply:
    """RFC 6409 section 6.1: MAIL FROM is not what this log-in may send as."""
    return Reply(
        553, "7.1", f"Sender refused; send MAIL FROM:<{address}>, the address you log in as"
    )


def from_several_addresses(address: str) -> Reply:
    """RFC 6409 section 6.1, for the header From."""
    return Reply(550, "7.1", f"From header has several addresses; it must have {address} only")


def from_malformed(address: str) -> Reply:
    """RFC 5322 section 3.6.2."""
    return Reply(550, "7.1", f"From header cannot be read; write From: Name <{address}>")


def from_not_sender(address: str) -> Reply:
    """RFC 6409 section 6.1, for the header From."""
    return Reply(550, "7.1", f"From header must be {address}, the address you log in as")


def suppressed(why: Suppressed) -> Reply:
    """RFC 5321 section 3.3 lets RCPT say it, so that no mail is accepted and dropped."""
    whom = f"to the domain {why.domain}" if why.domain else "to this address"
    text = (
        f"No mail is sent {whom} since {why.since:%Y-%m-%d}: {why.reason};"
        " to lift it, see Suppressions in the console"
    )
    return Reply(550, "1.1" if why.is_unknown_mailbox else "7.1", text)


def queued(queue_id: str) -> Reply:
    """The promise: the mail is committed with all its recipients."""
    return Reply(250, "0.0", f"Ok: queued as {queue_id}")


def greeting(hostname: str) -> bytes:
    """RFC 5321 section 4.2; no enhanced code."""
    return f"220 {hostname} ESMTP DirectMail\r\n".encode()


def hello(hostname: str, keywords: tuple[str, ...] = ()) -> bytes:
    """The reply to HELO, and with keywords to EHLO: RFC 5321 section 4.1.1.1."""
    return _on_the_wire(250, "", "\n".join((hostname, *keywords)))
