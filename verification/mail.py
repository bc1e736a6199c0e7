"""The mail that carries a verification link."""

from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from verification.links import Token, link_url
from verification.mail_address import display
from verification.models import LINK_LIFETIME, Verification


class LinkMail(EmailMultiAlternatives):
    """A mail that is worth nothing once its link has expired."""

    expires_at: datetime | None = None
    """When the mail backend may give up; None: whenever it does by itself."""


def link_mail(verification: Verification) -> LinkMail:
    """Text and HTML in the active language. Its Message-ID is how its delivery is found again."""
    context = {
        "mailbox": display(verification.mailbox),
        "subject": display(verification.subject),
        "requested_by": verification.requested_by,
        "link": link_url(Token(verification.pk, verification.link_id)),
        "console_url": settings.PUBLIC_URL,
        "valid_minutes": int(LINK_LIFETIME.total_seconds() // 60),
        "valid_until": verification.valid_until,
    }
    mail = LinkMail(
        subject=_("Confirm that replies to %(subject)s may come here") % context,
        body=render_to_string("verification/link_mail.txt", context),
        to=[verification.mailbox],
        headers={
            "Message-ID": make_msgid(domain=settings.SYSTEM_MAIL_FROM.rpartition("@")[2]),
            # RFC 3834: no out-of-office answers to this, please.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("verification/link_mail.html", context), "text/html")
    mail.expires_at = verification.valid_until
    return mail
