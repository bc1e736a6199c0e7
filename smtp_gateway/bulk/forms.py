"""What admins type about flags."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NotBulkForm(forms.Form):
    """Why mail that looks like bulk is none."""

    reason = forms.CharField(
        label=_("Why is it no Batch Mail?"),
        max_length=300,
        help_text=_("It stands on the page of the address, and in the audit log."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Say why, for whoever looks at it later.")},
    )
