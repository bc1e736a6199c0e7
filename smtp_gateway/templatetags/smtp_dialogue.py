"""The words beside what a client and the gateway said to each other."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smtp_gateway.recorded.wording import recorded
from smtp_gateway.submission.transcript import CLIENT, EVENT, SERVER

register = template.Library()

_SPEAKERS: Mapping[str, Promise] = {CLIENT: _("Client"), SERVER: _("Server"), EVENT: _("Event")}


@register.filter
def speaker_name(speaker: str) -> str:
    """Empty for a gap."""
    return str(_SPEAKERS.get(speaker, ""))


@register.filter
def event_words(words: str) -> str:
    """What happened beside the words."""
    return recorded(words)


@register.filter
def deciding_words(reply: str) -> str:
    """What decided a session: a reply as it was sent, or what happened instead of one."""
    return reply if reply[:1].isdigit() else event_words(reply)


@register.filter
def lines_left_out(words: str) -> str:
    """`words` of a gap: how many lines."""
    number = int(words) if words.isdecimal() else 0
    text = ngettext("%(number)s line left out", "%(number)s lines left out", number)
    return text % {"number": f"{number:,}"}
