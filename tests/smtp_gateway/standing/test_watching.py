"""The brake: put on by what is counted, explained, and let go."""

from datetime import UTC, datetime, timedelta

import pytest

from senders.errors import InvalidField
from senders.models import AuditEntry, SenderAddress, Standing, StandingChange
from senders.standing.keeping import keep_allowances
from senders.standing.reading import allowance
from senders.standing.services import release_brake
from smtp_gateway.directory import sender_policy
from smtp_gateway.mail_policy import Quota
from smtp_gateway.models import Delivery, ReturnedMail
from smtp_gateway.quota.charging import charge
from smtp_gateway.quota.reading import usage_of
from smtp_gateway.standing.watching import watch
from tests.senders.deciding import decide
from tests.senders.factories import make_sender
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.standing.counted import come_back, count_day, days_before

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
A = "a@example.com"


def standing() -> Standing:
    return Standing.objects.get(sender__address=A)


def kinds() -> list[str]:
    changes = StandingChange.objects.exclude(kind="numbers").order_by("id")
    return list(changes.values_list("kind", flat=True))


def bouncing_sender(mail_type: str = "batch", *, bounces: int = 60) -> SenderAddress:
    sender = make_sender(A, mail_type=mail_type)
    count_day(A, NOON - HOUR, relayed=1_000 - bounces, hard_bounces=bounces)
    return sender


def test_five_percent_of_hard_bounces_put_the_brake_on() -> None:
    sender = bouncing_sender()
    watch(NOON)
    found = standing()
    assert (found.brake, found.braked_at, found.alarm_due_at) == ("hard-bounces", NOON, NOON)
    assert (found.trouble_count, found.trouble_of) == (60, 1_000)
    assert allowance(sender, NOON).is_halted
    assert kinds() == ["braked"]


def test_an_alarm_recomputes_the_level_at_once() -> None:
    bouncing_sender(bounces=120)
    watch(NOON)
    assert standing().level == 1


def test_watching_again_changes_nothing() -> None:
    bouncing_sender()
    watch(NOON)
    watch(NOON + timedelta(minutes=1))
    assert kinds() == ["braked"]
    assert standing().braked_at == NOON


def test_what_bounced_yesterday_brakes_nobody() -> None:
    make_sender(A)
    count_day(A, days_before(NOON, 1) - HOUR, relayed=900, hard_bounces=100)
    watch(NOON)
    assert not StandingChange.objects.exists()


def test_bounces_that_come_back_later_count_too() -> None:
    make_sender(A)
    count_day(A, NOON - HOUR, relayed=1_000)
    come_back(A, NOON, kind="failed", times=50)
    watch(NOON)
    assert standing().brake == "hard-bounces"


@pytest.mark.parametrize("kind", ["failed", "complaint"])
@pytest.mark.parametrize(
    "recipient", ["eve@example.net", "Eve+%d@example.net"], ids=["one-address", "behind-a-plus"]
)
def test_one_recipient_who_answers_many_mails_puts_no_brake_on(kind: str, recipient: str) -> None:
    make_sender(A, mail_type="trigger")
    count_day(A, NOON - HOUR, relayed=500)
    come_back(A, NOON, kind=kind, times=40, recipient=recipient)
    watch(NOON)
    assert not StandingChange.objects.exists()


def test_complaints_warn_and_then_brake() -> None:
    make_sender(A)
    count_day(A, days_before(NOON, 5), relayed=1_000)
    come_back(A, days_before(NOON, 1), kind="complaint", times=2)
    watch(NOON)
    assert (standing().warning, standing().brake, kinds()) == ("complaints", "", ["warned"])
    come_back(A, NOON, kind="complaint", times=1)
    watch(NOON + timedelta(minutes=1))
    assert (standing().brake, kinds()) == ("complaints", ["warned", "braked"])


def left_at(at: datetime) -> None:
    """All that has come back is about a mail that left then."""
    delivery = Delivery.objects.get(message__queue_id=enqueue(sender_address=A))
    Delivery.objects.filter(pk=delivery.pk).update(state="relayed", finished_at=at)
    ReturnedMail.objects.update(delivery_id=delivery.pk)


def test_ten_complaints_of_a_small_mailing_are_enough() -> None:
    make_sender(A)
    count_day(A, NOON - HOUR, relayed=200)
    come_back(A, NOON, kind="complaint", times=10)
    left_at(NOON - HOUR)
    watch(NOON)
    assert standing().brake == "complaints"


def test_late_complaints_about_an_earlier_mailing_brake_no_later_one() -> None:
    make_sender(A)
    count_day(A, NOON - HOUR, relayed=200)
    come_back(A, NOON, kind="complaint", times=10)
    left_at(days_before(NOON, 8))
    watch(NOON)
    assert not StandingChange.objects.exists()


