"""Reports on deliveries, and what a client asked about them, for people."""

from collections.abc import Mapping, Sequence

from django import template

from smtp_gateway import dsn
from smtp_gateway.models import Delivery
from smtp_gateway.reports.shown import ShownReport

register = template.Library()

_RET_WORDS = {"FULL": "with the whole mail", "HDRS": "with its headers"}


@register.filter
def envid_text(envid: str) -> str:
    """An ENVID as its author wrote it."""
    return dsn.readable_envid(envid)


@register.filter
def orcpt_text(orcpt: str) -> str:
    """The address in an ORCPT as its author wrote it."""
    return dsn.readable_orcpt(orcpt)


@register.filter
def notify_text(notify: str) -> str:
    """As in "on failure, delay"."""
    return "never" if notify == "NEVER" else "on " + notify.lower().replace(",", ", ")


@register.filter
def ret_text(ret: str) -> str:
    """What a report should bring back."""
    return _RET_WORDS.get(ret, ret)


@register.filter
def on_delivery(
    reports: Mapping[int, Sequence[ShownReport]], delivery: Delivery
) -> Sequence[ShownReport]:
    """The reports on this one."""
    return reports.get(delivery.pk, ())
