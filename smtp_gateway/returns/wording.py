"""What the pages call mail that came back."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smtp_gateway.models import ReturnedMail, ReturnKind
from smtp_gateway.reason_words import reason_words

Words = Promise | str


@dataclass(frozen=True, slots=True)
class Look:
    """Colour and icon."""

    kind: str
    icon: str


_LOOKS: dict[str, Look] = {
    ReturnKind.FAILED: Look("bad", "undo-2"),
    ReturnKind.DELAYED: Look("wait", "hourglass"),
    ReturnKind.DELIVERED: Look("ok", "check"),
    ReturnKind.COMPLAINT: Look("bad", "flag"),
    ReturnKind.OPT_OUT: Look("info", "user-minus"),
    ReturnKind.AUTO_REPLY: Look("muted", "reply"),
    ReturnKind.CHALLENGE: Look("muted", "circle-question-mark"),
    ReturnKind.FEEDBACK: Look("muted", "info"),
    ReturnKind.POSTMASTER: Look("info", "mail"),
    ReturnKind.NOT_UNDERSTOOD: Look("wait", "circle-alert"),
}
_TITLES: dict[str, Words] = {
    ReturnKind.DELAYED: gettext_lazy("A server on the way reported a delay"),
    ReturnKind.DELIVERED: gettext_lazy("A server on the way reported its delivery"),
    ReturnKind.COMPLAINT: gettext_lazy("Its recipient complained of it as spam"),
    ReturnKind.OPT_OUT: gettext_lazy("Its recipient wants no more of it"),
    ReturnKind.AUTO_REPLY: gettext_lazy("An automatic reply came back"),
    ReturnKind.CHALLENGE: gettext_lazy("Its recipient's program asks who sent it"),
    ReturnKind.FEEDBACK: gettext_lazy("Feedback about it came back"),
    ReturnKind.POSTMASTER: gettext_lazy("Somebody wrote to the postmaster"),
    ReturnKind.NOT_UNDERSTOOD: gettext_lazy("Something came back that is not understood"),
}
_MEANS: dict[str, Words] = {
    ReturnKind.DELAYED: gettext_lazy("It counts for nothing: the mail is still tried elsewhere."),
    ReturnKind.DELIVERED: gettext_lazy("The sender hears of it where the application asked to."),
    ReturnKind.AUTO_REPLY: gettext_lazy("It counts for nothing: somebody is away, not gone."),
    ReturnKind.CHALLENGE: gettext_lazy(
        "It counts for nothing. Answering it is the sender's decision; DirectMail answers none."
    ),
    ReturnKind.FEEDBACK: gettext_lazy("It counts for nothing, and is kept to be read."),
    ReturnKind.POSTMASTER: gettext_lazy(
        "It counts for nothing. Read it: somebody may have trouble with our mail."
    ),
    ReturnKind.NOT_UNDERSTOOD: gettext_lazy(
        "It counts for nothing. Read it: where it is a bounce in a form that is not known yet, a"
        " rule for it can be added to smtp_gateway/returns/rules/forms.toml."
    ),
}


def look_of(row: ReturnedMail) -> Look:
    return _LOOKS.get(row.kind, Look("info", "clock"))


def kind_of(row: ReturnedMail) -> str:
    """In a word or two."""
    return row.get_kind_display() or _("Not read yet")


def title_of(row: ReturnedMail) -> str:
    """What happened, for the life of a mail."""
    if row.kind == ReturnKind.FAILED:
        why = reason_words(row.category).means.rstrip(".。")
        return _("Bounced later: %(why)s") % {"why": why}
    return str(_TITLES.get(row.kind, "")) or _("Something came back, and is read in a moment")


def means_of(row: ReturnedMail) -> str:
    """What follows from it."""
    if not row.processed_at:
        return _("A worker reads it within seconds.")
    if row.is_repeat:
        return _("The same came back before, so it counts for nothing.")
    if row.kind in (ReturnKind.FAILED, ReturnKind.COMPLAINT, ReturnKind.OPT_OUT):
        return _of_consequences(row)
    return str(_MEANS.get(row.kind, ""))


def advice_of(row: ReturnedMail) -> str:
    """What to do about a bounce; empty: nothing is known."""
    return reason_words(row.category).advice if row.kind == ReturnKind.FAILED else ""


def _of_consequences(row: ReturnedMail) -> str:
    if not row.queue_id and row.kind != ReturnKind.OPT_OUT:
        return _("It is about no mail that is still known here, so nothing follows from it.")
    if row.kind == ReturnKind.COMPLAINT:
        return _("It counts against the sender, and the recipient gets no more mail of this kind.")
    if row.kind == ReturnKind.OPT_OUT:
        return _("The recipient gets no more of it.")
    if row.is_counted:
        return _("It counts against the sender, and the recipient gets no more mail.")
    return _("It counts for nothing: it may pass, or is not the recipient's fault.")
