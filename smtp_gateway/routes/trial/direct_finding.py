"""What the end of a test of direct delivery means, and what to do about it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay.classify import Ending, Fault
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.routes.trial.finding import Finding, finding_of

_BY_DNS = {
    Fault.NO_DOMAIN: (
        gettext_lazy("No such domain"),
        gettext_lazy("%(cause)s Check how it is written."),
    ),
    Fault.NULL_MX: (
        gettext_lazy("It takes no mail"),
        gettext_lazy("%(cause)s Mail to it bounces."),
    ),
    Fault.DNS: (
        gettext_lazy("Its mail servers are unknown"),
        gettext_lazy("%(cause)s The relay tries again later."),
    ),
}


def direct_finding(domain: str, ending: Ending, hop: NextHop) -> Finding:
    """Why nothing came of mail to `domain`; `hop`: the host that tells most."""
    if ending.fault in _BY_DNS:
        title, words = _BY_DNS[ending.fault]
        return Finding(False, title, str(words) % {"cause": recorded(f"{ending.detail}.")})
    if ending.fault is Fault.UNREACHABLE:
        return Finding(False, gettext_lazy("Cannot be reached"), _unreachable(domain, hop))
    if ending.fault is Fault.TLS:
        return Finding(
            False, gettext_lazy("Not protected as it has to be"), _unsafe(domain, ending, hop)
        )
    return finding_of(ending, hop)


def _unreachable(domain: str, hop: NextHop) -> str:
    return _(
        "No mail server of %(domain)s can be reached; the last one tried was %(hop)s. Where that "
        "is so for every domain, outgoing port 25 is blocked: ask your provider to open it, or "
        "send through a smarthost."
    ) % {"domain": domain, "hop": hop}


def _unsafe(domain: str, ending: Ending, hop: NextHop) -> str:
    return _(
        "%(hop)s cannot be used: %(detail)s. Mail to %(domain)s waits rather than go there; it is "
        "for those who run it to put that right."
    ) % {"hop": hop, "detail": recorded(ending.detail), "domain": domain}
