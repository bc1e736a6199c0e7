"""One submission: the role of somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from directmail.roles import Role


class RoleForm(forms.Form):
    """Change role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
