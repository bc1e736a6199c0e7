"""Why mail failed, whose fault it was and what to do about it, in the words of the page."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway.relay.classify import RULES
from smtp_gateway.sender_page.activity import Failure
from smtp_gateway.sender_page.refused_sessions import RefusedSessions
from smtp_gateway.smtp_sessions.advice import Facts, advise


@dataclass(frozen=True, slots=True)
class FailureWords:
    """Sentences, but for `title`; empty: there is nothing to say."""

    title: str
    fault: str
    advice: str


def words_of_failure(failure: Failure) -> FailureWords:
    """By the rules for replies, and where they don't know the reason by its newest example."""
    reason, example = failure.reason, failure.example
    category = RULES.categories.get(reason.code)
    if category is None:
        known = example.reason if example else ""
        return FailureWords(known or _other(reason.code), "", _advice_without_rule(reason.outcome))
    return FailureWords(_(category.means), _fault(category.fault), _(category.advice))


def words_of_sessions(sessions: RefusedSessions, sender: SenderAddress) -> FailureWords:
    """As the page of the session says it."""
    facts = Facts(
        address=sessions.newest.sender_address,
        user_name=sessions.newest.user_name,
        mail_count=0,
        smtp_port=settings.SMTP_PORT,
        smtps_port=settings.SMTPS_PORT,
        credential=sessions.newest.credential,
        at_present=sender.smtp_state,
    )
    advice = advise(sessions.outcome, facts)
    return FailureWords(advice.title, "", advice.text)


def _fault(fault: str) -> str:
    return {
        "recipient": _("The recipient's fault."),
        "content": _("The mail's own fault."),
        "us": _("Our fault, not the recipient's."),
        "network": _("The next hop's or the network's fault."),
    }.get(fault, "")


def _other(code: str) -> str:
    return _("Another reason (%(code)s).") % {"code": code} if code else _("No reason was given.")


def _advice_without_rule(outcome: str) -> str:
    if outcome == "deferred":
        return _("Nothing has to be done: it is tried again.")
    return _("Read the newest reply; the mail's page shows all of what happened.")
