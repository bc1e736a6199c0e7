"""What each role may do, in Django's permissions.

A viewer sees everything that is no content of mail, and changes nothing. An operator works with
addresses and mail. An admin does all of it, decides about people, domains, keys and routes, and
alone reads what DirectMail itself writes to people.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What an operator of the console is."""

    ADMIN = "admin", _("Admin")
    OPERATOR = "operator", _("Operator")
    VIEWER = "viewer", _("Viewer")


OPTIONS = (
    (
        Role.ADMIN,
        Role.ADMIN.label,
        _("Does everything, and decides about people, domains and routes."),
    ),
    (
        Role.OPERATOR,
        Role.OPERATOR.label,
        _("Works with sender addresses and mail, and reads what mail contains."),
    ),
    (
        Role.VIEWER,
        Role.VIEWER.label,
        _("Sees what happens, but no contents of mail, and changes nothing."),
    ),
)
"""Each role, its word, and what it means."""


OF_OPERATORS = frozenset(
    {
        "senders.change_senderaddress",
        "senders.check_senderdomain",
        "senders.change_suppression",
        "senders.view_auditentry",
        "smtp_gateway.act_on_mail",
        "smtp_gateway.view_contents",
    }
)
OF_ADMINS = OF_OPERATORS | {
    "directmail.change_operator",
    "senders.change_dkimkey",
    "senders.change_senderdomain",
    # Of the organisation, or many at once: whole lists are brought in, all that is found is lifted.
    "senders.change_all_suppressions",
    "senders.change_policy",
    "senders.change_standing",
    "smtp_gateway.change_route",
    # What DirectMail writes to people, with links that let in whoever has them.
    "smtp_gateway.view_letters",
}

_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMIN: OF_ADMINS,
    Role.OPERATOR: OF_OPERATORS,
    Role.VIEWER: frozenset(),
}


def may(role: str, permission: str) -> bool:
    """Whether that role has the permission, such as `smtp_gateway.change_route`."""
    return permission in _PERMISSIONS[role]


def permissions_of(role: str) -> frozenset[str]:
    return _PERMISSIONS[role]
