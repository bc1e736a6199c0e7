"""One submission: the role of somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from directmail.roles import Role

ROLES = (
    (Role.ADMIN, _("Admin"), _("Does everything, and decides about people, DKIM keys and routes.")),
    (
        Role.OPERATOR,
        _("Operator"),
        _("Works with sender addresses and mail, and reads what mail contains."),
    ),
    (
        Role.VIEWER,
        _("Viewer"),
        _("Sees what happens, but no contents of mail, and changes nothing."),
    ),
)
"""Each role, its word, and what it means."""


class RoleForm(forms.Form):
    """Change role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
