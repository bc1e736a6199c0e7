"""How a sender domain looks to scripts: the one JSON shape of the commands."""

from datetime import datetime

from senders.domains.shown import ShownRecord, show
from senders.domains.wording import problem_of
from senders.models import SenderDomain

Shape = dict[str, object]


def as_shape(row: SenderDomain, now: datetime) -> Shape:
    """Facts in JSON's types; times are ISO 8601 in UTC, null where there is none."""
    shown = show(row, now)
    return {
        "domain": row.domain,
        "state": shown.state,
        "counts": row.counts(now),
        "verified_at": _iso(row.verified_at),
        "failing_since": _iso(row.failing_since),
        "stops_at": _iso(row.stops_at),
        "checked_at": _iso(row.checked_at),
        "return_path_host": row.return_path_host,
        "records": [_record(each) for each in shown.records],
        "below": [
            {"domain": each.domain, "passes_dmarc": each.verdict.passes} for each in shown.authors
        ],
    }


def as_lines(row: SenderDomain, now: datetime) -> list[str]:
    """The same for people: the domain, and below it each record that is not found."""
    shown = show(row, now)
    missing = (f"  {each.title}: {each.badge[2]}  {each.problem}" for each in shown.missing)
    failing = (f"  {each.display_domain}: {each.advice}" for each in shown.authors if each.advice)
    lines = (line.rstrip() for line in (*missing, *failing))
    return [f"{row.display_domain}  {shown.state}", *lines]


def _record(each: ShownRecord) -> Shape:
    finding = each.finding
    return {
        "kind": finding.kind,
        "type": finding.record_type,
        "name": finding.name,
        "wanted": finding.wanted,
        "found": list(finding.found),
        "state": finding.state if each.is_checked else "unchecked",
        "problem": problem_of(finding) or None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
