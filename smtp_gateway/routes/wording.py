"""A route in words: which mail it takes, where it leads, what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from smtp_gateway.relay.domain_patterns import shown
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.routing import RouteSpec

_NAMED_DOMAINS = 3
_MAIL = {
    "": gettext_lazy("All mail"),
    "trigger": gettext_lazy("Trigger Mail"),
    "batch": gettext_lazy("Batch Mail"),
}
_PROTECTION = {
    Security.WHEN_OFFERED: gettext_lazy("STARTTLS where it is offered"),
    Security.REQUIRED: gettext_lazy("STARTTLS, required"),
    Security.IMPLICIT: gettext_lazy("TLS from the start"),
    Security.NEVER: gettext_lazy("No TLS"),
}


@dataclass(frozen=True, slots=True)
class RouteWords:
    """What the list says of one route."""

    mail: str
    where: str
    details: Sequence[str] = ()
    """Protection, log-in, source address, limits; a few words each."""
    warnings: Sequence[str] = ()


def words_of(spec: RouteSpec, *, is_local: bool) -> RouteWords:
    """`is_local`: the next hop is on this machine, so nobody can listen on the way."""
    return RouteWords(
        mail=mail_words(spec),
        where=where_words(spec),
        details=[*_hop_words(spec.hop), *_limit_words(spec)],
        warnings=warnings_of(spec.hop, is_local=is_local) if spec.hop else (),
    )


def mail_words(spec: RouteSpec) -> str:
    """Which mail it takes, as in "Batch Mail from example.com to a.example or b.example"."""
    words = {
        "mail": _MAIL[spec.mail_type],
        "senders": _domain_words(spec.sender_domains),
        "recipients": _domain_words(spec.recipient_domains),
    }
    if spec.sender_domains and spec.recipient_domains:
        return _("%(mail)s from %(senders)s to %(recipients)s") % words
    if spec.sender_domains:
        return _("%(mail)s from %(senders)s") % words
    if spec.recipient_domains:
        return _("%(mail)s to %(recipients)s") % words
    return str(words["mail"])


def where_words(spec: RouteSpec) -> str:
    """Where it leads, in a few words and without credentials."""
    match spec.kind:
        case "mx":
            return _("Straight to the recipients' mail servers")
        case "mailbox":
            return _("Stays in the local mailbox")
    return str(spec.hop) if spec.hop else _("Nowhere at present")


def warnings_of(hop: NextHop, *, is_local: bool) -> list[str]:
    """Sentences about credentials that are in danger, or that never get through."""
    if not hop.user or is_local:
        return []
    if hop.security is Security.NEVER:
        return [
            _(
                "DirectMail never sends a password over a connection without TLS, so its mail will "
                "wait. Have it use TLS, or remove the user name."
            )
        ]
    if not hop.verify_tls:
        return [
            _(
                "The certificate is not checked: whoever answers in the server's place gets the "
                "password."
            )
        ]
    return []


def shadowed(specs: Iterable[tuple[RouteSpec, bool]]) -> dict[int, str]:
    """Routes that no mail reaches, and the enabled one before them that takes everything."""
    found: dict[int, str] = {}
    takes_all = ""
    for spec, is_enabled in specs:
        if takes_all:
            found[spec.route_id] = takes_all
        elif is_enabled and not (spec.mail_type or spec.sender_domains or spec.recipient_domains):
            takes_all = spec.name
    return found


def _domain_words(patterns: Sequence[str]) -> str:
    named = [shown(pattern) for pattern in patterns[:_NAMED_DOMAINS]]
    comma = pgettext("between the parts of a list", ", ")
    if len(patterns) > _NAMED_DOMAINS:
        more = len(patterns) - _NAMED_DOMAINS
        words = ngettext("%(domains)s or %(count)s more", "%(domains)s or %(count)s more", more)
        return words % {"domains": comma.join(named), "count": more}
    if len(named) < 2:
        return "".join(named)
    return _("%(domains)s or %(last)s") % {"domains": comma.join(named[:-1]), "last": named[-1]}


def _hop_words(hop: NextHop | None) -> list[str]:
    if hop is None:
        return []
    protection = str(_PROTECTION[hop.security])
    if hop.verify_tls and hop.security is not Security.NEVER:
        protection = _("%(protection)s, certificate checked") % {"protection": protection}
    log_in = _("logs in as %(user)s") % {"user": hop.user} if hop.user else _("no log-in")
    return [protection, log_in]


def _limit_words(spec: RouteSpec) -> list[str]:
    if spec.kind == "mailbox":
        return []
    sources = [
        _("from %(address)s") % {"address": source}
        for source in (spec.source_ipv4, spec.source_ipv6)
        if source
    ]
    connections = ngettext(
        "up to %(count)s connection", "up to %(count)s connections", spec.max_connections
    ) % {"count": spec.max_connections}
    return [*sources, connections, *_rate_words(spec.mails_per_minute)]


def _rate_words(mails_per_minute: int | None) -> list[str]:
    if not mails_per_minute:
        return []
    words = ngettext("%(count)s mail a minute", "%(count)s mails a minute", mails_per_minute)
    return [words % {"count": mails_per_minute}]
