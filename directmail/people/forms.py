"""One submission: the role of somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from directmail.roles import Role


class RoleForm(forms.Form):
    """Change role."""

    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        choices=[
            (Role.ADMIN, _("Admin: everything, people, keys and routes included")),
            (Role.OPERATOR, _("Operator: works with sender addresses and mail")),
            (Role.VIEWER, _("Viewer: sees everything but the contents of mail, changes nothing")),
        ],
    )
