"""What the end of an attempt means for the mail: relayed, deferred, bounced or uncertain, and why.

Pure: knows no Django, no broker, no sockets. What a refusal is about is read from `rules/`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Literal

from smtp_gateway.relay import rules_file
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay.reply_rules import Category, Culprit
from smtp_gateway.relay.stage import Stage
from smtp_gateway.relay.waiting_hint import waiting_hint

__all__ = ["RULES", "Ending", "Fault", "Stage", "Verdict", "judge"]

# At import, so that a mistake in the rules stops the relay before it has a mail in hand.
RULES = rules_file.load()


class Fault(Enum):
    """Why there was no reply to judge, or none that may be judged."""

    UNREACHABLE = "next-hop-unreachable"
    LOST = "next-hop-connection-lost"
    TIMEOUT = "next-hop-timeout"
    PROTOCOL = "next-hop-protocol-error"
    TLS = "next-hop-tls-failed"
    AUTH = "next-hop-auth-failed"
    NO_SMTPUTF8 = "next-hop-without-smtputf8"
    STOPPED = "relay-stopped"
    RELAY = "relay-fault"
    NULL_MX = "domain-takes-no-mail"
    NO_DOMAIN = "domain-does-not-exist"
    DNS = "dns-failed"


@dataclass(frozen=True, slots=True)
class Ending:
    """How the attempt for one recipient ended: with a reply, or with a fault."""

    stage: Stage
    reply: Reply | None = None
    fault: Fault | None = None
    detail: str = ""
    """A fault's cause, in words that fit after a colon; of what DNS says, a whole sentence."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an ending; `reason` is one sentence for the mail log."""

    name: Literal["relayed", "deferred", "bounced", "uncertain"]
    reason_code: str = ""
    reason: str = ""
    reply: str = ""
    category: str = ""
    """What it is about: a name in `rules/categories.toml`; "" where nothing was refused."""
    fault: Culprit = ""
    """Whose fault it is; only "recipient" counts against the recipient's address."""
    advice: str = ""
    """What to do, one sentence."""
    retry_after: timedelta | None = None
    """The shortest wait before the next attempt; None: as the ladder says."""
    stage: Stage = Stage.FINAL_DOT
    """How far the conversation had come."""


_ABOUT_US = {Stage.CONNECT, Stage.GREETING, Stage.HELLO, Stage.STARTTLS, Stage.AUTH}
# RFC 4954 section 6: log in, or protect the connection, first. The route's fault, not the mail's.
_LOG_IN_FIRST = {530, 534, 535, 538}
# RFC 5321 section 4.5.3.2.6: who had the complete mail and was not heard may have taken it.
_UNHEARD = {
    Fault.LOST: "{} gave no answer to the complete mail",
    Fault.TIMEOUT: "{} gave no answer to the complete mail",
    Fault.PROTOCOL: "{} gave no answer to the complete mail that is SMTP",
    Fault.STOPPED: "The relay was stopped before {} answered the complete mail",
}


def judge(ending: Ending, next_hop: str) -> Verdict:
    """The verdict on one recipient's ending at `next_hop`."""
    if ending.reply is None:
        verdict = _judge_fault(ending, next_hop)
        return _about(verdict, RULES.categories.get(verdict.reason_code), ending.stage)
    if ending.stage is Stage.FINAL_DOT and ending.reply.kind == 2:
        return Verdict("relayed", reply=str(ending.reply))
    category = RULES.find(ending.stage, str(ending.reply)).category
    verdict = _judge_reply(ending.stage, ending.reply, next_hop, category)
    return _about(verdict, category, ending.stage)


def _about(verdict: Verdict, category: Category | None, stage: Stage) -> Verdict:
    if category is None:
        return replace(verdict, stage=stage)
    wait = None
    if verdict.name == "deferred":
        wait = waiting_hint(verdict.reply) or category.wait
    return replace(
        verdict,
        category=category.name,
        fault=category.fault,
        advice=category.advice,
        retry_after=wait,
        stage=stage,
    )


