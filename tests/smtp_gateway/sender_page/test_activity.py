"""The last 30 days of an address: its numbers, its reasons, and the newest example of each."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from smtp_gateway.models import Attempt, Delivery, SmtpSession
from smtp_gateway.rollups.rolling import catch_up
from smtp_gateway.sender_page.activity import REASONS_SHOWN, activity
from smtp_gateway.sender_page.refused_sessions import refused_sessions
from smtp_gateway.sender_page.volume import draw_volume
from tests.senders.factories import make_sender
from tests.smtp_gateway.queued import enqueue

pytestmark = [pytest.mark.django_db]

NEWS = "news@example.com"
NOW = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fail(at: datetime, *, category: str = "no-such-mailbox", outcome: str = "bounced",
         sender: str = NEWS, reply: str = "550 5.1.1 No such user") -> str:  # fmt: skip
    """One mail that was accepted at that time and failed at once; its queue id."""
    queue_id = enqueue(sender_address=sender, accepted_at=at, expires_at=at + DAY)
    delivery = Delivery.objects.get(message__queue_id=queue_id)
    if outcome != "deferred":
        Delivery.objects.filter(pk=delivery.pk).update(state=outcome, finished_at=at)
    Attempt.objects.create(
        delivery=delivery, at=at, outcome=outcome, category=category,
        reason_code="next-hop-refused-recipient", reply=reply,
    )  # fmt: skip
    return queue_id


@pytest.fixture(params=[False, True], ids=["not counted yet", "counted"])
def settle(request: pytest.FixtureRequest) -> bool:
    """Whether Celery has counted what happened."""
    return bool(request.param)


def test_each_day_has_its_numbers_and_the_sums_are_theirs(settle: bool) -> None:
    fail(NOW - 29 * DAY)
    fail(NOW - 30 * DAY)
    fail(NOW, outcome="deferred", category="greylisted")
    fail(NOW, sender="others@example.com")
    if settle:
        catch_up(seconds=60)
    days = activity(NEWS, NOW).days
    assert len(days) == 30
    assert [at for at, day in enumerate(days) if day.counts.accepted] == [0, 29]
    volume = draw_volume(days)
    numbers = {each.key: each.number for each in volume.sums}
    assert numbers == {
        "accepted": 2, "relayed": 0, "kept": 0, "deferred": 1, "bounced": 1, "cancelled": 0,
    }  # fmt: skip
    ticks = [column.tick for column in volume.chart.columns if column.tick]
    assert ticks == ["24 Feb", "3 Mar", "10 Mar", "17 Mar"]
    assert volume.chart.columns[-1].label == "20 Mar"
    assert not volume.is_empty


def test_reasons_come_by_frequency_each_with_its_newest_example(settle: bool) -> None:
    fail(NOW - 3 * DAY)
    newest = fail(NOW - 2 * DAY, reply="550 5.1.1 The newest")
    fail(NOW - 2 * DAY - HOUR)
    greylisted = fail(NOW - HOUR, outcome="deferred", category="greylisted")
    fail(NOW - HOUR, sender="others@example.com", reply="550 Not ours")
    fail(NOW - 40 * DAY, category="virus")
    if settle:
        catch_up(seconds=60)
    failures = activity(NEWS, NOW).failures
    shown = [(f.reason.outcome, f.reason.code, f.reason.recipients) for f in failures]
    assert shown == [("bounced", "no-such-mailbox", 3), ("deferred", "greylisted", 1)]
    examples = [f.example for f in failures]
    assert [e and e.queue_id for e in examples] == [newest, greylisted]
    assert examples[0] is not None
    assert examples[0].reply == "550 5.1.1 The newest"


def test_what_the_rules_have_no_category_for_goes_by_its_code() -> None:
    fail(NOW - HOUR, category="")
    (failure,) = activity(NEWS, NOW).failures
    assert failure.reason.code == "next-hop-refused-recipient"
    assert failure.example is not None


def test_a_forgotten_mail_still_counts_and_is_no_example() -> None:
    fail(NOW - HOUR)
    catch_up(seconds=60)
    Delivery.objects.all().delete()
    (failure,) = activity(NEWS, NOW).failures
    assert (failure.reason.recipients, failure.example) == (1, None)


def test_only_so_many_reasons_are_shown() -> None:
    for category in ("virus", "policy", "spf-refused", "no-route", "reverse-dns", "mail-loop"):
        fail(NOW - HOUR, category=category)
    fail(NOW - HOUR, category="tls-required")
    assert len(activity(NEWS, NOW).failures) == REASONS_SHOWN == 6


def session(number: int, outcome: str, at: datetime, sender: str = NEWS) -> SmtpSession:
    return SmtpSession.objects.create(
        session_id=f"{number:016x}", sender_address=sender, user_name=sender, is_logged_in=False,
        client_ip="203.0.113.7", began_at=at, ended_at=at, seen_at=at, mail_count=0,
        refusal_count=1, outcome=outcome, reply="535 5.7.8 User name or password refused",
        went_well=outcome == "sent", lines=[],
    )  # fmt: skip


def test_sessions_that_went_wrong_come_by_outcome_with_the_newest() -> None:
    session(1, "log-in-refused", NOW - 3 * HOUR)
    newest = session(2, "log-in-refused", NOW - 2 * HOUR)
    session(3, "sender-refused", NOW - HOUR)
    session(4, "sent", NOW)
    session(5, "log-in-refused", NOW, sender="others@example.com")
    session(6, "too-large", NOW - 40 * DAY)
    found = refused_sessions(NEWS, NOW - 30 * DAY)
    assert [(each.outcome, each.count) for each in found] == [
        ("log-in-refused", 2), ("sender-refused", 1),
    ]  # fmt: skip
    assert found[0].newest == newest


def test_the_page_says_whose_fault_it_was_and_what_to_do(console: Client) -> None:
    sender = make_sender(NEWS)
    now = timezone.now()
    queue_id = fail(now, reply="550 5.1.1 <script>alert(1)</script>")
    fail(now, category="", outcome="expired", reply="")
    refused = session(1, "log-in-refused", now)
    page = " ".join(console.get(f"/sender-addresses/{sender.pk}/").text.split())
    for sentence in (
        "The recipient&#x27;s mailbox does not exist.",
        "The recipient&#x27;s fault.",
        "Check the address for a typing error, and stop sending to it.",
        "550 5.1.1 &lt;script&gt;",
        "1 recipient",
        "Log-in refused",
        f"SMTP is off for {NEWS}",
        "535 5.7.8 User name or password refused",
        "1 session",
        f'href="/mail-log/{queue_id}/"',
        f'href="/smtp-sessions/{refused.session_id}/"',
        "Mail by day, last 30 days",
    ):
        assert sentence in page


def test_an_address_that_only_failed_to_log_in_is_told_so(console: Client) -> None:
    sender = make_sender(NEWS)
    session(1, "log-in-refused", timezone.now())
    page = console.get(f"/sender-addresses/{sender.pk}/").text
    assert "What failed" in page
    assert "Log-in refused" in page
