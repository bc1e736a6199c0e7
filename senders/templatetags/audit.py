"""What an entry of the audit log changed, and where the history of an object is.

A page of the audit log has hundreds of values. By templates they took half of its time.
"""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from senders.audit.history import history_url as url_of
from senders.audit.recording import Target
from senders.audit.shown import Change, Value
from senders.templatetags.icons import lucide
from senders.templatetags.moments import moment

register = template.Library()
_WAS = '<del><span class="visually-hidden">{} </span>{}</del>'
_IS_NOW = '<ins><span class="visually-hidden">{} </span>{}</ins>'


@register.simple_tag
def history_url(kind: str, key: object) -> str:
    """The audit log, filtered by that object."""
    return url_of(Target(kind, str(key)))


@register.simple_tag
def audit_changes(changes: Sequence[Change]) -> SafeString:
    """A list of them. Words tell what was and what is; colours and lines only help."""
    if not changes:
        return format_html('<span class="muted" aria-hidden="true">{}</span>', "\N{EN DASH}")
    told = ((change.label, _told(change)) for change in changes)
    each = format_html_join("", '<div class="change"><dt>{}</dt><dd>{}</dd></div>', told)
    return format_html('<dl class="changes">{}</dl>', each)


def _told(change: Change) -> SafeString:
    before, after = change.before, change.after
    was = format_html(_WAS, _("Before:"), _shown(before)) if before is not None else ""
    is_now = format_html(_IS_NOW, _("After:"), _shown(after)) if after is not None else ""
    arrow = lucide("arrow-right", size=14, aria_hidden="true") if was and is_now else ""
    return format_html("{}{}{}", was, arrow, is_now)


def _shown(value: Value) -> SafeString:
    if value.at:
        return moment(value.at)
    if value.text:
        return format_html("<bdi>{}</bdi>", value.text)
    return format_html('<span class="none">{}</span>', _("none"))
