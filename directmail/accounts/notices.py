"""A change of an account: its owner is told by mail, and the audit log keeps it."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from directmail.accounts.devices import device
from directmail.accounts.mail import mail_operator
from directmail.models import Operator
from senders.audit.recording import CHANGED, REMOVED, SET, Target, record


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: for the owner, and as the audit log has it."""

    words: str | Promise
    action: str
    what: str
    became: str = CHANGED


# By the name that allauth has for it.
_CHANGES = {
    "account/email/password_changed": Change(
        _("The password was changed."), "operator.password_changed", "password"
    ),
    "account/email/password_reset": Change(
        _("The password was set anew by a link in a mail."), "operator.password_reset", "password"
    ),
    "mfa/email/totp_activated": Change(
        _("An authenticator app was added."), "operator.two_factor_added", "authenticator_app", SET
    ),
    "mfa/email/totp_deactivated": Change(
        _("The authenticator app was removed."),
        "operator.two_factor_removed",
        "authenticator_app",
        REMOVED,
    ),
    "mfa/email/webauthn_added": Change(
        _("A passkey was added."), "operator.two_factor_added", "passkey", SET
    ),
    "mfa/email/webauthn_removed": Change(
        _("A passkey was removed."), "operator.two_factor_removed", "passkey", REMOVED
    ),
    "mfa/email/recovery_codes_generated": Change(
        _("New recovery codes were made; the former ones no longer count."),
        "operator.recovery_codes_made",
        "recovery_codes",
    ),
}
_RESET = Change(
    _("Two-factor was removed by an admin, and you were logged out everywhere."),
    "operator.two_factor_reset",
    "two_factor",
    REMOVED,
)


def tell(operator: Operator, *, change: str, ip: str, user_agent: str) -> None:
    """Records and mails what was changed, when and from where."""
    _tell(operator, _CHANGES[change], {"ip": ip, "device": device(user_agent)})


def tell_of_reset(operator: Operator) -> None:
    """The same of what an admin did, in the console or at the command line."""
    _tell(operator, _RESET, {})


def _tell(operator: Operator, change: Change, origin: dict[str, object]) -> None:
    target = Target("operator", str(operator.pk), operator.email)
    record(action=change.action, on=target, after={change.what: change.became})
    context = {"change": change.words, "at": timezone.now(), **origin}
    # A mail that cannot be queued undoes nothing.
    mail_operator(operator, "account/mail/changed.txt", context=context).send(fail_silently=True)
