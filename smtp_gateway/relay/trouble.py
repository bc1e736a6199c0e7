"""Whether a reply is about a whole destination, and not about one mail or its sender. Pure."""

from datetime import timedelta

from smtp_gateway.relay.classify import Fault, Stage, Verdict
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
_OF_A_MAIL = frozenset({Stage.RCPT, Stage.DATA, Stage.FINAL_DOT})


def is_trouble(verdict: Verdict, *, is_receiver: bool) -> bool:
    """Whether it had no room for us. `is_receiver`: it takes mail for itself, not to pass it on."""
    if verdict.name not in ("deferred", "uncertain"):
        return False
    if is_of_one_mail(verdict, is_receiver=is_receiver):
        return False
    return (
        verdict.category in _NO_ROOM
        or verdict.reply.startswith("421")
        or (is_receiver and verdict.category in _NOT_US)
    )


def is_of_one_mail(verdict: Verdict, *, is_receiver: bool) -> bool:
    """Whether the next hop talks to us, and what it has no room for may be this mail alone.

    A smarthost that has taken MAIL may say of one recipient what his own server, its own look-ups
    or a filter had to say. A receiver speaks for itself, and only mail for its own domain waits.
    421 closes the connection (RFC 5321 section 3.8), and a rate is ours whenever it is said. A
    command that is not understood is of this conversation, whoever says so.
    """
    return (
        (not is_receiver or verdict.category == Fault.PROTOCOL.value)
        and verdict.name == "deferred"
        and verdict.stage in _OF_A_MAIL
        and verdict.reply != ""
        and not verdict.reply.startswith("421")
        and verdict.category in _NO_ROOM - {"rate-limited"}
    )


def asked_pause(verdict: Verdict) -> timedelta | None:
    """How long the destination asks to be left alone, by its own words; None: it does not."""
    if verdict.category in _ASKING or verdict.reply.startswith("421"):
        return waiting_hint(verdict.reply)
    return None
