"""Begins and ends suppressions. Whoever finds a reason for one comes through here.

What people do is recorded in the audit log; what bounces, complaints and opt-outs do is not, since
the suppression itself says when, why and by which mail.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from senders.audit.acting import Actor, who_acts
from senders.audit.recording import Target, record
from senders.audit.requests import actor_behind
from senders.errors import InvalidField
from senders.models import MailType, SenderAddress
from senders.suppression import Reason, Scope, Suppression, SuppressionQuerySet, this_transaction
from senders.suppressions.reopening import reopen
from senders.suppressions.rules import default_scope
from senders.suppressions.rules_in_force import rules_in_force
from senders.suppressions.target import read_target, target_of_recipient
from senders.suppressions.whose import check_sender, sender_form
from senders.suppressions.writing import Entry, write
from verification.mail_address import display

log = logging.getLogger(__name__)


def suppress(
    *,
    reason: str,
    recipient_or_domain: str,
    sender_address: str = "",
    mail_type: str = "",
    scope: str = "",
    evidence: str = "",
    category: str = "",
    queue_id: str = "",
    note: str = "",
    expires_at: datetime | None = None,
    reopens: str = "",
    now: datetime,
) -> Suppression:
    """One recipient, or without an @ a whole domain, gets no more mail from now on.

    `sender_address` and `mail_type`: of the mail that led to it; of manual ones, whose mail is
    stopped. `scope`: empty: as `rules.default_scope` says. Where one with the same scope, target
    and reason holds already, that one is counted once more and holds as long as the later of both.
    `reopens`: one that was lifted for this reason holds again. Raises InvalidField.
    """
    is_typed = reason == Reason.MANUAL
    if is_typed:
        sender_address = sender_form(sender_address)
    target = (read_target if is_typed else _target_of_any)(recipient_or_domain)
    entry = entry_of(
        reason=reason, target=target, sender_address=sender_address,
        mail_type=mail_type, scope=scope, evidence=evidence, category=category, queue_id=queue_id,
        note=note, expires_at=expires_at, now=now, caused_by="" if is_typed else sender_address,
    )  # fmt: skip
    if is_typed:
        check_sender(entry.sender_address)
    with transaction.atomic():
        again = reopen(entry, lifted_because=reopens) if reopens else []
        (written,) = again or write([entry], counts_again=True)
        found: Suppression = Suppression.objects.get(pk=written.id)
        if reason == Reason.MANUAL and written.is_new:
            record(action="suppression.added", on=target_of(found), after=facts_of(found))
    facts = {"reason": reason, "scope": entry.scope, "queue_id": queue_id}
    log.info("suppression.made", extra=facts)
    return found


def entry_of(
    *,
    reason: str,
    target: str,
    sender_address: str = "",
    mail_type: str = "",
    scope: str = "",
    now: datetime,
    expires_at: datetime | None = None,
    created_at: datetime | None = None,
    **told: str,
) -> Entry:
    """What is written of one suppression; `target` is in its form. Raises InvalidField.

    Only what is told with `caused_by` counts against a sender address: what people bring does not.
    """
    if reason not in Reason.values:
        raise InvalidField("reason", _("Choose a reason."))
    if expires_at is not None and expires_at <= now:
        raise InvalidField("expires_at", _("The end lies in the past."))
    rules = rules_in_force()
    if reason == Reason.HARD_BOUNCE and expires_at is None and rules.hard_bounce_time:
        expires_at = now + rules.hard_bounce_time
    if reason == Reason.COMPLAINT and not mail_type:
        mail_type = _mail_type_of(sender_address)
    scope = scope or default_scope(
        reason,
        sender_address=sender_address,
        mail_type=mail_type,
        complaint_scope=rules.complaint_scope,
    )
    if scope not in Scope.values:
        raise InvalidField("scope", _("Choose whose mail is stopped."))
    return Entry(
        target=target,
        reason=reason,
        scope=scope,
        sender_address=_needed("sender_address", scope == Scope.ADDRESS, sender_address),
        mail_type=_needed("mail_type", scope == Scope.MAIL_TYPE, mail_type),
        created_at=created_at or now,
        expires_at=expires_at,
        **told,
    )


def lift(found: SuppressionQuerySet | Collection[Suppression], *, why: str, now: datetime) -> int:
    """Ends suppressions; says how many. What has ended already stays as it is."""
    if isinstance(found, SuppressionQuerySet):
        rows = list(found.filter(ended_at=None).order_by("id"))
    else:
        rows = sorted((row for row in found if row.ended_at is None), key=lambda row: row.pk)
    with transaction.atomic():
        changed = Suppression.objects.filter(pk__in=[row.pk for row in rows], ended_at=None).update(
            ended_at=now,
            lifted_at=now,
            lifted_by=_who(),
            lift_reason=why[:500],
            changed_in=this_transaction(),
        )
        if len(rows) == 1 and changed:
            record(action="suppression.lifted", on=target_of(rows[0]), after={"reason": why})
        elif changed:
            names = [row.target for row in rows[:100]]
            facts = {"reason": why, "count": changed, "targets": names}
            record(action="suppression.lifted", on=Target("suppression"), after=facts)
    log.info("suppression.lifted", extra={"count": changed})
    return int(changed)


def target_of(row: Suppression) -> Target:
    """What the audit log calls it: by its target, so that there is one history of a recipient."""
    path = reverse("senders:suppression", args=[row.pk])
    return Target("suppression", row.target, display(row.target), path)


def facts_of(row: Suppression) -> dict[str, Any]:
    return {
        "reason": row.reason,
        "scope": row.scope,
        "sender_address": row.sender_address,
        "mail_type": row.mail_type,
        "note": row.note,
        "expires_at": row.expires_at,
    }


def _target_of_any(text: str) -> str:
    form = target_of_recipient(text.strip().strip("<>"))
    if not form or len(form) > 320:
        raise InvalidField("target", _("This is no address."))
    return form


def _mail_type_of(sender_address: str) -> str:
    rows = SenderAddress.objects.filter(address=sender_address)
    return rows.values_list("mail_type", flat=True).first() or ""


def _needed(field: str, is_needed: bool, value: str) -> str:
    if not is_needed:
        return ""
    is_known = value in MailType.values if field == "mail_type" else "@" in value
    if not is_known:
        raise InvalidField(
            field,
            _("Choose the mail type whose mail is stopped.")
            if field == "mail_type"
            else _("Enter the sender address whose mail is stopped."),
        )
    return value


def _who() -> str:
    who = who_acts()
    actor = who if isinstance(who, Actor) else actor_behind(who)
    return actor.name[:320]
