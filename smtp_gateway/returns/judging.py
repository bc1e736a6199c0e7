"""What a bounce means, by the same rules as a reply that a next hop gives at once. Pure."""

import re
from dataclasses import dataclass

from smtp_gateway.relay.classify import RULES
from smtp_gateway.relay.stage import Stage
from smtp_gateway.returns.reading.said import MAX_DIAGNOSTIC_CHARS, Said

_CODE = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ -])")
_STATUS = re.compile(r"#?[245]\.\d{1,3}\.\d{1,3}(?!\d)")
_VAGUE = ("5.0.0", "4.0.0", "")


@dataclass(frozen=True, slots=True)
class Judged:
    """What follows from a bounce."""

    category: str
    fault: str
    is_hard: bool
    """For good: nothing more is to be sent there."""
    may_pass: bool
    """The recipient's fault, but not for ever, such as a full mailbox; or one sender's alone."""
    reply: str
    """As a reply of a server, with its code."""


def judge(said: Said) -> Judged:
    """Of a mail that came back as failed."""
    reply, stage = _reply(said), _stage(said.diagnostic)
    category = RULES.find(stage, reply).category
    is_permanent = reply.startswith("5")
    return Judged(
        category.name,
        category.fault,
        is_hard=category.suppresses == "hard" and is_permanent,
        may_pass=category.suppresses == "soft"
        or (category.suppresses == "sender" and is_permanent),
        reply=reply,
    )


def _reply(said: Said) -> str:
    """The server's own words from their code on, with the report's status where they have none."""
    found = _CODE.search(said.diagnostic)
    if found:
        code, rest = found[1], said.diagnostic[found.end() :].lstrip(" -")
    else:
        code, rest = ("450" if said.status.startswith("4") else "550"), said.diagnostic
    if said.status not in _VAGUE and not _STATUS.match(rest):
        rest = f"{said.status} {rest}"
    return f"{code} {rest}".strip()[:MAX_DIAGNOSTIC_CHARS]


def _stage(diagnostic: str) -> Stage:
    told = diagnostic.upper()
    if "END OF DATA" in told:
        return Stage.FINAL_DOT
    return Stage.MAIL if "REPLY TO MAIL FROM" in told else Stage.RCPT
