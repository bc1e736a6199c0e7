"""Who is warming up: addresses and domains from which mail leaves since a short time only.

Only domains that are verified take part: mail of all others stays here and burns nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q

from senders.domains.reading import verified_domains
from senders.models import MailType, SenderAddress, SmtpCredential
from senders.standing.allowance import WarmUp
from senders.standing.defaults import warm_up
from senders.standing_rows import Plan, Standing, WarmUpDay, warm_up_day

Warming = Mapping[str, tuple[WarmUp, ...]]
"""By address; who is warm is not in it."""
Plans = Mapping[str, Sequence[int]]
"""By plan, what each of its days allows, from the first on."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """When the first mail of an address left; None: none has."""

    address: str
    began_at: datetime | None
    can_send: bool
    """Not suspended, not halted, and some application can log in as it."""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def plans() -> Plans:
    changed: dict[str, list[int]] = {name: [] for name in Plan.values}
    for row in WarmUpDay.objects.order_by("plan", "day"):
        changed[row.plan].append(row.per_day)
    return {name: days or warm_up(name) for name, days in changed.items()}


def warming(senders: Collection[SenderAddress], now: datetime) -> Warming:
    """Of `senders`, by what is known of all addresses of their domains."""
    verified = verified_domains(now)
    names = {sender.address.rpartition("@")[2] for sender in senders}
    domains = {name for name in names if name in verified}
    if not domains:
        return {}
    return warm_ups(_beginnings(domains, now), plans(), now)


def warm_ups(beginnings: Iterable[Beginning], plans: Plans, now: datetime) -> Warming:
    """`beginnings`: of all addresses of the domains that they are of."""
    of_domain: dict[str, list[Beginning]] = defaultdict(list)
    for beginning in beginnings:
        of_domain[beginning.domain].append(beginning)
    return {
        beginning.address: tuple(found)
        for own in of_domain.values()
        for beginning in own
        if (found := _of_address(beginning, plans, now) + _of_domain(beginning, own, plans, now))
    }


def _of_address(beginning: Beginning, plans: Plans, now: datetime) -> list[WarmUp]:
    return _on(Plan.ADDRESS, plans, warm_up_day(beginning.began_at, now), 1)


def _of_domain(
    asked: Beginning, own: Sequence[Beginning], plans: Plans, now: datetime
) -> list[WarmUp]:
    """Whoever sends nothing leaves its share to the others; `asked` has one as soon as it can."""
    first = min((each.began_at for each in own if each.began_at), default=None)
    shared_by = sum(each.can_send for each in own) + (not asked.can_send)
    return _on(Plan.DOMAIN, plans, warm_up_day(first, now), shared_by)


def _on(plan: Plan, plans: Plans, day: int, shared_by: int) -> list[WarmUp]:
    days = plans.get(plan, ())
    return [WarmUp(plan, day, len(days), days[day - 1], shared_by)] if day <= len(days) else []


def _beginnings(domains: Collection[str], now: datetime) -> list[Beginning]:
    of_domains = reduce(or_, (Q(address__endswith=f"@{domain}") for domain in domains))
    living = SmtpCredential.objects.living(now).filter(sender=OuterRef("pk"))
    rows = SenderAddress.objects.filter(of_domains).select_related("standing")
    return [_beginning(row) for row in rows.annotate(has_smtp=Exists(living))]


def _beginning(sender: Any) -> Beginning:
    standing: Standing | None = getattr(sender, "standing", None)
    is_halted = sender.mail_type == MailType.BATCH and standing is not None and standing.brake != ""
    can_send = sender.has_smtp and sender.suspended_at is None and not is_halted
    return Beginning(sender.address, standing.warm_up_began_at if standing else None, can_send)
