"""What policies, standing and flags come to for the relay."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.utils import timezone

from senders.models import SenderAddress
from senders.standing_rows import Standing
from smtp_gateway.delivery_rules.loading import load_paces, load_rules
from smtp_gateway.models import SenderPace
from smtp_gateway.paces import OwnPace, TypePace
from tests.senders.deciding import decide
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)


def set_policy(mail_type: str, **values: Any) -> None:
    decide(mail_type, **values)


def test_a_policy_without_pace_and_window_holds_nothing_back() -> None:
    assert load_paces(NOW).of_type("batch") == TypePace()


def test_pace_and_window_are_those_of_the_policy() -> None:
    set_policy("batch", pace_per_minute=600, window_opens=time(8), window_closes=time(20))
    assert load_paces(NOW).of_type("batch") == TypePace(
        600,
        datetime(2026, 3, 11, 8, tzinfo=UTC),
        datetime(2026, 3, 11, 20, tzinfo=UTC),
    )


def test_the_smaller_of_policy_and_standing_holds() -> None:
    set_policy("batch", pace_per_minute=60)
    slow, fast = (make_sender(f"{name}@x.example", mail_type="batch") for name in ("a", "b"))
    Standing.objects.update_or_create(sender=slow, defaults={"level": 2})
    Standing.objects.update_or_create(sender=fast, defaults={"level": 9})
    assert load_paces(timezone.now()).own == {slow.address: OwnPace("batch", 30)}


def test_a_brake_halts_batch_mail() -> None:
    sender = make_sender("a@x.example", mail_type="batch")
    Standing.objects.update_or_create(
        sender=sender, defaults={"brake": "bounces", "braked_at": timezone.now()}
    )
    assert load_paces(timezone.now()).own == {sender.address: OwnPace("batch", 0)}


def test_trigger_mail_that_looks_like_bulk_is_paced_where_the_policy_says_so() -> None:
    sender = make_sender("a@x.example", mail_type="trigger")
    make_sender("b@x.example", mail_type="trigger")
    SenderAddress.objects.filter(pk=sender.pk).update(bulk_since=NOW, bulk_evidence={})
    assert load_paces(timezone.now()).own == {}
    set_policy("trigger", bulk_pace_per_minute=10)
    assert load_paces(timezone.now()).own == {sender.address: OwnPace("trigger", 10)}


def test_what_changed_is_noted_where_slots_are_given() -> None:
    set_policy("trigger", bulk_pace_per_minute=10)
    sender = make_sender("a@x.example", mail_type="trigger")
    SenderAddress.objects.filter(pk=sender.pk).update(bulk_since=NOW, bulk_evidence={})
    rules = load_rules()
    assert SenderPace.objects.get().per_minute == 10
    SenderAddress.objects.filter(pk=sender.pk).update(bulk_since=None, bulk_evidence=None)
    load_rules(rules.paces)
    assert SenderPace.objects.get().per_minute is None


def test_the_types_with_links_are_those_of_the_policy() -> None:
    assert load_rules().making.one_click_types == {"batch"}
    set_policy("batch", unsubscribe="none")
    assert load_rules().making.one_click_types == set()
