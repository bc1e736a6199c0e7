"""What others ask about sender domains."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from senders.dkim_list import sender_domains
from senders.domains.coverage import Coverage, itself_and_above
from senders.models import FormerReturnHost, SenderDomain
from verification.mail_address import display


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """Whether mail of one domain may leave, and where to read why."""

    name: str
    row: SenderDomain | None
    """The added domain that it belongs to; None: nobody has added it or one above it."""
    covered_by: str
    """The verified domain by which it counts, itself or one above; empty: it does not."""

    @property
    def display_name(self) -> str:
        return display(self.name)

    @property
    def display_covered_by(self) -> str:
        return display(self.covered_by)

    @property
    def is_by_another(self) -> bool:
        return self.covered_by not in ("", self.name)


def verified_domains(now: datetime | None = None) -> Coverage:
    """Those whose mail may leave: ask `domain in verified_domains()`. One small query."""
    now = now or timezone.now()
    known = SenderDomain.objects.ever_verified().only("domain", "state", "failing_since")
    counting = frozenset(row.domain for row in known if row.counts(now))
    return Coverage(counting, frozenset(row.domain for row in known) - counting)


def status_of(name: str, now: datetime) -> DomainStatus:
    """`name` in A-labels and lower case. Two small queries."""
    return DomainStatus(name, domain_of(name), verified_domains(now).covering(name))


def domains_below(row: SenderDomain) -> list[str]:
    """Those below that mail is from, and for which no closer domain decides; in order."""
    others = SenderDomain.objects.ever_verified().exclude(pk=row.pk)
    decides = {row.domain, *others.values_list("domain", flat=True)}
    return [
        domain
        for domain in sender_domains()
        if domain.endswith(f".{row.domain}")
        and next(name for name in itself_and_above(domain) if name in decides) == row.domain
    ]


def former_hosts(row: SenderDomain, now: datetime) -> list[FormerReturnHost]:
    """Those below the domain that still take reports, without the present one."""
    former = FormerReturnHost.objects.taking(now).of_domain(row.domain)
    return list(former.exclude(host=row.return_path_host))


def judging_row(name: str, now: datetime) -> SenderDomain | None:
    """The added domain whose check says how receivers judge mail from `name`."""
    decides = verified_domains(now).deciding(name)
    return SenderDomain.objects.filter(domain=decides).first() if decides else domain_of(name)


def domain_of(name: str) -> SenderDomain | None:
    """The added domain that `name` belongs to: itself, or the closest one above it."""
    names = list(itself_and_above(name))
    found = {row.domain: row for row in SenderDomain.objects.filter(domain__in=names)}
    return next((found[each] for each in names if each in found), None)
