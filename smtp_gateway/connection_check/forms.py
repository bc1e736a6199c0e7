"""What an operator types to check the connection of a sender address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from smtp_gateway.connection_check.preparing import STARTTLS, TLS
from verification.mail_address import InvalidMailAddress, normalize

WAYS = (
    (STARTTLS, _("STARTTLS"), _("The usual way: the connection begins in the clear.")),
    (TLS, _("TLS from the start"), _("Often called SSL/TLS.")),
)


class CheckForm(forms.Form):
    """The password is in no page that comes back."""

    password = forms.CharField(
        label=_("SMTP password"),
        help_text=_("Paste the one that the application has. It is neither kept nor logged."),
        max_length=200,
        error_messages={"required": _("Paste the password that you want to check.")},
        widget=forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    way = forms.ChoiceField(
        label=_("Connection"),
        choices=[(value, label) for value, label, _text in WAYS],
        initial=STARTTLS,
    )
    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=320,
        help_text=_("A real mail goes there, by the route of its domain."),
        error_messages={"required": _("Enter the address that the mail goes to.")},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def clean_recipient(self) -> str:
        try:
            return normalize(self.cleaned_data["recipient"])
        except InvalidMailAddress as error:
            raise forms.ValidationError(str(error)) from None
