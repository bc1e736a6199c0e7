"""Every component in all its states, in both themes: for those who build pages. With DEBUG only.

Its words are in English alone: no operator sees them.
"""

from collections.abc import Sequence

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from senders.charts import bars, sparkline

_COLOURS = (
    "canvas surface surface-2 line line-strong ink ink-2 ink-3 accent accent-soft ok ok-soft wait "
    "wait-soft bad bad-soft info info-soft"
)
_SPACES = range(1, 8)
_SERIES = (
    bars.Series("accepted", "Accepted"),
    bars.Series("relayed", "Relayed", stack=1),
    bars.Series("deferred", "Deferred", stack=1),
    bars.Series("bounced", "Bounced", stack=1),
)
_SNIPPET = """\
import smtplib

with smtplib.SMTP("mail.example.com", 587) as smtp:
    smtp.starttls()
    smtp.login("news@example.com", password)
    smtp.send_message(mail)
"""
_OPTIONS = (
    ("trigger", "Trigger Mail", "Mail that an event sends to one person."),
    ("batch", "Batch Mail", "Mail to many who asked for it."),
)


class SampleForm(forms.Form):
    """One field of each kind."""

    address = forms.CharField(label="Sender address", help_text="Applications send as this.")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    security = forms.ChoiceField(label="Security", choices=[("tls", "TLS"), ("none", "None")])
    mail_type = forms.ChoiceField(
        label="Mail type",
        choices=[option[:2] for option in _OPTIONS],
        help_text="It cannot be changed later.",
    )
    is_on = forms.BooleanField(label="Switched on", required=False, help_text="Takes mail.")


@require_safe
def styleguide(request: HttpRequest) -> TemplateResponse:
    if not settings.DEBUG:
        raise Http404
    context = {
        "faces": [_face("light"), _face("dark")],
        "colours": _COLOURS.split(),
        "spaces": _SPACES,
        "chart": bars.draw(_SERIES, _slots()),
        "rising": sparkline.draw([1, 3, 2, 5, 4, 8, 7, 11, 9, 14]),
        "falling": sparkline.draw([9, 7, 8, 4, 5, 2, 3, 1, 0, 1]),
        "snippet": _SNIPPET,
        "options": _OPTIONS,
        "now": timezone.now(),
        "tabs": [("Messages", "#", True), ("Refused", "#refused", False), ("All", "#all", False)],
    }
    return TemplateResponse(request, "styleguide.html", context)


def _face(theme: str) -> dict[str, object]:
    """A theme with forms whose ids are its own: both stand on one page."""
    filled = {"address": "news@example.com", "mail_type": "trigger", "security": "tls"}
    return {
        "theme": theme,
        "form": SampleForm(initial=filled, auto_id=f"{theme}_%s"),
        "refused": SampleForm({"address": ""}, auto_id=f"{theme}_refused_%s"),
    }


def _slots() -> Sequence[bars.Slot]:
    """A day that nobody had."""
    accepted = [(hour * 7) % 13 + hour for hour in range(24)]
    return [
        bars.Slot(
            f"{hour:02}:00",
            [number, number * 3 // 4, number // 6, number // 12],
            tick=f"{hour:02}:00" if hour % 6 == 0 else "",
        )
        for hour, number in enumerate(accepted)
    ]
