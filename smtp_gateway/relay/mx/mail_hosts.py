"""Which hosts take a domain's mail, in the order they are tried (RFC 5321 section 5.1)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.mx.answers import Answer, LookUpFailed, Mx
from smtp_gateway.relay.mx.domain import is_host_name
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.session import Ended


@dataclass(frozen=True, slots=True)
class MailHosts:
    """Names to be tried one after the other; never empty."""

    names: tuple[str, ...]
    is_secure: bool = False
    """Their choice was validated by DNSSEC."""
    is_implicit: bool = False
    """There is no MX: the domain itself stands for one."""
    domain_names: tuple[str, ...] = ()
    """The domain's name, and where its aliases lead."""


def by_dns(fault: Fault, sentence: str) -> Ended:
    """The end of an attempt for what DNS says, before there was any connection."""
    return Ended(Ending(Stage.CONNECT, fault=fault, detail=sentence))


async def find_mail_hosts(
    resolver: Resolver, domain: str, *, our_name: str, chance: random.Random
) -> MailHosts:
    """The hosts of `domain`, a name in A-labels; equal ones in an order of `chance`.

    Raises Ended: with NO_DOMAIN, NULL_MX (RFC 7505), or DNS for what may pass.
    """
    try:
        answer = await resolver.mx(domain)
    except LookUpFailed as failed:
        raise by_dns(
            Fault.DNS, f"The mail servers of {domain} cannot be looked up: {failed}"
        ) from None
    if not answer.name_exists:
        raise by_dns(Fault.NO_DOMAIN, f"There is no domain {domain} (5.1.2)")
    names = _in_order(answer, domain, our_name, chance) if answer.records else (domain,)
    return MailHosts(
        names,
        is_secure=answer.is_secure,
        is_implicit=not answer.records,
        domain_names=tuple(dict.fromkeys((domain, answer.canonical_name or domain))),
    )


def _in_order(
    answer: Answer[Mx], domain: str, our_name: str, chance: random.Random
) -> tuple[str, ...]:
    if all(not record.exchange for record in answer.records):
        said = f"{domain} takes no mail: its null MX record says so (5.1.10)"
        raise by_dns(Fault.NULL_MX, said)
    usable = [record for record in answer.records if is_host_name(record.exchange)]
    if not usable:
        said = f"The MX records of {domain} name no host that can be looked up"
        raise by_dns(Fault.DNS, said)
    before_us = _before_us(usable, our_name)
    if not before_us:
        said = f"The MX records of {domain} lead back to this server ({our_name}); mail would loop"
        raise by_dns(Fault.DNS, said)
    ranked = sorted(before_us, key=lambda record: (record.preference, chance.random()))
    return tuple(dict.fromkeys(record.exchange for record in ranked))


def _before_us(records: Sequence[Mx], our_name: str) -> Sequence[Mx]:
    """Without us, and whoever would only hand the mail to us."""
    us = our_name.lower().removesuffix(".")
    ours = [record.preference for record in records if record.exchange == us]
    return [record for record in records if not ours or record.preference < min(ours)]
