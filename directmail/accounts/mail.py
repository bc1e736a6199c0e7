"""Mail to an operator about the own account: text, in that operator's language."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import make_msgid

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from directmail.models import Operator
from verification.mail import LinkMail


def account_mail(
    template: str, *, to: str, context: Mapping[str, object], expires_at: datetime | None = None
) -> LinkMail:
    """The mail of `template`, whose first line is the subject.

    `expires_at`: when the mail is worth nothing any more; None: never.
    """
    words = {"console_url": settings.PUBLIC_URL, "email": to, **context}
    subject, _, body = render_to_string(template, words).strip().partition("\n")
    mail = LinkMail(
        subject=subject.strip(),
        body=body.strip() + "\n",
        to=[to],
        headers={
            "Message-ID": make_msgid(domain=settings.SYSTEM_MAIL_FROM.rpartition("@")[2]),
            # RFC 3834: no out-of-office answers to this, please.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.expires_at = expires_at
    return mail


def mail_operator(
    operator: Operator,
    template: str,
    *,
    context: Mapping[str, object],
    expires_at: datetime | None = None,
) -> LinkMail:
    """The same, with words and times as this operator reads them."""
    language = operator.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(operator.time_zone or None):
        return account_mail(template, to=operator.email, context=context, expires_at=expires_at)
