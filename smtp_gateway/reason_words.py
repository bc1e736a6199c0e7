"""Why mail failed or waits, in sentences: by the category of a reply, or by a code of our own."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from smtp_gateway.relay.classify import RULES
from smtp_gateway.wait_wording import CODES

Words = str | Promise


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """What it means, whose fault it is (recipient, content, us, network or empty), what to do."""

    means: str
    fault: str = ""
    advice: str = ""


_OWN: dict[str, tuple[Words, Words]] = {
    "lifetime-over": (
        _("The lifetime of the mail ended while it waited."),
        _("Look at why mail waits, or give it more time by TRIGGER_LIFETIME_HOURS."),
    ),
    "next-hop-deferred": (_("The next hop did not take the mail for now."), ""),
    "next-hop-refused-connection": (_("The next hop did not talk to us."), ""),
    "next-hop-refused-sender": (_("The next hop refused the sender."), ""),
    "next-hop-refused-recipient": (_("The next hop refused the recipient."), ""),
    "next-hop-refused-mail": (_("The next hop refused the mail."), ""),
    "route-unusable": (
        _("Its route cannot be used until somebody mends it."),
        _("Look at the Routes page: it says what is wrong with the route."),
    ),
    "released": (_("It was released by hand."), ""),
    "suppressed": (
        _("The recipient was suppressed before the mail was sent."),
        _("Look at Suppressions: it says since when and why, and can be lifted there."),
    ),
}


def reason_words(code: str) -> ReasonWords:
    """`code`: a category of the rules for replies or a reason code; an unknown one stays itself."""
    if known := RULES.categories.get(code):
        return ReasonWords(gettext(known.means), known.fault, gettext(known.advice))
    means, advice = _OWN.get(code, (code, ""))
    return ReasonWords(str(means) or gettext("Nothing is known of the reason."), "", str(advice))


def wait_words(code: str) -> str:
    """Why something waits, in a few words."""
    return str(CODES[code]) if code in CODES else reason_words(code).means
