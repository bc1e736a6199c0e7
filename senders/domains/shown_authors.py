"""Domains below one that was added, as its page shows how receivers judge their mail."""

from dataclasses import dataclass

from senders.domains.authors import AuthorReport
from senders.domains.checking import Report
from senders.domains.verdict import Sent, Verdict
from senders.domains.wording import PASSING, Words, advice_for_author
from senders.models import SenderDomain
from verification.mail_address import display


@dataclass(frozen=True, slots=True)
class ShownAuthor:
    """One of them."""

    report: AuthorReport
    sent: Sent
    verdict: Verdict

    @property
    def domain(self) -> str:
        return self.report.domain

    @property
    def display_domain(self) -> str:
        return display(self.report.domain)

    @property
    def badge(self) -> tuple[str, Words]:
        """Kind and word."""
        return PASSING[self.verdict.passes]

    @property
    def advice(self) -> str:
        """What to do; empty: nothing is known that has to be done."""
        if self.verdict.passes is not False:
            return ""
        return advice_for_author(
            self.display_domain, is_aligned=self.verdict.signature_is_aligned is not False
        )


def shown_authors(row: SenderDomain, report: Report) -> list[ShownAuthor]:
    """In order; without a look at DNS."""
    shown = []
    for author in report.below:
        sent = _sent(row, report, author)
        shown.append(ShownAuthor(author, sent, report.verdict(sent)))
    return shown


def _sent(row: SenderDomain, report: Report, author: AuthorReport) -> Sent:
    own = [each.selector for each in author.records if each.kind == "dkim"]
    has_path = report.signs_return_paths and row.return_path_verified_at is not None
    return Sent(
        author=author.domain,
        signed_by=author.domain if own else row.domain,
        selectors=own or [each.selector for each in report.records if each.kind == "dkim"],
        envelope=row.return_path_host if has_path else author.domain,
    )
