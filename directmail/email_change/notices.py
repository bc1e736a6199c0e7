"""What the present address of an account hears of a change, and the mail with the link."""

from datetime import datetime

from directmail.accounts.mail import account_mail, mail_operator
from directmail.email_change.links import Token, link_url
from directmail.models import EmailChange, Operator
from verification.mail import LinkMail


def link_mail(change: EmailChange) -> LinkMail:
    """To the new address, in the active language."""
    context = {
        "former": change.operator.email,
        "asked_by": change.asked_by,
        "link": link_url(Token(change.pk, change.link_id)),
        "valid_until": change.valid_until,
    }
    return account_mail(
        "account/mail/confirm_email.txt",
        to=change.email,
        context=context,
        expires_at=change.valid_until,
    )


def tell_of_wish(change: EmailChange) -> None:
    """While it can still be withdrawn."""
    context = {"new": change.email, "asked_by": change.asked_by, "at": change.asked_at}
    mail = mail_operator(change.operator, "account/mail/email_change_asked.txt", context=context)
    mail.send()


def tell_of_change(operator: Operator, *, former: str, now: datetime) -> None:
    """To the former address: the new one knows. In the transaction of the change."""
    context = {"new": operator.email, "at": now}
    mail = mail_operator(operator, "account/mail/email_changed.txt", context=context)
    mail.to = [former]
    mail.send()
