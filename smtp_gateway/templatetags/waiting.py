"""Why a delivery waits, for the mail log and the mail's page."""

from datetime import datetime

from django import template

from smtp_gateway.models import Delivery
from smtp_gateway.waiting import Standing, Wait, wait_of

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
    )
    return wait_of(standing, now)
