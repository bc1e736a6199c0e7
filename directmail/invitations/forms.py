"""One submission each."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from directmail.accounts.forms import PASSWORD_RULE, password_field
from directmail.models import Operator
from directmail.roles import Role


class InviteForm(forms.Form):
    """Whom, and as what."""

    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("A mail with a link goes to it. The link is valid for 48 hours."),
        max_length=254,
        error_messages={"required": _("Enter the address of the person whom you invite.")},
        widget=forms.EmailInput(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.VIEWER, widget=forms.RadioSelect
    )


class AcceptForm(forms.Form):
    """The password of a new account."""

    password = password_field(_("Password"), autocomplete="new-password", help_text=PASSWORD_RULE)
    again = password_field(_("Password, once more"), autocomplete="new-password")

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, Operator(email=self.email))
        return password

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        password = self.cleaned_data.get("password")
        if password is not None and again != password:
            raise ValidationError(_("This is not the same password."))
        return again
