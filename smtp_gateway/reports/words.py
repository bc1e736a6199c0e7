"""A report in plain words, for the people who read it. Pure.

Lines are not cut: replies are somebody's very words, and phones cut lines better.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from smtp_gateway import dsn
from smtp_gateway.queue.due_report import Kind
from smtp_gateway.queue.report_values import Notice, ReportedMail
from smtp_gateway.reports.advice import advice

# The worst first: it is what the subject says.
KINDS: tuple[Kind, ...] = ("failed", "delayed", "relayed", "delivered")
SUBJECT_WORDS: Mapping[Kind, str] = {
    "failed": "Not delivered",
    "delayed": "Delayed",
    "relayed": "Relayed",
    "delivered": "Delivered",
}
_HEADINGS: Mapping[Kind, str] = {
    "failed": "Not delivered, and not tried again:",
    "delayed": "Delayed. It is tried again until {until}; do not send it again:",
    "relayed": "Relayed to a mail server that sends no reports of its own:",
    "delivered": "Delivered into the local mailbox of DirectMail:",
}


_DELIVERED_ELSEWHERE = "Delivered, as a mail server on the way reported:"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words depend on besides the mail."""

    host_name: str
    zone: tzinfo
    mail_url: str
    """The page of the mail in the console."""
    advice_by_category: Mapping[str, str] = field(default_factory=dict)


def report_subject(mail: ReportedMail, notices: Sequence[Notice]) -> str:
    """As in "Not delivered: Your order"; one line."""
    worst = next(kind for kind in KINDS if any(notice.kind == kind for notice in notices))
    subject = "".join(c if c.isprintable() else " " for c in mail.subject).strip()
    return f"{SUBJECT_WORDS[worst]}: {textwrap.shorten(subject, 120) or '(no subject)'}"


def report_text(mail: ReportedMail, notices: Sequence[Notice], reading: Reading) -> str:
    """Which recipient, what happened, the next hop's very words, and what to do."""
    paragraphs = [
        f"This is DirectMail on {reading.host_name}. It reports on a mail of yours:",
        "\n".join(_facts(mail, reading)),
    ]
    for heading in (*_HEADINGS.values(), _DELIVERED_ELSEWHERE):
        told = [notice for notice in notices if _heading(notice) == heading]
        if told:
            until = _time(mail.expires_at, reading.zone)
            paragraphs.append(heading.format(until=until))
            paragraphs += ["\n".join(_about(notice, reading)) for notice in told]
    paragraphs.append(f"Its page in the Mail Log:\n{reading.mail_url}")
    paragraphs.append("A program wrote this report; nobody reads replies to it.")
    return "\n\n".join(paragraphs) + "\n"


def _heading(notice: Notice) -> str:
    is_elsewhere = notice.kind == "delivered" and bool(notice.last.next_hop)
    return _DELIVERED_ELSEWHERE if is_elsewhere else _HEADINGS[notice.kind]


def _facts(mail: ReportedMail, reading: Reading) -> Iterator[str]:
    yield f"Sent as:  {mail.mail_from}"
    if mail.subject:
        yield f"Subject:  {textwrap.shorten(mail.subject, 300)}"
    yield f"Accepted: {_time(mail.accepted_at, reading.zone)}"
    if mail.dsn.envid:
        yield f"Envelope: {dsn.readable_envid(mail.dsn.envid)}"
    yield f"Queue ID: {mail.queue_id}"


def _about(notice: Notice, reading: Reading) -> Iterator[str]:
    yield notice.recipient
    first = dsn.readable_orcpt(notice.orcpt) if notice.orcpt else notice.recipient
    if first != notice.recipient:
        yield f"  First addressed to {first}"
    reason, reply = notice.reason, notice.last.reply
    if reply and reason.endswith(reply):
        reason = reason.removesuffix(reply).rstrip()
    elif reply and notice.kind != "delivered":
        reply = f"The next hop said: {reply}"
    yield from (f"  {text}" for text in (reason, reply) if text)
    if what_to_do := advice(notice, reading.advice_by_category):
        yield f"  What to do: {what_to_do}"


def _time(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%-d %B %Y, %H:%M %Z}"
