"""What the end of a test of direct delivery means, and what to do about it. Pure."""

from smtp_gateway.relay.classify import Ending, Fault
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.routes.trial.finding import Finding, finding_of

_BY_DNS = {
    Fault.NO_DOMAIN: ("No such domain", "Check how it is written."),
    Fault.NULL_MX: ("It takes no mail", "Mail to it bounces."),
    Fault.DNS: ("Its mail servers are unknown", "The relay tries again later."),
}


def direct_finding(domain: str, ending: Ending, hop: NextHop) -> Finding:
    """Why nothing came of mail to `domain`; `hop`: the host that tells most."""
    if ending.fault in _BY_DNS:
        title, what_follows = _BY_DNS[ending.fault]
        return Finding(is_good=False, title=title, text=f"{ending.detail}. {what_follows}")
    if ending.fault is Fault.UNREACHABLE:
        return Finding(is_good=False, title="Cannot be reached", text=_unreachable(domain, hop))
    if ending.fault is Fault.TLS:
        return Finding(
            is_good=False,
            title="Not protected as it has to be",
            text=f"{hop} cannot be used: {ending.detail}. Mail to {domain} waits rather than go "
            "there; it is for those who run it to put that right.",
        )
    return finding_of(ending, hop)


def _unreachable(domain: str, hop: NextHop) -> str:
    return (
        f"No mail server of {domain} can be reached; the last one tried was {hop}. Where that is "
        "so for every domain, outgoing port 25 is blocked: ask your provider to open it, or send "
        "through a smarthost."
    )
