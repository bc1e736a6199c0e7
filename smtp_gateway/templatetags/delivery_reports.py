"""Reports on deliveries, and what a client asked about them, for people."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from smtp_gateway import dsn
from smtp_gateway.models import Delivery
from smtp_gateway.reports.shown import ShownReport

register = template.Library()

_NOTIFY_WORDS = {
    "SUCCESS": pgettext_lazy("what is reported", "success"),
    "FAILURE": pgettext_lazy("what is reported", "failure"),
    "DELAY": pgettext_lazy("what is reported", "delay"),
}

_RET_WORDS = {"FULL": _("with the whole mail"), "HDRS": _("with its headers")}


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
    if notify == "NEVER":
        return pgettext("what is reported", "never")
    events = [str(_NOTIFY_WORDS.get(event, event)) for event in notify.split(",")]
    return gettext("on %(events)s") % {
        "events": pgettext("between the parts of a list", ", ").join(events)
    }


@register.filter
def ret_text(ret: str) -> str:
    """What a report should bring back."""
    return str(_RET_WORDS.get(ret, ret))


@register.filter
def on_delivery(
    reports: Mapping[int, Sequence[ShownReport]], delivery: Delivery
) -> Sequence[ShownReport]:
    """The reports on this one."""
    return reports.get(delivery.pk, ())
