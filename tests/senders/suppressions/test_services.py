"""Suppressions begin, count, expire and are lifted; of each there is one that holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from senders.audit.entry import AuditEntry
from senders.errors import InvalidField
from senders.models import Suppression
from senders.suppressions.key import key_of, scope_key
from senders.suppressions.services import lift, suppress
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


def bounced(recipient: str = "gone@example.net", **changes: Any) -> Suppression:
    asked = {"reason": "hard-bounce", "now": timezone.now()} | changes
    return suppress(recipient_or_domain=recipient, **asked)


def test_a_hard_bounce_stops_mail_of_everybody() -> None:
    row = bounced(
        "Gone@Example.NET",
        sender_address="news@example.com",
        mail_type="batch",
        evidence="550 5.1.1 User unknown",
        queue_id="00000000000000AB",
    )
    assert (row.target, row.domain) == ("gone@example.net", "example.net")
    assert (row.scope, row.sender_address, row.mail_type) == ("organisation", "", "")
    assert (row.caused_by, row.queue_id) == ("news@example.com", "00000000000000AB")
    assert row.evidence == "550 5.1.1 User unknown"
    assert row.expires_at is None
    assert row.key == key_of(scope_key(), "gone@example.net")


def test_a_complaint_stops_mail_of_the_same_type() -> None:
    make_sender("news@example.com", mail_type="batch")
    row = bounced(reason="complaint", sender_address="news@example.com")
    assert (row.scope, row.mail_type, row.sender_address) == ("mail_type", "batch", "")


def test_a_complaint_stops_all_mail_where_that_is_set(settings: Any) -> None:
    settings.SUPPRESSION_COMPLAINT_SCOPE = "organisation"
    assert bounced(reason="complaint", mail_type="batch").scope == "organisation"


def test_an_opt_out_stops_mail_of_one_sender() -> None:
    row = bounced(reason="opt-out", sender_address="news@example.com", mail_type="batch")
    assert (row.scope, row.sender_address, row.mail_type) == ("address", "news@example.com", "")


def test_a_hard_bounce_holds_as_long_as_is_set(settings: Any) -> None:
    settings.SUPPRESSION_HARD_BOUNCE_TIME = timedelta(days=90)
    now = timezone.now()
    assert bounced(now=now).expires_at == now + timedelta(days=90)


def test_what_happens_again_is_counted_and_keeps_its_first_evidence() -> None:
    first = bounced(evidence="550 5.1.1 first")
    again = bounced(evidence="550 5.1.1 second")
    assert again.pk == first.pk
    assert (again.times, again.evidence) == (2, "550 5.1.1 first")


def test_of_two_ends_the_later_counts() -> None:
    now = timezone.now()
    for days in (5, 9, 7):
        row = bounced(expires_at=now + timedelta(days=days))
    assert row.expires_at == now + timedelta(days=9)
    assert bounced().expires_at is None


def test_one_whose_time_is_over_makes_room_for_the_next_and_stays_as_history() -> None:
    first = bounced(expires_at=timezone.now() + timedelta(days=1))
    over = timezone.now() - timedelta(minutes=1)
    Suppression.objects.filter(pk=first.pk).update(expires_at=over)
    second = bounced()
    first.refresh_from_db()
    assert second.pk != first.pk
    assert first.ended_at == over
    assert first.state(timezone.now()) == "expired"
    assert list(Suppression.objects.living(timezone.now())) == [second]


def test_scopes_and_reasons_stand_beside_each_other() -> None:
    bounced()
    bounced(reason="manual")
    bounced(reason="manual", mail_type="batch")
    make_sender("news@example.com")
    bounced(reason="manual", sender_address="news@example.com")
    assert Suppression.objects.living(timezone.now()).count() == 4


def test_by_hand_only_mail_of_sender_addresses_that_there_are_is_stopped() -> None:
    with pytest.raises(InvalidField, match=r"There is no sender address nobody@example.com"):
        bounced(reason="manual", sender_address="nobody@example.com")
    make_sender("news@xn--mller-kva.de")
    row = bounced(reason="manual", sender_address="News@MÜLLER.de")
    assert row.sender_address == "news@xn--mller-kva.de"


def test_what_comes_back_may_be_about_an_address_that_was_deleted_since() -> None:
    assert bounced(reason="opt-out", sender_address="was@example.com").scope == "address"


def test_lifting_says_who_and_why_and_leaves_the_history() -> None:
    row = bounced()
    assert lift([row], why="They have a new mailbox.", now=timezone.now()) == 1
    row.refresh_from_db()
    assert row.state(timezone.now()) == "lifted"
    assert row.lift_reason == "They have a new mailbox."
    entry = AuditEntry.objects.get(action="suppression.lifted")
    assert (entry.object_key, entry.after) == (row.target, {"reason": "They have a new mailbox."})
    assert lift([row], why="Again", now=timezone.now()) == 0
    assert bounced().pk != row.pk


def test_lifting_many_is_one_entry_of_the_audit_log() -> None:
    for number in range(3):
        bounced(f"r{number}@example.net")
    assert lift(Suppression.objects.all(), why="A fault of ours.", now=timezone.now()) == 3
    entry = AuditEntry.objects.get(action="suppression.lifted")
    assert entry.after["count"] == 3


def test_what_people_add_is_in_the_audit_log_and_what_bounces_is_not() -> None:
    bounced()
    bounced(reason="manual", note="Asked by phone")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.after["note"]) == ("suppression.added", "Asked by phone")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Jane.Doe@Example.COM", "jane.doe@example.com"),
        ("<jane@example.com>", "jane@example.com"),
        ("jane@MÜLLER.de", "jane@xn--mller-kva.de"),
        ("Example.com", "example.com"),
        ("@example.com", "example.com"),
        ("müller.de.", "xn--mller-kva.de"),
        ("Jörg@müller.de", "jörg@xn--mller-kva.de"),
    ],
)
def test_addresses_and_domains_have_one_form(typed: str, stored: str) -> None:
    assert bounced(typed, reason="manual").target == stored


@pytest.mark.parametrize("typed", ["", "com", "jane@", "a b@example.com", "https://example.com"])
def test_what_is_neither_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(InvalidField):
        bounced(typed, reason="manual")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "dislike"}, "reason"),
        ({"scope": "address"}, "sender_address"),
        ({"scope": "mail_type", "mail_type": "letter"}, "mail_type"),
        ({"expires_at": NOW}, "expires_at"),
    ],
    ids=["reason", "no sender", "no such type", "end in the past"],
)
def test_what_is_not_complete_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        bounced(reason=changes.pop("reason", "manual"), **changes)
    assert refused.value.field == field


@pytest.mark.django_db(transaction=True)
def test_who_follows_changes_sees_the_transaction_of_each() -> None:
    with transaction.atomic():
        first, second = bounced("a@example.net"), bounced("b@example.net")
    third = bounced("c@example.net")
    first.refresh_from_db()
    assert first.changed_in == second.changed_in < third.changed_in
    lift([first], why="x", now=timezone.now())
    first.refresh_from_db()
    assert first.changed_in > third.changed_in
