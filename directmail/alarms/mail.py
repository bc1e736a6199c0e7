"""The mail about an alarm, to everybody who can do something about it."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from directmail.accounts.mail import mail_operator
from directmail.models import Operator
from directmail.roles import Role
from senders.models import Standing
from smtp_gateway.standing.wording import trouble_advice, trouble_sentence

_WORTH = timedelta(days=3)


def tell_operators(standing: Standing) -> int:
    """Queues a mail for each; how many there are."""
    people = list(Operator.objects.filter(role__in=(Role.ADMIN, Role.OPERATOR), is_active=True))
    for operator in people:
        _tell(operator, standing)
    return len(people)


def _tell(operator: Operator, standing: Standing) -> None:
    trouble = standing.brake or standing.warning
    page = reverse("smtp_gateway:standing", args=[standing.sender_id])
    # Sentences with numbers are made here, so in the reader's language.
    with translation.override(operator.language or settings.LANGUAGE_CODE):
        context = {
            "address": standing.sender.display_address,
            "is_braked": bool(standing.brake),
            "is_batch": standing.sender.mail_type == "batch",
            "sentence": trouble_sentence(trouble, standing.trouble_count, standing.trouble_of),
            "advice": trouble_advice(trouble),
            "page_url": settings.PUBLIC_URL + page,
        }
    mail_operator(
        operator, "alarms/mail.txt", context=context, expires_at=timezone.now() + _WORTH
    ).send()
