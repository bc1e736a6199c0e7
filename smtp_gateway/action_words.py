"""The words of what can be done to mail by hand, and of what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smtp_gateway.obstacles import Obstacle


@dataclass(frozen=True, slots=True)
class ActionWords:
    """What the console says before and after."""

    label: Promise
    """On buttons."""
    icon: str
    question: Promise
    """With `{whom}` for the recipients."""
    effect: Promise
    report: Promise
    """Afterwards, with `{whom}`."""
    is_danger: bool = False

    def asks(self, whom: str) -> SafeString:
        """The question, with what others wrote kept to itself."""
        return format_html(str(self.question), whom=format_html("<bdi>{}</bdi>", whom))

    def reports(self, whom: str) -> str:
        return str(self.report).format(whom=isolated(whom))


WORDS: Mapping[str, ActionWords] = {
    "retry": ActionWords(
        label=_("Retry now"),
        icon="rotate-cw",
        question=_("Retry the mail to {whom} now?"),
        effect=_(
            "The next attempt is due at once instead of at its time. It still takes its turn"
            " with other mail to the same destination."
        ),
        report=_("The mail to {whom} is due now."),
    ),
    "cancel": ActionWords(
        label=_("Cancel mail"),
        icon="circle-minus",
        question=_("Cancel the mail to {whom}?"),
        effect=_(
            "It is not relayed any more, and nobody is sent a report. It can be sent again"
            " while its content is kept."
        ),
        report=_("The mail to {whom} is cancelled."),
        is_danger=True,
    ),
    "release": ActionWords(
        label=_("Release"),
        icon="circle-play",
        question=_("Release the mail to {whom}?"),
        effect=_(
            "It goes back into the queue and is tried at once. Should relays stop over it again,"
            " it is set aside again."
        ),
        report=_("The mail to {whom} is released."),
    ),
    "send-again": ActionWords(
        label=_("Send again"),
        icon="copy-plus",
        question=_("Send the mail to {whom} again?"),
        effect=_(
            "A new mail with the same content, sender and recipients goes into the queue, with"
            " a queue ID and a page of its own."
        ),
        report=_("The mail to {whom} is queued again."),
    ),
}
"""By the values of ActionName."""

SENTENCES: Mapping[Obstacle, Promise] = {
    Obstacle.IN_HAND: _(
        "A relay has it in hand at this moment, so it has to be left alone. Try again in a minute."
    ),
    Obstacle.ENDED: _("It has ended already."),
    Obstacle.DUE: _("It is due already."),
    Obstacle.SET_ASIDE: _("It is set aside: release it instead."),
    Obstacle.NOT_SET_ASIDE: _("It is not set aside."),
    Obstacle.WAITS: _("It still waits, and is relayed anyway."),
    Obstacle.NO_CONTENT: _("Its content is no longer kept, so there is nothing to send."),
    Obstacle.SUSPENDED: _("Its sender address is suspended. Resume it first."),
    Obstacle.NO_WAY_OUT: _(
        "No route leads out yet, so it would only stay here again. Set one up first."
    ),
}
"""Of one delivery."""

COUNTED: Mapping[Obstacle, Promise] = {
    Obstacle.IN_HAND: _("{count} in the hand of a relay at this moment"),
    Obstacle.ENDED: _("{count} ended already"),
    Obstacle.DUE: _("{count} due already"),
    Obstacle.SET_ASIDE: _("{count} set aside: to be released instead"),
    Obstacle.NOT_SET_ASIDE: _("{count} not set aside"),
    Obstacle.WAITS: _("{count} still waiting, and relayed anyway"),
    Obstacle.NO_CONTENT: _("{count} whose content is no longer kept"),
    Obstacle.SUSPENDED: _("{count} of a suspended sender address: resume it first"),
    Obstacle.NO_WAY_OUT: _("{count} kept here while no route leads out: set one up first"),
}
"""Of several."""


def counted(obstacle: Obstacle, count: int) -> str:
    return str(COUNTED[obstacle]).format(count=count)


def whom(count: int, recipient: str = "") -> str:
    """One recipient by the address, several by their number."""
    return recipient if count == 1 and recipient else recipients(count)


def isolated(text: str) -> str:
    """For a sentence without markup: marks of direction in foreign text end with it."""
    return text if text.isascii() else f"\u2068{text}\u2069"


def recipients(count: int) -> str:
    text = ngettext("%(count)s recipient", "%(count)s recipients", count)
    return text % {"count": f"{count:,}"}
