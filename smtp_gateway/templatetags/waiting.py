"""Why a delivery waits, for the mail log and the mail's page."""

from datetime import datetime

from django import template

from smtp_gateway.models import Delivery
from smtp_gateway.queue.pacing import WAITING_LANE
from smtp_gateway.wait_wording import CODES, LABELS
from smtp_gateway.waiting import Standing, Turn, Wait, wait_of

register = template.Library()


@register.filter
def wait(delivery: Delivery, now: datetime) -> Wait | None:
    """None where it has ended."""
    if not delivery.is_open:
        return None
    standing = Standing(
        delivery.state,
        delivery.attempt_count,
        delivery.next_attempt_at,
        delivery.reason_code,
        delivery.reason,
        delivery.turn or (Turn() if delivery.lane == WAITING_LANE else None),
    )
    return wait_of(standing, now)


@register.filter
def wait_code(code: str) -> str:
    """The code in a few words; one that is not known stays a code, readable enough."""
    return str(CODES.get(code) or code.replace("-", " ").capitalize())


@register.filter
def wait_label(label: str) -> str:
    """What a time is, in the language of the page."""
    return str(LABELS.get(label, label))
