"""The mail that carries an invitation."""

from django.conf import settings
from django.template.loader import render_to_string

from directmail.accounts.mail import account_mail
from directmail.invitations.links import Token, link_url
from directmail.models import Invitation
from verification.mail import LinkMail


def invitation_mail(invitation: Invitation) -> LinkMail:
    """Text and HTML in the active language: nobody knows the reader's yet."""
    context = {
        "email": invitation.email,
        "invited_by": invitation.invited_by,
        "role": invitation.get_role_display(),
        "link": link_url(Token(invitation.pk, invitation.link_id)),
        "valid_until": invitation.valid_until,
        "console_url": settings.PUBLIC_URL,
    }
    mail = account_mail(
        "invitations/mail.txt",
        to=invitation.email,
        context=context,
        expires_at=invitation.valid_until,
    )
    mail.attach_alternative(render_to_string("invitations/mail.html", context), "text/html")
    return mail
