"""When the mail would leave: its pace, what sets it, and what waits before it."""

import pytest
from django.utils import timezone

from senders.models import SenderAddress
from smtp_gateway.models import Delivery
from tests.senders.deciding import decide
from tests.smtp_gateway.preview.asking import A, make_ready, told
from tests.smtp_gateway.queued import enqueue

pytestmark = pytest.mark.django_db


def test_paced_batch_mail_has_its_turn_behind_what_waits() -> None:
    sender = make_ready("batch")
    decide("batch", pace_per_minute=10)
    for _ in range(20):
        enqueue(sender_address=A, mail_from=A, mail_type="batch")
    assert Delivery.objects.count() == 20
    found = told(sender)["turn"]
    assert found["10 a minute"].text == "The policy of its mail type sets it."
    assert found["Lane for Batch Mail"].text.startswith("20 recipients wait in it")
    (leaves,) = [title for title in found if title.startswith("Leaves about ")]
    assert found[leaves].kind == "info"


def flagged() -> SenderAddress:
    """One whose mail looks like bulk, where the policy slows that down to 6 a minute."""
    sender = make_ready()
    SenderAddress.objects.filter(pk=sender.pk).update(bulk_since=timezone.now(), bulk_evidence={})
    decide("trigger", bulk_pace_per_minute=6)
    return sender


def test_the_pace_of_a_flagged_trigger_address_is_put_down_to_its_flag() -> None:
    line = told(flagged())["turn"]["6 a minute"]
    assert line.text == (
        "Mail of this address looks like Batch Mail: the policy slows it down to this."
    )
    assert "an admin says so" in line.advice


def test_a_mail_of_a_flagged_address_leaves_over_some_time() -> None:
    found = told(flagged(), *[f"r{number}@example.net" for number in range(8)])["turn"]
    assert "Leaves at once" not in found
    text = found["Begins to leave at once"].text
    assert "The last of its 8 recipients has its turn about " in text


def test_a_mail_of_a_flagged_address_waits_behind_what_waits() -> None:
    sender = flagged()
    for _ in range(20):
        enqueue(sender_address=A, mail_from=A)
    Delivery.objects.update(lane="paced")
    assert [title for title in told(sender)["turn"] if title.startswith("Leaves about ")]


def test_an_address_whose_flag_slows_nothing_down_goes_at_once() -> None:
    sender = flagged()
    decide("trigger", bulk_pace_per_minute=None)
    assert told(sender)["turn"]["Leaves at once"].kind == "ok"
