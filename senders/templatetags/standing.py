"""`{% level_badge sender %}`: the level of a sender address, read with `select_related`."""

from django import template

from senders.models import SenderAddress
from senders.standing.reading import known_standing
from senders.standing.wording import LevelBadge
from senders.standing.wording import level_badge as badge_of

register = template.Library()


@register.inclusion_tag("components/badge.html")
def level_badge(sender: SenderAddress) -> dict[str, str]:
    badge: LevelBadge = badge_of(known_standing(sender))
    return {
        "kind": badge.kind, "icon": badge.icon, "label": badge.label, "hint": badge.hint
    }  # fmt: skip
