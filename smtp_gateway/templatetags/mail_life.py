"""Words and looks of a mail's page."""

from django import template
from django.utils.translation import gettext as _

from smtp_gateway.dsn import readable_orcpt
from smtp_gateway.mail_contents.headers import Headers
from smtp_gateway.mail_life import words
from smtp_gateway.mail_life.events import Event
from smtp_gateway.models import Attempt, Delivery
from smtp_gateway.relay.classify import RULES
from smtp_gateway.templatetags.delivery_reports import notify_text

register = template.Library()


@register.filter
def first_header(headers: Headers, name: str) -> str:
    """The first field of that name; empty: there is none."""
    return headers.first(name)


@register.filter
def notify_words(delivery: Delivery) -> str:
    """When the application asked to be told."""
    return notify_text(delivery.dsn_notify)


@register.filter
def orcpt_words(delivery: Delivery) -> str:
    """Whom the mail was first addressed to."""
    return readable_orcpt(delivery.dsn_orcpt)


@register.filter
def look_kind(attempt: Attempt) -> str:
    """The colour of an attempt, or of what was done by hand."""
    return words.look_of(attempt.shown_outcome)[0]


@register.filter
def look_icon(attempt: Attempt) -> str:
    return words.look_of(attempt.shown_outcome)[1]


@register.filter
def attempt_words(event: Event) -> str:
    """What an attempt came to."""
    outcome = event.attempt.shown_outcome if event.attempt else ""
    return words.attempt_title(outcome, event.number)


@register.filter
def by_hand_title(attempt: Attempt) -> str:
    """What was done."""
    return str(words.BY_HAND_TITLES.get(attempt.outcome, attempt.outcome))


@register.filter
def report_title(event: Event) -> str:
    """What a report told the sender."""
    return words.report_title(event.report.kind) if event.report else ""


@register.filter
def wait_title(delivery: Delivery) -> str:
    """Where a delivery that has not ended stands."""
    return words.wait_title(delivery.shown_state)


@register.filter
def wait_icon(delivery: Delivery) -> str:
    return {"leased": "send", "held": "hand"}.get(delivery.state, "hourglass")


@register.filter
def end_title(delivery: Delivery) -> str:
    """How it ended."""
    return words.end_title(delivery.shown_state)


@register.filter
def end_kind(delivery: Delivery) -> str:
    return words.end_kind(delivery.shown_state)


@register.filter
def meaning_text(category: str) -> str:
    """What a reply means, by the rules for replies; empty: they don't know the category."""
    known = RULES.categories.get(category)
    return _(known.means) if known and known.means else ""


@register.filter
def says_no_more(attempt: Attempt) -> bool:
    """Whether the reason is only the reply in other words."""
    return bool(attempt.reply) and attempt.reason.endswith(f": {attempt.reply}")


@register.filter
def tls_version(tls: str) -> str:
    """Without the cipher."""
    return tls.partition(" ")[0]


@register.filter
def route_words(attempt: Attempt) -> str:
    """The route by its name; by its kind in what was recorded before names were."""
    return {
        "smarthost": _("a smarthost"),
        "mx": _("direct delivery"),
        "mailbox": _("the local mailbox"),
    }.get(attempt.route, attempt.route)
