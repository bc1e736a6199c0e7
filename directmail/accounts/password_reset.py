"""The mail with which somebody who forgot the password sets another."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from directmail.accounts.mail import mail_operator
from directmail.models import Operator


def mail_reset_link(email: str) -> None:
    """Nothing where nobody active has this address: who exists is not told."""
    operator = Operator.objects.filter(email__iexact=email, is_active=True).first()
    if operator is None:
        return
    valid_until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    context = {"link": _link(operator), "valid_until": valid_until}
    mail_operator(
        operator, "account/mail/reset_password.txt", context=context, expires_at=valid_until
    ).send()


def _link(operator: Operator) -> str:
    """Its host is PUBLIC_URL's: a request's Host header can be forged."""
    key = default_token_generator.make_token(operator)
    place = {"uidb36": user_pk_to_url_str(operator), "key": key}
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=place)
