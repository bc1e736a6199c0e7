"""What came back of the showcase's mail: one of each kind, as the inbound side leaves it."""

from tests.journeys.relaying import tables_of
from tests.journeys.stack import Stack
from tests.waiting import wait_for

KINDS = (
    *("postfix-user-unknown", "arf-abuse", "postfix-delay-warning", "out-of-office-german"),
    *("postfix-delivered-receipt", "challenge-boxtrapper", "a-person-answers", "arf-not-spam"),
    *("postfix-mailbox-full-after-days", "gmail-no-such-user"),
)
_BRING = """
from pathlib import Path
from django.utils import timezone
from smtp_gateway.models import Delivery, ReturnedMail
relayed = Delivery.objects.filter(state="relayed", reason_code="").order_by("id")
for name, delivery in zip({kinds!r}, relayed[5:]):
    raw = (Path("tests/data/returns") / f"{{name}}.eml").read_bytes()
    raw = raw.replace(b"maria@example.net", delivery.recipient.encode())
    ReturnedMail.objects.create(
        received_at=timezone.now(), raw=raw, size_bytes=len(raw), client_ip="192.0.2.25",
        to_address="b+token@bounces.shop.example", delivery_id=delivery.pk)
"""
_UNREAD = "SELECT count(*) FROM smtp_gateway_returnedmail WHERE processed_at IS NULL"


def bring_back(stack: Stack) -> None:
    """Waits until all of it is read."""
    done = stack.manage("shell", "-v", "0", "-c", _BRING.format(kinds=KINDS))
    assert done.returncode == 0, done.stderr
    wait_for(lambda: tables_of(stack).rows(_UNREAD) == [(0,)], seconds=90, what="the returns")
