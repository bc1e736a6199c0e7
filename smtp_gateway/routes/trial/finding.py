"""What the end of a test means, in plain words, and what to do about it. Pure.

Of what is no SMTP it says that alone: a test must not read other services out to anybody.
"""

import re
from dataclasses import dataclass

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.next_hop import NextHop, Security

_NO_NAME = re.compile(r"name or service not known|no address associated|nodename nor servname")
_DNS_AWAY = re.compile(r"temporary failure in name resolution")
_NO_ROUTE = re.compile(r"unreachable|no route")
_NO_SOURCE = re.compile(r"bind|assign")
_NO_TLS_THERE = re.compile(
    r"wrong.version|record.layer|unexpected.eof|packet.length", re.IGNORECASE
)
# RFC 4954 section 6.
_LOG_IN_FIRST = {530, 538}


@dataclass(frozen=True, slots=True)
class Finding:
    """The last sentence of a test."""

    is_good: bool
    title: str
    text: str


def works(*, tls: str, user: str, recipient: str) -> Finding:
    """Everything was answered as it should be. `tls`: version and cipher; empty: none."""
    log_in = f", logged in as {user}" if user else ""
    protected = f"protected by {tls.partition(' ')[0]}" if tls else "without TLS"
    taken = f"It would take mail to {recipient}. " if recipient else ""
    plain = "" if tls else " Without TLS others on the way can read the mail."
    text = f"DirectMail connected, {protected}{log_in}. {taken}No mail was sent.{plain}"
    return Finding(is_good=True, title="This route works", text=text)


def took_too_long(seconds: float) -> Finding:
    """The whole test did."""
    return Finding(
        is_good=False,
        title="It takes too long",
        text=f"The test was ended after {seconds:g} seconds. The relay is more patient, but a "
        "server that slow delays mail: ask whoever runs it.",
    )


def too_many() -> Finding:
    """Each test holds a thread of the console."""
    return Finding(
        is_good=False,
        title="Not tested",
        text="Other tests are running. Try again in half a minute.",
    )


def finding_of(ending: Ending, hop: NextHop) -> Finding:
    """Why the conversation with `hop` ended, and what to do."""
    title, text = _by_reply(ending, hop) if ending.reply else _by_fault(ending, hop)
    return Finding(is_good=False, title=title, text=text)


def _by_reply(ending: Ending, hop: NextHop) -> tuple[str, str]:
    code = ending.reply.code if ending.reply else 0
    for_now = " That may pass: try again in a few minutes." if code // 100 == 4 else ""
    if code in _LOG_IN_FIRST:
        return "A log-in is asked for", (
            "The server wants to know who sends before it takes mail: enter user name and "
            "password, with TLS."
        )
    match ending.stage:
        case Stage.AUTH:
            return "Log-in refused", (
                f"The server does not take user name {hop.user} with this password. Check both; "
                f"some providers want an application password or an API key.{for_now}"
            )
        case Stage.STARTTLS:
            return "TLS refused", (
                f"The server offers STARTTLS and then refuses it.{for_now or ' '}"
                "Ask whoever runs it, or try TLS from the start on port 465."
            )
        case Stage.MAIL:
            return "Sender refused", (
                f"The server does not take mail from this sender: its reply says why.{for_now} "
                "Many take only senders that are set up with them."
            )
        case Stage.RCPT:
            return "Recipient refused", (
                f"The server does not take mail to this recipient: its reply says why.{for_now} "
                "If it speaks of relaying, it wants a log-in, or does not know this machine."
            )
    return "Turned away", (
        f"The server does not talk to us: its reply says why.{for_now} If it names this machine's "
        "address or name, look at SMTP_HOSTNAME and the source address."
    )


def _by_fault(ending: Ending, hop: NextHop) -> tuple[str, str]:
    match ending.fault:
        case Fault.UNREACHABLE:
            return "Cannot be reached", _unreachable(ending.detail.lower(), hop)
        case Fault.TIMEOUT:
            return "No answer in time", _silent(ending, hop)
        case Fault.LOST:
            return "The server hung up", _hung_up(ending, hop)
        case Fault.TLS:
            return "No TLS", _no_tls(ending, hop)
        case Fault.AUTH:
            return "Cannot log in", _no_log_in(ending.detail)
        case Fault.PROTOCOL:
            return "That is no SMTP server", (
                f"What answers at {hop} does not speak SMTP as it should. Check host and port."
            )
    return "It did not work", f"{ending.detail or 'The log of the console has the cause'}."


def _unreachable(detail: str, hop: NextHop) -> str:
    if _NO_NAME.search(detail):
        return f"DNS knows no {hop.host}. Check how it is written."
    if _DNS_AWAY.search(detail):
        return f"{hop.host} cannot be looked up: this machine's DNS does not answer."
    if _NO_SOURCE.search(detail):
        return "The source address cannot be used on this machine. Choose another, or none."
    if _NO_ROUTE.search(detail):
        return f"This machine has no way to {hop}. Check the address, and the network."
    if "no answer within" in detail:
        return (
            f"Nothing answers at {hop}. A firewall may drop it, here or there: many providers "
            "block port 25. Check host and port, and try 587 or 465."
        )
    return f"Nobody listens at {hop}. Check host and port, and whether the server runs."


def _silent(ending: Ending, hop: NextHop) -> str:
    if ending.stage is Stage.GREETING and hop.security is not Security.IMPLICIT:
        return (
            f"{hop} takes the connection and does not greet. It may expect TLS from the start: "
            "choose that if the port is 465. Some servers also let strangers wait on purpose."
        )
    return f"{hop} stopped answering. It may be busy: try again, or ask whoever runs it."


def _hung_up(ending: Ending, hop: NextHop) -> str:
    if ending.stage is Stage.GREETING:
        return (
            f"{hop} closed the connection without a greeting. It may not like this machine's "
            "address, or expect TLS from the start: choose that if the port is 465."
        )
    return f"{hop} closed the connection in the middle. Ask whoever runs it what its log says."


def _no_tls(ending: Ending, hop: NextHop) -> str:
    if "certificate" in ending.detail:
        return (
            f"The connection can be protected, but {ending.detail}. Use the host name that the "
            "certificate is for. For a server of yours with a certificate of its own, switch "
            "checking off."
        )
    if "no STARTTLS" in ending.detail:
        return (
            "The server offers no STARTTLS, and this route requires it. If the port is 465, "
            "choose TLS from the start; else ask whoever runs it to switch TLS on."
        )
    if hop.security is Security.IMPLICIT and _NO_TLS_THERE.search(ending.detail):
        return (
            f"What answers at {hop} does not begin with TLS. On ports 587 and 25 choose STARTTLS, "
            "required."
        )
    return f"The TLS handshake failed ({ending.detail or 'without a cause'}). Ask whoever runs it."


def _no_log_in(detail: str) -> str:
    if "not protected" in detail:
        return (
            "The connection has no TLS, and DirectMail never sends a password in the clear. "
            "Choose STARTTLS, required, or TLS from the start."
        )
    return (
        "The server offers neither AUTH PLAIN nor AUTH LOGIN. Many offer them only with TLS; if "
        "it knows this machine by its address, remove the user name."
    )