def _judge_reply(stage: Stage, reply: Reply, next_hop: str, category: Category) -> Verdict:
    said = str(reply)
    if stage is Stage.STARTTLS:
        reason = f"{next_hop} refused to start TLS: {said}"
        return Verdict("deferred", Fault.TLS.value, reason, said)
    if stage is Stage.AUTH or (reply.code in _LOG_IN_FIRST):
        reason = f"{next_hop} refused our log-in; check user and password of its route: {said}"
        return Verdict("deferred", Fault.AUTH.value, reason, said)
    if reply.kind not in (4, 5):
        reason = f"{next_hop} gave an answer that does not fit {stage.value}: {said}"
        return Verdict("deferred", Fault.PROTOCOL.value, reason, said)
    if stage in _ABOUT_US:
        reason = f"{next_hop} does not talk to us now: {said}"
        return Verdict("deferred", "next-hop-refused-connection", reason, said)
    return _judge_refusal(stage, reply, next_hop, category)


def _judge_refusal(stage: Stage, reply: Reply, next_hop: str, category: Category) -> Verdict:
    said = str(reply)
    # RFC 5321 section 4.5.3.1.10: 552 to RCPT is an old way to say "too many recipients".
    if reply.kind == 4 or (stage is Stage.RCPT and reply.code == 552):
        reason = f"{next_hop} does not take the mail now: {said}"
        return Verdict("deferred", "next-hop-deferred", reason, said)
    if category.is_deferred:
        reason = f"{next_hop} refused, but not because of this mail; it is tried again: {said}"
        return Verdict("deferred", "next-hop-deferred", reason, said)
    whom = {Stage.MAIL: "sender", Stage.RCPT: "recipient"}.get(stage, "mail")
    reason = f"{next_hop} refused this {whom}: {said}"
    return Verdict("bounced", f"next-hop-refused-{whom}", reason, said)


def _judge_fault(ending: Ending, next_hop: str) -> Verdict:
    fault = ending.fault or Fault.RELAY
    if ending.stage is Stage.FINAL_DOT and fault in _UNHEARD:
        reason = _UNHEARD[fault].format(next_hop)
        reason += "; it may have taken it already, so the recipient may get it twice."
        return Verdict("uncertain", fault.value, reason)
    detail = f": {ending.detail}" if ending.detail else ""
    name: Literal["deferred", "bounced"] = "deferred"
    match fault:
        case Fault.UNREACHABLE:
            reason = f"{next_hop} cannot be reached{detail}"
        case Fault.LOST:
            reason = f"{next_hop} closed the connection while {_doing(ending.stage)}"
        case Fault.TIMEOUT:
            reason = f"{next_hop} gave no answer in time while {_doing(ending.stage)}"
        case Fault.PROTOCOL:
            reason = f"{next_hop} does not speak SMTP as it should{detail}"
        case Fault.TLS:
            reason = f"No TLS connection to {next_hop}{detail}"
        case Fault.AUTH:
            reason = f"Cannot log in to {next_hop}{detail}"
        case Fault.NO_SMTPUTF8:
            name = "bounced"
            reason = f"{next_hop} does not take addresses or headers outside ASCII (5.6.7)"
        case Fault.STOPPED:
            reason = "The relay was stopped during this attempt; the mail is tried again"
        case Fault.RELAY:
            reason = "The relay failed in a way nobody foresaw; its log has the cause"
        case Fault.NULL_MX:
            name, reason = "bounced", ending.detail or f"{next_hop} takes no mail"
        case Fault.NO_DOMAIN:
            name, reason = "bounced", ending.detail or f"{next_hop} does not exist"
        case Fault.DNS:
            reason = ending.detail or f"{next_hop} cannot be looked up"
    return Verdict(name, fault.value, f"{reason}.")


def _doing(stage: Stage) -> str:
    plain = {Stage.CONNECT, Stage.GREETING, Stage.FINAL_DOT}
    return stage.value if stage in plain else f"answering {stage.value}"
