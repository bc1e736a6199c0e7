"""A route in words: which mail it takes, where it leads, what is wrong with it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtp_gateway.relay.domain_patterns import shown
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.routing import RouteSpec

_NAMED_DOMAINS = 3
_MAIL = {"": "All mail", "trigger": "Trigger Mail", "batch": "Batch Mail"}
_PROTECTION = {
    Security.WHEN_OFFERED: "STARTTLS where it is offered",
    Security.REQUIRED: "STARTTLS, required",
    Security.IMPLICIT: "TLS from the start",
    Security.NEVER: "No TLS",
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
    sender = f" from {_domain_words(spec.sender_domains)}" if spec.sender_domains else ""
    recipient = f" to {_domain_words(spec.recipient_domains)}" if spec.recipient_domains else ""
    return f"{_MAIL[spec.mail_type]}{sender}{recipient}"


def where_words(spec: RouteSpec) -> str:
    """Where it leads, in a few words and without credentials."""
    match spec.kind:
        case "mx":
            return "Straight to the recipients' mail servers"
        case "mailbox":
            return "Stays in the local mailbox"
    return str(spec.hop) if spec.hop else "Nowhere at present"


def warnings_of(hop: NextHop, *, is_local: bool) -> list[str]:
    """Sentences about credentials that are in danger, or that never get through."""
    if not hop.user or is_local:
        return []
    if hop.security is Security.NEVER:
        return [
            "DirectMail never sends a password over a connection without TLS, so its mail will "
            "wait. Have it use TLS, or remove the user name."
        ]
    if not hop.verify_tls:
        return [
            "The certificate is not checked: whoever answers in the server's place gets the "
            "password."
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
    if len(patterns) > _NAMED_DOMAINS:
        return f"{', '.join(named)} or {len(patterns) - _NAMED_DOMAINS} more"
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def _hop_words(hop: NextHop | None) -> list[str]:
    if hop is None:
        return []
    is_checked = hop.verify_tls and hop.security is not Security.NEVER
    log_in = f"logs in as {hop.user}" if hop.user else "no log-in"
    checked = ", certificate checked" if is_checked else ""
    return [f"{_PROTECTION[hop.security]}{checked}", log_in]


def _limit_words(spec: RouteSpec) -> list[str]:
    if spec.kind == "mailbox":
        return []
    sources = [f"from {source}" for source in (spec.source_ipv4, spec.source_ipv6) if source]
    rate = [f"{spec.mails_per_minute} mails a minute"] if spec.mails_per_minute else []
    plural = "" if spec.max_connections == 1 else "s"
    return [*sources, f"up to {spec.max_connections} connection{plural}", *rate]
