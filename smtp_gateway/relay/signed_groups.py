"""Puts DKIM signatures in front of contents that are about to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from smtp_gateway.relay.jobs import Group
from smtp_gateway.relay.own.value import NOTHING_OWN, OwnById
from smtp_gateway.relay.signing import Signing


@dataclass(frozen=True, slots=True)
class SignedGroups:
    """The groups that may go, with their contents by message id, and those that must not."""

    groups: Sequence[Group]
    contents: Mapping[int, bytes]
    unsignable: Sequence[tuple[Group, str]]
    """With a sentence on why."""
    own: OwnById = field(default_factory=dict)


async def sign(
    groups: Sequence[Group],
    contents: Mapping[int, bytes],
    signing: Signing,
    own: OwnById = NOTHING_OWN,
) -> SignedGroups:
    """Signs each message once, whatever the number of its groups, and once for each delivery what
    has fields of its own: the signature covers them (RFC 8058 section 4).
    """
    domains = {
        group[0].message_id: group[0].mail_from.rpartition("@")[2] or signing.own_domain
        for group in groups
        if group[0].message_id in contents
    }
    singles = {
        group[0].delivery_id: group[0].message_id
        for group in groups
        if group[0].delivery_id in own and own[group[0].delivery_id].fields
    }
    of_all = set(singles.values())
    shared = [message_id for message_id in domains if message_id not in of_all]
    message_ids = [*shared, *singles.values()]
    fields = await signing.sign(
        [(domains[message_id], contents[message_id]) for message_id in message_ids],
        [*[b""] * len(shared), *(own[delivery_id].fields for delivery_id in singles)],
    )
    signed, signed_own = dict(contents), dict(own)
    for message_id, header in zip(shared, fields, strict=False):
        if header:
            signed[message_id] = header + contents[message_id]
    for delivery_id, header in zip(singles, fields[len(shared) :], strict=True):
        if header:
            each = own[delivery_id]
            signed_own[delivery_id] = replace(each, fields=header + each.fields)
    return _sorted(groups, domains, signing, SignedGroups((), signed, (), signed_own))


def _sorted(
    groups: Sequence[Group], domains: Mapping[int, str], signing: Signing, signed: SignedGroups
) -> SignedGroups:
    faults = {domain: signing.fault(domain) for domain in set(domains.values())}
    free, held = [], []
    for group in groups:
        if fault := faults.get(domains.get(group[0].message_id, ""), ""):
            held.append((group, fault))
        else:
            free.append(group)
    return replace(signed, groups=free, unsignable=held)
