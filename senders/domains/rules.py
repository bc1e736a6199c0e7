"""When a domain counts as verified, and when it is looked at again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from senders.domains.alignment import Alignment
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

    def after(self, is_proven: bool | None, now: datetime, grace: timedelta) -> "Standing":
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

    def next_check(self, is_proven: bool | None, now: datetime, grace: timedelta) -> datetime:
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

    owns: bool | None
    """None: DNS gave no answer."""
    signs: bool | None
    """Some key of the domain can be found by receivers."""
    spf_aligned: bool | None
    """The envelope sender is let in by SPF, and belongs to the domain."""
    return_path_counts: bool | None
    """Reports come back to the return path, and mail that leaves with it still passes DMARC."""

    @property
    def is_proven(self) -> bool | None:
        """Ownership, and at least one way for receivers to tell that mail is the domain's."""
        authenticated = _either(self.signs, self.spf_aligned)
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
    signs = _any_of(findings, "dkim")
    by_return_path = _both(_any_of(findings, "return-path-spf"), _is_aligned(alignments))
    counts = _both(_any_of(findings, "return-path"), _either(signs, by_return_path))
    # SPF looks at one envelope sender: that of the domain itself, which is always aligned, or
    # the return path.
    by_domain = _any_of(findings, "spf")
    is_used = counts if signs_return_paths else False
    return Proof(
        owns=_any_of(findings, "ownership"),
        signs=signs,
        spf_aligned=_chosen(by_return_path, by_domain, is_first=is_used),
        return_path_counts=counts,
    )


def _is_aligned(alignments: Sequence[Alignment]) -> bool | None:
    """Whether the return path is; None: DNS did not say what it takes to tell."""
    if not alignments:
        return None
    return any(each.identity == "return-path" and each.is_aligned for each in alignments)


def _any_of(findings: Sequence[Finding], kind: str) -> bool | None:
    """Whether one of that kind is found; None: none is, and DNS did not say so of all."""
    states = [each.state for each in findings if each.kind == kind]
    if "found" in states:
        return True
    return None if "unknown" in states else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _chosen(first: bool | None, second: bool | None, *, is_first: bool | None) -> bool | None:
    """What is chosen; None also where it is not known which, and they differ."""
    if is_first is None:
        return first if first is second else None
    return first if is_first else second


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False
