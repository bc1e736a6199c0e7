"""`{% open_invitations %}`: those that are neither accepted nor withdrawn, for the People page."""

from django import template
from django.template.context import Context
from django.utils import timezone

from directmail.models import Invitation

register = template.Library()


@register.inclusion_tag("invitations/open.html", takes_context=True)
def open_invitations(context: Context) -> dict[str, object]:
    """Nothing where there are none."""
    return {
        "invitations": Invitation.objects.open(),
        "now": timezone.now(),
        "csrf_token": context.get("csrf_token"),
    }
