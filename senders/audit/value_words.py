"""The words for values that are codes: the audit log itself is the same in all languages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from senders.audit.recording import CHANGED, NOT_SET, REMOVED, SET

_BETWEEN_FACTORS = " + "
_OF_SECRETS: dict[str, Promise] = {
    NOT_SET: _("not set"),
    SET: _("set"),
    CHANGED: _("changed"),
    REMOVED: _("removed"),
}
_SECRETS = ("password", "authenticator_app", "passkey", "recovery_codes", "two_factor")
_VALUES: dict[str, Mapping[str, Promise]] = {
    "mail_type": {"trigger": _("Trigger Mail"), "batch": _("Batch Mail")},
    "kind": {
        "smarthost": _("Smarthost"),
        "mx": _("Direct delivery"),
        "mailbox": _("Local mailbox"),
    },
    "security": {
        "required": _("STARTTLS, required"),
        "implicit": _("TLS from the start"),
        "when-offered": _("STARTTLS where it is offered"),
        "never": _("No TLS"),
    },
    "role": {"admin": _("Admin"), "operator": _("Operator"), "viewer": _("Viewer")},
    "brake": {"hard-bounces": _("Hard bounces"), "complaints": _("Complaints")},
    "state": {
        "new": _("Not active yet"),
        "active": _("Active"),
        "retired": _("Retired"),
        "pending": _("Not verified yet"),
        "verified": _("Verified"),
        "failing": _("Failing"),
        "suspended": _("Suspended"),
        "deactivated": _("Deactivated"),
    },
    "reason": {
        "password": _("Wrong password"),
        "deactivated": _("The account is deactivated"),
        "hard-bounce": _("Hard bounce"),
        "complaint": _("Complaint"),
        "opt-out": _("Opt-out"),
        "manual": _("By hand"),
        "soft": _("Soft bounces"),
    },
    "scope": {
        "address": _("One sender address"),
        "mail_type": _("One mail type"),
        "organisation": _("Everything"),
    },
    "with": {
        "password": _("Password"),
        "passkey": _("Passkey"),
        "webauthn": _("Passkey"),
        "totp": _("Authenticator app"),
        "recovery_codes": _("Recovery code"),
    },
    **dict.fromkeys(_SECRETS, _OF_SECRETS),
}


def value_words(name: str, code: str) -> str:
    """The words for this value of that field; what has none is shown as it is."""
    words = _VALUES.get(name, {})
    codes = code.split(_BETWEEN_FACTORS) if name == "with" else [code]
    return _BETWEEN_FACTORS.join(str(words.get(each, each)) for each in codes)
