"""When a domain counts as verified, and when it is looked at again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from senders.domains.alignment import Alignment
from senders.domains.answers import Known, both, chosen, either, found_among
from senders.domains.finding import Finding

State = Literal["pending", "verified", "failing"]

EVERY = timedelta(hours=1)
RARELY = timedelta(hours=24)
SOON = timedelta(minutes=5)
"""After the first look at a domain that is new, or when DNS did not answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a domain is in its life."""

    state: State = "pending"
    verified_at: datetime | None = None
    failing_since: datetime | None = None
    failed_checks: int = 0

    def after(self, is_proven: Known, now: datetime, grace: timedelta) -> "Standing":
        """`is_proven`: what a check has shown; None: no answer, so what was known stays."""
        if is_proven is None:
            return Standing(
                self.state, self.verified_at, self.failing_since, self.failed_checks + 1
            )
        if is_proven:
            return Standing("verified", self._verified_since(now, grace))
        failed = self.failed_checks + 1
        if self.state == "pending":
            return Standing("pending", failed_checks=failed)
        return Standing("failing", self.verified_at, self.failing_since or now, failed)

    def _verified_since(self, now: datetime, grace: timedelta) -> datetime:
        has_stopped = self.failing_since is not None and now >= self.failing_since + grace
        return now if has_stopped or self.verified_at is None else self.verified_at

    def next_check(self, is_proven: Known, now: datetime, grace: timedelta) -> datetime:
        """Every hour; longer and longer for what keeps failing, down to once a day."""
        if is_proven is None:
            return now + min(EVERY, SOON * _doubled(self.failed_checks))
        if self.state == "verified":
            return now + EVERY
        if self.failing_since is not None and now < self.failing_since + grace:
            return now + EVERY
        first = SOON if self.state == "pending" else EVERY
        return now + min(RARELY, first * _doubled(self.failed_checks - 1))


@dataclass(frozen=True, slots=True)
class Proof:
    """What the records of a domain prove."""

    owns: Known
    """None: DNS gave no answer."""
    signs: Known
    """Some key of the domain can be found by receivers."""
    spf_aligned: Known
    """The envelope sender is let in by SPF, and belongs to the domain."""
    return_path_counts: Known
    """Reports come back to the return path, and mail that leaves with it still passes DMARC."""

    @property
    def is_proven(self) -> Known:
        """Ownership, and at least one way for receivers to tell that mail is the domain's."""
        authenticated = either(self.signs, self.spf_aligned)
        if self.owns is False or authenticated is False:
            return False
        return None if self.owns is None or authenticated is None else True


def _doubled(times: int) -> int:
    return 1 << max(0, min(times, 10))


def proof_of(
    findings: Sequence[Finding],
    alignments: Sequence[Alignment],
    *,
    signs_return_paths: bool = True,
) -> Proof:
    """`signs_return_paths`: whether mail leaves with return paths, where they count."""

    def of(kind: str) -> Known:
        return found_among(each for each in findings if each.kind == kind)

    signs = of("dkim")
    by_return_path = both(of("return-path-spf"), _is_aligned(alignments))
    counts = both(of("return-path"), either(signs, by_return_path))
    # SPF looks at one envelope sender: that of the domain itself, which is always aligned, or
    # the return path.
    by_domain = of("spf")
    is_used = counts if signs_return_paths else False
    return Proof(
        owns=of("ownership"),
        signs=signs,
        spf_aligned=chosen(by_return_path, by_domain, is_first=is_used),
        return_path_counts=counts,
    )


def _is_aligned(alignments: Sequence[Alignment]) -> Known:
    """Whether the return path is; None: DNS did not say what it takes to tell."""
    if not alignments:
        return None
    return any(each.identity == "return-path" and each.is_aligned for each in alignments)
