"""Puts DKIM signatures in front of contents that are about to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtp_gateway.relay.crew import Group
from smtp_gateway.relay.signing import Signing


@dataclass(frozen=True, slots=True)
class SignedGroups:
    """The groups that may go, with their contents by message id, and those that must not."""

    groups: Sequence[Group]
    contents: Mapping[int, bytes]
    unsignable: Sequence[tuple[Group, str]]
    """With a sentence on why."""


async def sign(
    groups: Sequence[Group], contents: Mapping[int, bytes], signing: Signing
) -> SignedGroups:
    """Signs each message once, whatever the number of its groups."""
    domains = {
        group[0].message_id: group[0].mail_from.rpartition("@")[2] or signing.own_domain
        for group in groups
        if group[0].message_id in contents
    }
    fields = await signing.sign(
        [(domain, contents[message_id]) for message_id, domain in domains.items()]
    )
    faults = {domain: signing.fault(domain) for domain in set(domains.values())}
    signed = dict(contents)
    for message_id, header in zip(domains, fields, strict=True):
        if header:
            signed[message_id] = header + contents[message_id]
    free, held = [], []
    for group in groups:
        if fault := faults.get(domains.get(group[0].message_id, ""), ""):
            held.append((group, fault))
        else:
            free.append(group)
    return SignedGroups(free, signed, held)
