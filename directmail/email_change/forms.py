"""One submission: the address that is to be."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NewEmailForm(forms.Form):
    """Another address."""

    email = forms.CharField(
        label=_("New e-mail address"),
        help_text=_("A mail with a link goes to it. The change counts once the link is confirmed."),
        max_length=254,
        error_messages={"required": _("Enter the new address.")},
        widget=forms.EmailInput(
            {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
