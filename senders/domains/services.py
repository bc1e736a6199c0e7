"""What an operator does to sender domains, and what a check does; pages and commands come here."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from senders import dkim_services
from senders.audit.recording import Values, record
from senders.audited import target_of_domain
from senders.dkim_key import DkimKey, KeyState
from senders.domains.authors import author_questions, look_at_author
from senders.domains.checking import Report, check, questions
from senders.domains.looking_up import LookUps
from senders.domains.reading import domains_below
from senders.domains.records import Author, KeyRecord, Subject
from senders.domains.rules import Standing, State
from senders.errors import InvalidField
from senders.models import FormerReturnHost, SenderDomain
from senders.sealing import NoKeyFits
from senders.sender_domain import GRACE

_TOKEN_BYTES = 16
_RETURN_PATH_LABEL = "bounces"
MOST_AUTHORS = 50
"""Domains below one that are looked at with it; each takes a few queries."""

log = logging.getLogger(__name__)

Look = Callable[[Subject], Report]


def add_domain(name: str, *, now: datetime) -> SenderDomain:
    """A new domain, not verified yet, with keys for its mail. Raises InvalidField."""
    domain = dkim_services.valid_domain(name)
    taken = InvalidField("domain", _("This domain is there already."))
    if SenderDomain.objects.filter(domain=domain).exists():
        raise taken
    try:
        with transaction.atomic():
            row = _create(domain, now)
            if not DkimKey.objects.present().of_domains([domain]).filter(retired_at=None).exists():
                dkim_services.generate_dkim_keys(domain, now=now)
    except IntegrityError:
        raise taken from None
    log.info("sender_domain.added", extra={"domain": domain})
    return row


def request_check(row: SenderDomain, *, now: datetime) -> None:
    """Notes that somebody waits for a check; the caller has it done."""
    with transaction.atomic():
        SenderDomain.objects.filter(pk=row.pk).update(
            check_requested_at=now, next_check_at=now, failed_checks=0
        )
        _record("check_requested", row)


def change_return_path_host(row: SenderDomain, *, host: str, now: datetime) -> None:
    """Raises InvalidField."""
    host = valid_return_path_host(row, host)
    with transaction.atomic():
        locked = SenderDomain.objects.select_for_update().get(pk=row.pk)
        if locked.return_path_host == host:
            return
        before, locked.return_path_host = locked.return_path_host, host
        _leave(before, now)
        locked.return_path_verified_at, locked.next_check_at = None, now
        locked.save(update_fields=["return_path_host", "return_path_verified_at", "next_check_at"])
        values = {"return_path_host": before}, {"return_path_host": host}
        _record("return_path_changed", row, *values)
    row.refresh_from_db()


def valid_return_path_host(row: SenderDomain, text: str) -> str:
    """The stored form of a host below the domain, so that it is aligned. Raises InvalidField."""
    try:
        host = dkim_services.valid_domain(text)
    except InvalidField as error:
        raise InvalidField("host", str(error)) from None
    if not host.endswith(f".{row.domain}"):
        example = f"{_RETURN_PATH_LABEL}.{row.display_domain}"
        said = _("The host has to be below the domain, as in %(example)s.") % {"example": example}
        raise InvalidField("host", said)
    return host


def rotate_keys(row: SenderDomain, *, now: datetime) -> list[DkimKey]:
    """The next pair of keys; each takes over once its record is found. Raises InvalidField."""
    waiting = [key for key in _keys_of(row) if key.state is KeyState.NEW]
    if waiting:
        said = _("New keys are waiting for their records already: %(selectors)s.")
        selectors = ", ".join(key.selector for key in waiting)
        raise InvalidField("domain", said % {"selectors": selectors})
    return dkim_services.generate_dkim_keys(row.domain, now=now)


def remove_domain(row: SenderDomain, *, now: datetime) -> None:
    """Its mail stays in the local mailbox from now on; its keys stay as they are."""
    with transaction.atomic():
        _leave(row.return_path_host, now)
        _record("removed", row, {"state": row.state}, {})
        SenderDomain.objects.filter(pk=row.pk).delete()
    log.info("sender_domain.removed", extra={"domain": row.domain})


def check_domain(pk: int, *, now: datetime, look: Look | None = None) -> SenderDomain | None:
    """Looks at the records of one domain and draws the consequences; None: it is gone.

    Takes half a minute at most. Nothing is locked while DNS is asked.
    """
    row = SenderDomain.objects.filter(pk=pk).first()
    if row is None:
        return None
    subject = replace(subject_of(row), authors=_authors_of(row))
    report = (look or look_at_dns)(subject)
    with transaction.atomic():
        locked = SenderDomain.objects.select_for_update().filter(pk=pk).first()
        if locked is None or locked.return_path_host != subject.return_path_host:
            return locked  # what was looked at is not what is there now
        _conclude(locked, report, now)
    _activate_found(locked, report, now)
    return locked


def subject_of(row: SenderDomain) -> Subject:
    """What has to be found for `row`."""
    return Subject(
        domain=row.domain,
        ownership_token=row.ownership_token,
        return_path_host=row.return_path_host,
        keys=tuple(_record_of(key) for key in _keys_of(row) if key.state is not KeyState.RETIRED),
        mail_host=settings.SMTP_HOSTNAME.lower(),
        mechanisms=tuple(settings.SPF_MECHANISMS),
        signs_return_paths=settings.SIGN_RETURN_PATHS,
    )


def look_at_dns(subject: Subject) -> Report:
    names = LookUps()
    names.ask_at_once(questions(subject))
    report = check(subject, names)
    # Last, as there can be many of them: the state of the domain waits for none.
    names.ask_at_once(author_questions(subject))
    below = (look_at_author(author, subject, names) for author in subject.authors)
    return replace(report, below=tuple(below))


def _create(domain: str, now: datetime) -> SenderDomain:
    row: SenderDomain = SenderDomain.objects.create(
        domain=domain,
        ownership_token=secrets.token_hex(_TOKEN_BYTES),
        return_path_host=f"{_RETURN_PATH_LABEL}.{domain}",
        created_at=now,
        next_check_at=now,
    )
    _record("added", row, {}, {"return_path_host": row.return_path_host})
    return row


def _leave(host: str, now: datetime) -> None:
    """Notes that mail sent until now may still come back to `host`; forgets what is too old."""
    FormerReturnHost.objects.exclude(pk__in=FormerReturnHost.objects.taking(now)).delete()
    FormerReturnHost.objects.update_or_create(host=host, defaults={"left_at": now})


def _conclude(row: SenderDomain, report: Report, now: datetime) -> None:
    """Moves the locked row to where the report puts it."""
    proof = report.proof
    before, is_proven = row.state, proof.is_proven
    standing = _standing_of(row).after(is_proven, now, GRACE)
    row.state, row.verified_at = standing.state, standing.verified_at
    row.failing_since, row.failed_checks = standing.failing_since, standing.failed_checks
    row.next_check_at = standing.next_check(is_proven, now, GRACE)
    row.findings, row.checked_at = report.to_json(), now
    if row.check_requested_at is not None and row.check_requested_at <= now:
        row.check_requested_at = None
    if proof.return_path_counts is not None:
        since = row.return_path_verified_at or now
        row.return_path_verified_at = since if proof.return_path_counts else None
    row.save()
    if row.state != before:
        _record("state_changed", row, {"state": before}, {"state": row.state})
        log.info("sender_domain.state_changed", extra={"domain": row.domain, "state": row.state})


def _standing_of(row: SenderDomain) -> Standing:
    return Standing(cast("State", row.state), row.verified_at, row.failing_since, row.failed_checks)


def _activate_found(row: SenderDomain, report: Report, now: datetime) -> None:
    """New keys whose records are there sign from now on; those before them are retired."""
    found = set(report.found_selectors)
    for key in _keys_of(row):
        if key.state is KeyState.NEW and key.selector in found:
            try:
                dkim_services.activate(key, now=now)
            except (NoKeyFits, dkim_services.KeyDeleted) as error:
                facts = {"domain": key.domain, "selector": key.selector, "error": str(error)}
                log.warning("sender_domain.key_not_activated", extra=facts)


def _authors_of(row: SenderDomain) -> tuple[Author, ...]:
    domains = domains_below(row)[:MOST_AUTHORS]
    active = DkimKey.objects.active().of_domains(domains).order_by("created_at", "id")
    keys: dict[str, list[KeyRecord]] = {domain: [] for domain in domains}
    for key in active:
        keys[key.domain].append(_record_of(key))
    return tuple(Author(domain, tuple(keys[domain])) for domain in domains)


def _keys_of(row: SenderDomain) -> list[DkimKey]:
    """Oldest first, so that of two new ones the younger has the last word."""
    keys = DkimKey.objects.present().of_domains([row.domain])
    return list(keys.order_by("created_at", "id"))


def _record_of(key: DkimKey) -> KeyRecord:
    return KeyRecord(key.selector, key.record.name, key.record.value)


def _record(
    what: str, row: SenderDomain, before: Values | None = None, after: Values | None = None
) -> None:
    on = target_of_domain(row)
    record(action=f"sender_domain.{what}", on=on, before=before, after=after)
