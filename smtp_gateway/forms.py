"""What operators type on the pages of this package."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from verification.mail_address import InvalidMailAddress, normalize


class TestMailForm(forms.Form):
    """Where a test mail goes and what it says."""

    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter the address that the test mail goes to.")},
    )
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Text"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )

    def clean_recipient(self) -> str:
        try:
            return normalize(self.cleaned_data["recipient"])
        except InvalidMailAddress as error:
            raise ValidationError(str(error)) from None

    def clean_subject(self) -> str:
        return " ".join(str(self.cleaned_data["subject"]).split())
