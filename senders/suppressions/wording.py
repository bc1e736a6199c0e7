"""What pages say of a suppression."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senders.models import MailType
from senders.suppression import Reason, Scope, Suppression
from verification.mail_address import display


def reason_kind(row: Suppression) -> str:
    """Of its badge."""
    return "wait" if row.reason in (Reason.SOFT, Reason.MANUAL) else "bad"


def scope_words(row: Suppression) -> str:
    """Whose mail is stopped."""
    if row.scope == Scope.ADDRESS:
        return _("Mail of %(sender)s") % {"sender": display(row.sender_address)}
    if row.scope == Scope.MAIL_TYPE:
        return _("All %(mail_type)s") % {"mail_type": MailType(row.mail_type).label}
    return _("All mail")


def count_words(count: int, most: int) -> str:
    """How many the list has; it is counted up to `most`."""
    if count > most:
        return _("More than %(count)s suppressions") % {"count": f"{most:,}"}
    words = ngettext("%(count)d suppression", "%(count)d suppressions", count)
    return words % {"count": count}


def lifted_words(count: int) -> str:
    words = ngettext(
        "%(count)d suppression is lifted.", "%(count)d suppressions are lifted.", count
    )
    return words % {"count": count}
