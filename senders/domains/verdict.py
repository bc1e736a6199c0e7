"""Whether mail passes DMARC by the identities that it really leaves with (RFC 9989). Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from senders.domains.alignment import Alignment
from senders.domains.answers import Known, both, either, found_among
from senders.domains.finding import Finding


@dataclass(frozen=True, slots=True)
class Sent:
    """Who a mail says that it is from, and what can prove it."""

    author: str
    """The domain of From."""
    signed_by: str
    """The domain of the DKIM signature; empty: there is none."""
    selectors: Collection[str]
    envelope: str
    """The domain of the envelope sender."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What receivers find. None: nobody has looked, or DNS gave no answer."""

    is_signed: Known
    """By a key that they find."""
    signature_is_aligned: Known
    is_let_in: Known
    """By SPF of the envelope sender."""
    envelope_is_aligned: Known

    @property
    def passes(self) -> Known:
        return either(
            both(self.is_signed, self.signature_is_aligned),
            both(self.is_let_in, self.envelope_is_aligned),
        )


def judged(sent: Sent, records: Sequence[Finding], alignments: Sequence[Alignment]) -> Verdict:
    """By what a check has found; identities that it did not know are not known."""
    names = {f"{selector}._domainkey.{sent.signed_by}" for selector in sent.selectors}
    keys = [each for each in records if each.kind == "dkim" and each.name in names]
    of_spf = ("spf", "return-path-spf")
    texts = [each for each in records if each.kind in of_spf and each.name == sent.envelope]
    return Verdict(
        is_signed=_known(keys) if sent.signed_by else False,
        signature_is_aligned=_aligned("dkim", sent.signed_by, sent, alignments),
        is_let_in=_known(texts),
        envelope_is_aligned=_aligned("return-path", sent.envelope, sent, alignments),
    )


def _known(findings: Sequence[Finding]) -> Known:
    return found_among(findings) if findings else None


def _aligned(identity: str, domain: str, sent: Sent, alignments: Sequence[Alignment]) -> Known:
    if domain == sent.author:
        return True
    compared = [each for each in alignments if (each.identity, each.domain) == (identity, domain)]
    return compared[0].is_aligned if compared else None
