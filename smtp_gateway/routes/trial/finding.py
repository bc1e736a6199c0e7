"""What the end of a test means, in plain words, and what to do about it.

Of what is no SMTP it says that alone: a test must not read other services out to anybody.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smtp_gateway.recorded.wording import recorded
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
    title: Promise
    """In the language of who reads it, whenever that is."""
    text: str


def works(*, tls: str, user: str, recipient: str) -> Finding:
    """Everything was answered as it should be. `tls`: version and cipher; empty: none."""
    words = {"how": _how(tls, user), "recipient": recipient}
    if recipient:
        text = _(
            "DirectMail connected, %(how)s. It would take mail to %(recipient)s. No mail was sent."
        )
    else:
        text = _("DirectMail connected, %(how)s. No mail was sent.")
    if not tls:
        text = _("%(text)s Without TLS others on the way can read the mail.") % {
            "text": text % words
        }
        return Finding(True, gettext_lazy("This route works"), text)
    return Finding(True, gettext_lazy("This route works"), text % words)


def _how(tls: str, user: str) -> str:
    words = {"tls": tls.partition(" ")[0], "user": user}
    if tls and user:
        return _("protected by %(tls)s, logged in as %(user)s") % words
    if tls:
        return _("protected by %(tls)s") % words
    return _("without TLS, logged in as %(user)s") % words if user else _("without TLS")


def took_too_long(seconds: float) -> Finding:
    """The whole test did."""
    text = _(
        "The test was ended after %(seconds)s seconds. The relay is more patient, but a server "
        "that slow delays mail: ask whoever runs it."
    )
    return Finding(False, gettext_lazy("It takes too long"), text % {"seconds": f"{seconds:g}"})


def too_many() -> Finding:
    """Each test holds a thread of the console."""
    text = _("Other tests are running. Try again in half a minute.")
    return Finding(False, gettext_lazy("Not tested"), text)


def finding_of(ending: Ending, hop: NextHop) -> Finding:
    """Why the conversation with `hop` ended, and what to do."""
    title, text = _by_reply(ending, hop) if ending.reply else _by_fault(ending, hop)
    if ending.reply and ending.reply.code // 100 == 4:
        text = _("%(text)s It may pass: try again in a few minutes.") % {"text": text}
    return Finding(False, title, text)


def _by_reply(ending: Ending, hop: NextHop) -> tuple[Promise, str]:
    if ending.reply and ending.reply.code in _LOG_IN_FIRST:
        return gettext_lazy("A log-in is asked for"), _(
            "The server wants to know who sends before it takes mail: enter user name and "
            "password, with TLS."
        )
    match ending.stage:
        case Stage.AUTH:
            return gettext_lazy("Log-in refused"), _(
                "The server does not take user name %(user)s with this password. Check both; some "
                "providers want an application password or an API key."
            ) % {"user": hop.user}
        case Stage.STARTTLS:
            return gettext_lazy("TLS refused"), _(
                "The server offers STARTTLS and then refuses it. Ask whoever runs it, or try TLS "
                "from the start on port 465."
            )
        case Stage.MAIL:
            return gettext_lazy("Sender refused"), _(
                "The server does not take mail from this sender: its reply says why. Many take "
                "only senders that are set up with them."
            )
        case Stage.RCPT:
            return gettext_lazy("Recipient refused"), _(
                "The server does not take mail to this recipient: its reply says why. If it speaks "
                "of relaying, it wants a log-in, or does not know this machine."
            )
    return gettext_lazy("Turned away"), _(
        "The server does not talk to us: its reply says why. If it names this machine's address or "
        "name, look at SMTP_HOSTNAME and the source address."
    )


def _by_fault(ending: Ending, hop: NextHop) -> tuple[Promise, str]:
    match ending.fault:
        case Fault.UNREACHABLE:
            return gettext_lazy("Cannot be reached"), _unreachable(ending.detail.lower(), hop)
        case Fault.TIMEOUT:
            return gettext_lazy("No answer in time"), _silent(ending, hop)
        case Fault.LOST:
            return gettext_lazy("The server hung up"), _hung_up(ending, hop)
        case Fault.TLS:
            return gettext_lazy("No TLS"), _no_tls(ending, hop)
        case Fault.AUTH:
            return gettext_lazy("Cannot log in"), _no_log_in(ending.detail)
        case Fault.PROTOCOL:
            return gettext_lazy("That is no SMTP server"), _(
                "What answers at %(hop)s does not speak SMTP as it should. Check host and port."
            ) % {"hop": hop}
    cause = recorded(ending.detail) or _("The log of the console has the cause")
    return gettext_lazy("It did not work"), _("%(words)s.") % {"words": cause}


def _unreachable(detail: str, hop: NextHop) -> str:
    words = {"hop": hop, "host": hop.host}
    if _NO_NAME.search(detail):
        return _("DNS knows no %(host)s. Check how it is written.") % words
    if _DNS_AWAY.search(detail):
        return _("%(host)s cannot be looked up: this machine's DNS does not answer.") % words
    if _NO_SOURCE.search(detail):
        return _("The source address cannot be used on this machine. Choose another, or none.")
    if _NO_ROUTE.search(detail):
        return _("This machine has no way to %(hop)s. Check the address, and the network.") % words
    if "no answer within" in detail:
        return (
            _(
                "Nothing answers at %(hop)s. A firewall may drop it, here or there: many providers "
                "block port 25. Check host and port, and try 587 or 465."
            )
            % words
        )
    return _("Nobody listens at %(hop)s. Check host and port, and whether the server runs.") % words


def _silent(ending: Ending, hop: NextHop) -> str:
    if ending.stage is Stage.GREETING and hop.security is not Security.IMPLICIT:
        text = _(
            "%(hop)s takes the connection and does not greet. It may expect TLS from the start: "
            "choose that if the port is 465. Some servers also let strangers wait on purpose."
        )
    else:
        text = _("%(hop)s stopped answering. It may be busy: try again, or ask whoever runs it.")
    return text % {"hop": hop}


def _hung_up(ending: Ending, hop: NextHop) -> str:
    if ending.stage is Stage.GREETING:
        text = _(
            "%(hop)s closed the connection without a greeting. It may not like this machine's "
            "address, or expect TLS from the start: choose that if the port is 465."
        )
    else:
        text = _(
            "%(hop)s closed the connection in the middle. Ask whoever runs it what its log says."
        )
    return text % {"hop": hop}


def _no_tls(ending: Ending, hop: NextHop) -> str:
    words = {"hop": hop, "detail": recorded(ending.detail) or _("without a cause")}
    if "certificate" in ending.detail:
        text = _(
            "The connection can be protected, but %(detail)s. Use the host name that the "
            "certificate is for. For a server of yours with a certificate of its own, switch "
            "checking off."
        )
    elif "no STARTTLS" in ending.detail:
        text = _(
            "The server offers no STARTTLS, and this route requires it. If the port is 465, choose "
            "TLS from the start; else ask whoever runs it to switch TLS on."
        )
    elif hop.security is Security.IMPLICIT and _NO_TLS_THERE.search(ending.detail):
        text = _(
            "What answers at %(hop)s does not begin with TLS. On ports 587 and 25 choose STARTTLS, "
            "required."
        )
    else:
        text = _("The TLS handshake failed (%(detail)s). Ask whoever runs it.")
    return text % words


def _no_log_in(detail: str) -> str:
    if "not protected" in detail:
        return _(
            "The connection has no TLS, and DirectMail never sends a password in the clear. Choose "
            "STARTTLS, required, or TLS from the start."
        )
    return _(
        "The server offers neither AUTH PLAIN nor AUTH LOGIN. Many offer them only with TLS; if it "
        "knows this machine by its address, remove the user name."
    )
