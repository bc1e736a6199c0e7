"""A message as an operator describes it."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from senders.models import SenderAddress
from smtp_gateway import directory
from smtp_gateway.preview.values import Asked

MOST_RECIPIENTS = 1_000
_BETWEEN = re.compile(r"[\s,;]+")
_PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


class PreviewForm(forms.Form):
    """Who sends what to whom. Nothing of it is kept."""

    sender = forms.ModelChoiceField(
        SenderAddress.objects.order_by("address"),
        label=_("Sender address"),
        empty_label=None,
        error_messages={
            "required": _("Choose the address that would send."),
            "invalid_choice": _("Choose the address that would send."),
        },
    )
    recipients = forms.CharField(
        label=_("Recipients"),
        max_length=200_000,
        help_text=_("One or several, with spaces, commas or lines between them."),
        widget=forms.Textarea({**_PLAIN, "rows": 2}),
        error_messages={"required": _("Enter who would get the mail.")},
    )
    subject = forms.CharField(label=_("Subject"), max_length=500, required=False)
    text = forms.CharField(
        label=_("Text"), max_length=100_000, required=False, widget=forms.Textarea({"rows": 4})
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=1_000_000,
        required=False,
        strip=False,
        help_text=_("The whole mail or its header alone, instead of subject and text."),
        widget=forms.Textarea({**_PLAIN, "rows": 8}),
    )
    size_bytes = forms.IntegerField(
        label=_("Size in bytes"),
        required=False,
        min_value=1,
        max_value=10**12,
        help_text=_("Where the mail is larger than what stands here."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], _("Enter a whole number from 1 on.")
        ),
    )

    def clean_recipients(self) -> list[str]:
        found = [each.strip("<>") for each in _BETWEEN.split(self.cleaned_data["recipients"])]
        recipients = list(dict.fromkeys(each for each in found if each))
        if not recipients:
            raise forms.ValidationError(_("Enter who would get the mail."))
        if len(recipients) > MOST_RECIPIENTS:
            raise forms.ValidationError(_("Enter 1,000 recipients at most."))
        return recipients

    def asked(self, now: datetime) -> Asked:
        values: dict[str, Any] = self.cleaned_data
        sender: SenderAddress = values["sender"]
        content = _source(values["source"]) or _composed(sender, values)
        return Asked(
            sender=directory.find_senders([sender.address])[sender.address],
            recipients=values["recipients"],
            content=content,
            size_bytes=max(len(content), values["size_bytes"] or 0),
            now=now,
        )


def _source(text: str) -> bytes:
    """Browsers send line ends as CR LF whatever was pasted; a lone one would be the browser's."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines.strip():
        return b""
    return lines.lstrip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def _composed(sender: SenderAddress, values: dict[str, Any]) -> bytes:
    mail = EmailMessage(SMTP)
    mail["From"] = Address(addr_spec=sender.address)
    mail["To"] = ", ".join(values["recipients"][:1])
    mail["Subject"] = " ".join(values["subject"].split())
    mail.set_content(values["text"])
    return mail.as_bytes()
