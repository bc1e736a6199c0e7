"""One submission each; what an address, a domain or a password may be is decided in services."""

from collections.abc import Callable

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senders import dkim_services, services
from senders.models import MailType, ReplyToOnSmtp, SenderAddress
from senders.smtp_password import MAX_LENGTH, MIN_LENGTH

PASSWORD_RULE = format_lazy(
    _(
        "{least} to {most} letters a-z, A-Z and digits, with at least 2 digits, 2 upper-case and "
        "2 lower-case letters. Not the previous one."
    ),
    least=MIN_LENGTH,
    most=MAX_LENGTH,
)
_ADDRESS_ATTRS = {
    "inputmode": "email",
    "autocapitalize": "none",
    "autocomplete": "off",
    "spellcheck": "false",
}


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except services.InvalidField as error:
        raise forms.ValidationError(str(error)) from None


class ReplyToForm(forms.Form):
    """The reply-to address of a sender address; empty: none."""

    reply_to = forms.CharField(
        label=_("Reply-to address"),
        required=False,
        help_text=_(
            "A mailbox that works: answers to your mail go there, and without one you get none. It "
            "has to be verified before mail composed here carries it; mail submitted by SMTP "
            "states its own."
        ),
        widget=forms.TextInput({**_ADDRESS_ATTRS, "placeholder": "support@example.com"}),
    )

    def clean_reply_to(self) -> str:
        return _checked(services.valid_reply_to, self.cleaned_data["reply_to"])


class ReplyToOnSmtpForm(forms.Form):
    """What becomes of the Reply-To of submitted mail."""

    reply_to_on_smtp = forms.ChoiceField(
        label=_("Reply-To of mail submitted by SMTP"), choices=ReplyToOnSmtp
    )


class CreateForm(ReplyToForm):
    """A new sender address."""

    address = forms.CharField(
        label=_("Sender address"),
        help_text=_("Your applications send as this address. It is also their SMTP user name."),
        error_messages={"required": _("Enter the address, for example news@example.com.")},
        widget=forms.TextInput({**_ADDRESS_ATTRS, "placeholder": "news@example.com"}),
    )
    mail_type = forms.ChoiceField(
        label=_("Mail type"),
        choices=MailType,
        help_text=_(
            "Each type has a policy of its own. An address that sends what its type is for keeps a "
            "good name with receivers. It cannot be changed later."
        ),
        error_messages={
            "required": _("Choose Trigger Mail or Batch Mail."),
            "invalid_choice": _("Choose Trigger Mail or Batch Mail."),
        },
        widget=forms.RadioSelect,
    )
    field_order = ["address", "mail_type", "reply_to"]

    def clean_address(self) -> str:
        address = _checked(services.valid_sender_address, self.cleaned_data["address"])
        if SenderAddress.objects.filter(address=address).exists():
            raise forms.ValidationError(services.ADDRESS_EXISTS)
        return address


class DomainForm(forms.Form):
    """A domain that mail is sent from; a mail address stands for its own."""

    domain = forms.CharField(
        label=_("Domain"),
        help_text=_("What stands behind the @ of your sender addresses."),
        error_messages={"required": _("Enter the domain, for example example.com.")},
        widget=forms.TextInput(
            {
                **_ADDRESS_ATTRS,
                "inputmode": "url",
                "placeholder": "example.com",
                "list": "sender-domains",
            }
        ),
    )

    def clean_domain(self) -> str:
        return _checked(dkim_services.valid_domain, self.cleaned_data["domain"])


class ReturnPathForm(forms.Form):
    """Where reports about the mail of a domain come back to."""

    host = forms.CharField(
        label=_("Host"),
        help_text=_("A name below the domain that has no other mail."),
        error_messages={"required": _("Enter the host, for example bounces.example.com.")},
        widget=forms.TextInput({**_ADDRESS_ATTRS, "inputmode": "url"}),
    )


class PasswordForm(forms.Form):
    """An SMTP password that somebody typed."""

    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_RULE,
        strip=False,
        error_messages={"required": _("Type a password, or let one be generated.")},
        widget=forms.PasswordInput(
            {"autocomplete": "new-password", "spellcheck": "false"}, render_value=True
        ),
    )