@pytest.mark.parametrize(("kind", "times"), [("complaint", 10), ("failed", 30)])
def test_what_left_before_a_release_brakes_no_more_when_it_comes_back(
    kind: str, times: int
) -> None:
    sender = bouncing_sender()
    watch(NOON)
    release_brake(sender, reason="list cleaned", decided_by="x", now=NOON)
    count_day(A, NOON + HOUR, relayed=50)
    come_back(A, NOON + HOUR, kind=kind, times=times)
    left_at(NOON - HOUR)
    watch(NOON + 2 * HOUR)
    assert standing().brake == ""
    left_at(NOON + HOUR)
    watch(NOON + 2 * HOUR)
    assert standing().brake


def test_a_warning_is_over_when_its_reason_is() -> None:
    bouncing_sender(bounces=40)
    watch(NOON)
    assert standing().warning == "hard-bounces"
    watch(NOON + timedelta(hours=25))
    assert standing().warning == ""


def test_a_warning_tells_operators_once_a_day() -> None:
    bouncing_sender(bounces=40)
    Standing.objects.create(sender=SenderAddress.objects.get(), alarmed_at=NOON - 23 * HOUR)
    watch(NOON)
    assert (standing().warning, standing().alarm_due_at) == ("hard-bounces", None)


def test_the_brake_lets_go_by_itself_after_a_day_without_trouble() -> None:
    sender = bouncing_sender()
    watch(NOON)
    watch(NOON + 23 * HOUR)
    assert standing().brake == "hard-bounces"
    watch(NOON + 24 * HOUR)
    assert (standing().brake, kinds()) == ("", ["braked", "released"])
    assert not allowance(sender, NOON).is_halted


def test_an_admin_lets_go_and_what_happened_before_does_not_count_again() -> None:
    sender = bouncing_sender()
    watch(NOON)
    release_brake(sender, reason="list cleaned", decided_by="eve@example.com", now=NOON + HOUR / 2)
    watch(NOON + HOUR)
    assert standing().brake == ""
    change = StandingChange.objects.filter(kind="released").get()
    assert (change.reason, change.decided_by) == ("list cleaned", "eve@example.com")
    entry = AuditEntry.objects.get(action="sender_address.brake_released")
    assert entry.after == {"brake": "hard-bounces", "reason": "list cleaned"}


def test_after_a_release_new_trouble_brakes_again() -> None:
    sender = bouncing_sender()
    watch(NOON)
    release_brake(sender, reason="list cleaned", decided_by="x", now=NOON)
    count_day(A, NOON + HOUR, relayed=100, hard_bounces=20)
    watch(NOON + 2 * HOUR)
    assert (standing().brake, standing().trouble_count, standing().trouble_of) == (
        "hard-bounces", 20, 120
    )  # fmt: skip


def test_a_release_needs_a_reason() -> None:
    sender = bouncing_sender()
    watch(NOON)
    with pytest.raises(InvalidField):
        release_brake(sender, reason=" ", decided_by="x", now=NOON)
    assert standing().brake


def test_a_braked_trigger_address_goes_on_with_little() -> None:
    sender = bouncing_sender("trigger")
    watch(NOON)
    found = allowance(sender, NOON)
    assert (found.is_halted, found.cause, found.limits.per_day) == (False, "brake", 500)


def submitted(recipients: int) -> None:
    charge(address=A, mail_type="trigger", quota=Quota(), recipients=recipients, now=NOON)


def rooms(now: datetime = NOON) -> list[tuple[int, int | None]]:
    """Used and allowed, of the address in the hour and on the day."""
    used = usage_of(A, "trigger", sender_policy(A, "trigger").quota, now)
    return [(each.count, each.most) for each in used[:2]]


def test_what_is_left_to_a_braked_address_is_counted_from_the_brake_on() -> None:
    bouncing_sender("trigger")
    submitted(1_000)
    watch(NOON)
    keep_allowances(NOON)
    assert rooms() == [(0, 50), (0, 500)]
    submitted(20)
    assert rooms() == [(20, 50), (20, 500)]
    assert rooms(NOON + HOUR) == [(0, 50), (20, 500)]


def test_a_brake_allows_no_more_than_the_policy() -> None:
    bouncing_sender("trigger")
    decide("trigger", address_per_hour=1_010, address_per_day=None)
    submitted(1_000)
    watch(NOON)
    keep_allowances(NOON)
    assert rooms() == [(40, 50), (0, 500)]


def test_a_release_leaves_no_less_than_the_brake_did() -> None:
    sender = bouncing_sender("trigger", bounces=120)
    submitted(1_000)
    watch(NOON)
    release_brake(sender, reason="list cleaned", decided_by="x", now=NOON)
    assert (standing().shown_level, rooms()) == (1, [(0, 50), (0, 500)])
