"""Standings as they are after some weeks: warming up, with a history, and one with its brake on."""

from tests.journeys.relaying import make_sender
from tests.journeys.stack import Stack

OFFERS = "offers@shop.example"
# The first mail left some weeks ago, so that a month's mail of one day is within the quotas. And
# the trouble of a month comes in minutes: as if it was looked at, it puts no brake on.
_AGE = """
from datetime import timedelta
from django.utils import timezone
from senders.models import Standing
from senders.standing.keeping import keep_allowances
from smtp_gateway.standing.computing import add_rows
add_rows()
began_at = timezone.now() - timedelta(days=20)
looked_at = timezone.now() + timedelta(days=1)
Standing.objects.filter(brake="").update(warm_up_began_at=began_at, released_at=looked_at)
keep_allowances(timezone.now())
"""
_BRAKE = """
from django.utils import timezone
from senders.models import SenderAddress
from smtp_gateway.standing import watching
from smtp_gateway.standing.alarm import Alarm
sender = SenderAddress.objects.get(address={address!r})
watching._sound(sender, Alarm("hard-bounces", "brake", 68, 1_240), timezone.now())
"""


def age_standings(stack: Stack) -> None:
    _run(stack, _AGE)


def brake_one(stack: Stack) -> None:
    """An address from which nothing was sent, so that no number on other pages is about it."""
    make_sender(stack, OFFERS, "batch")
    _run(stack, _BRAKE.format(address=OFFERS))


def _run(stack: Stack, script: str) -> None:
    done = stack.manage("shell", "-v", "0", "-c", script)
    assert done.returncode == 0, done.stderr
