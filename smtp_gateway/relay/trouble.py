"""Whether a reply is about a whole destination, and not about one mail or its sender. Pure."""

from datetime import timedelta

from smtp_gateway.relay.classify import Verdict
from smtp_gateway.relay.waiting_hint import waiting_hint

# Whoever the mail is from or to.
_NO_ROOM = frozenset(
    {
        "connection-refused",
        "dns-failed",
        "next-hop-auth-failed",
        "next-hop-connection-lost",
        "next-hop-protocol-error",
        "next-hop-timeout",
        "next-hop-tls-failed",
        "next-hop-unreachable",
        "rate-limited",
        "temporary-trouble",
    }
)
# Said by a receiver it holds for all mail to it; a smarthost may repeat what one receiver said.
_NOT_US = frozenset({"our-account-blocked", "our-ip-blocked", "reverse-dns", "tls-required"})
_ASKING = frozenset({"connection-refused", "rate-limited"})


def is_trouble(verdict: Verdict, *, is_receiver: bool) -> bool:
    """Whether it had no room for us. `is_receiver`: it takes mail for itself, not to pass it on."""
    if verdict.name not in ("deferred", "uncertain"):
        return False
    return (
        verdict.category in _NO_ROOM
        or verdict.reply.startswith("421")
        or (is_receiver and verdict.category in _NOT_US)
    )


def asked_pause(verdict: Verdict) -> timedelta | None:
    """How long the destination asks to be left alone, by its own words; None: it does not."""
    if verdict.category in _ASKING or verdict.reply.startswith("421"):
        return waiting_hint(verdict.reply)
    return None
