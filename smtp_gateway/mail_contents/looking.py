"""Who may look at what mails say, and that it is written down."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from senders.audit.entry import AuditEntry
from senders.audit.recording import Target, record
from smtp_gateway.models import Message

ACTION = "mail.contents_seen"
_KIND = "mail"


def are_hidden() -> bool:
    """Whether the installation hides them from everybody."""
    return bool(settings.HIDE_MAIL_CONTENTS)


def note_look(request: HttpRequest, message: Message) -> None:
    """Once for each operator, mail and day: the audit log says who looked at what it says.

    Comes before anything is shown of it. Raises PermissionDenied where it is not for this operator:
    with the links in DirectMail's own letters one could set an admin's password, or become one.
    """
    if message.is_letter and not request.user.has_perm("smtp_gateway.view_letters"):
        raise PermissionDenied
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    seen = AuditEntry.objects.of_object(_KIND, message.queue_id).filter(
        actor=request.user.get_username(), action=ACTION, at__gte=today
    )
    if seen.exists():
        return
    path = reverse("smtp_gateway:mail", args=[message.queue_id])
    record(request, action=ACTION, on=Target(_KIND, message.queue_id, message.queue_id, path))
