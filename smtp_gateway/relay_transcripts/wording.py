"""Sentences for what happened beside the words of a dialogue."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay_transcripts.packing import Line


def event_sentence(line: Line) -> str:
    """What a line of speaker `event` tells."""
    detail = line.detail
    sentence = _plain(line.words, detail) or _fault(line.words)
    if not sentence:
        return f"{line.words}: {detail}" if detail else line.words
    if line.words not in _DETAILED or not detail:
        return sentence
    return _("%(sentence)s %(detail)s") % {"sentence": sentence, "detail": _sentence(detail)}


def gap_sentence(line: Line) -> str:
    """How much is left out, of speaker `gap`."""
    number = int(line.words) if line.words.isdecimal() else 0
    return ngettext("%(number)d line left out", "%(number)d lines left out", number) % {
        "number": number
    }


def _plain(code: str, detail: str) -> str:
    match code:
        case "connecting":
            return _("Connecting to %(host)s.") % {"host": detail}
        case "connected":
            return _("Connected to %(address)s.") % {"address": detail}
        case "tls":
            return _("Protected from here on: %(tls)s.") % {"tls": detail}
    return ""


# Their detail is the system's or the library's own cause, in its words.
_DETAILED = {
    "next-hop-unreachable",
    "next-hop-connection-lost",
    "next-hop-protocol-error",
    "next-hop-tls-failed",
    "next-hop-auth-failed",
    "dns-failed",
}


def _fault(code: str) -> str:
    return {
        "next-hop-unreachable": _("No connection came about."),
        "next-hop-connection-lost": _("The connection broke off."),
        "next-hop-timeout": _("No answer came in time."),
        "next-hop-protocol-error": _("What came was no SMTP."),
        "next-hop-tls-failed": _("No TLS connection came about."),
        "next-hop-auth-failed": _("The log-in was not possible."),
        "relay-stopped": _("The relay was stopped here."),
        "relay-fault": _("The relay failed here; its log has the cause."),
        "dns-failed": _("DNS gave no answer that helps."),
    }.get(code, "")


def _sentence(detail: str) -> str:
    told = recorded(detail)
    told = f"{told[:1].upper()}{told[1:]}"
    is_ended = told.endswith((".", ")", "。", "）"))
    return told if is_ended else _("%(words)s.") % {"words": told}
