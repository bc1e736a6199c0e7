"""What an operator types to test a route."""

from django import forms
from django.utils.translation import gettext_lazy as _

from smtp_gateway.relay.domain_patterns import InvalidPattern, parse_patterns
from smtp_gateway.relay.routing import Kind
from verification.mail_address import InvalidMailAddress, normalize

_PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


class TrialForm(forms.Form):
    """Whose mail the server is asked about.

    A smarthost is connected to without any; direct delivery needs a recipient or a domain at least.
    """

    recipient = forms.CharField(
        label=_("Recipient"),
        required=False,
        max_length=320,
        help_text=_("Asks the server whether it would take mail to this address. None is sent."),
        widget=forms.TextInput(
            {**_PLAIN, "inputmode": "email", "placeholder": "somebody@example.org"}
        ),
    )
    mail_from = forms.CharField(
        label=_("Sender"),
        required=False,
        max_length=320,
        help_text=_("Asked about with the recipient."),
        widget=forms.TextInput({**_PLAIN, "inputmode": "email"}),
    )

    def __init__(self, data: object = None, *, kind: Kind, mail_from: str) -> None:
        super().__init__(data, initial={"mail_from": mail_from})  # type: ignore[arg-type]
        self._kind, self._usual_sender = kind, mail_from
        self.domain = ""
        """The recipient's, in A-labels."""
        if kind == "mx":
            field = self.fields["recipient"]
            field.label, field.required = _("Recipient or domain"), True
            field.help_text = _("Whose mail servers are looked up. An address is asked about, too.")
            field.error_messages["required"] = _("Enter an address or a domain, as in example.org.")

    def clean_recipient(self) -> str:
        text = self.cleaned_data["recipient"].strip()
        if self._kind == "mx" and "@" not in text:
            self.domain = _domain(text)
            return ""
        address = _address(text)
        self.domain = address.rpartition("@")[2]
        return address

    def clean_mail_from(self) -> str:
        text = self.cleaned_data["mail_from"].strip()
        # On a machine without a domain it has no dot, and is what the relay sends as all the same.
        return text if text == self._usual_sender else _address(text)


def _address(text: str) -> str:
    try:
        return normalize(text) if text.strip() else ""
    except InvalidMailAddress as error:
        raise forms.ValidationError(str(error)) from None


def _domain(text: str) -> str:
    try:
        found = parse_patterns(text)
    except InvalidPattern:
        found = ()
    if len(found) != 1 or "*" in found[0]:
        words = _("“%(word)s” is no domain. Write it as in example.org.")
        raise forms.ValidationError(words, params={"word": text[:80]})
    return found[0]
