"""Whether what proves a mail belongs to its From domain (RFC 9989 section 4.4). Pure."""

from dataclasses import dataclass

from senders.domains.dmarc import DmarcRecord, Txt, walk


@dataclass(frozen=True, slots=True)
class Alignment:
    """One identity that receivers compare with the domain of From."""

    identity: str
    """`dkim`: d= of the signature; `return-path`: the envelope sender."""
    domain: str
    is_strict: bool
    is_aligned: bool


def aligned(
    identity: str, domain: str, *, author: str, record: DmarcRecord | None, txt: Txt
) -> Alignment:
    """`record`: the DMARC record that applies to `author`. Raises NoAnswer."""
    is_strict = record is not None and (
        record.dkim_is_strict if identity == "dkim" else record.spf_is_strict
    )
    if domain == author:
        return Alignment(identity, domain, is_strict, is_aligned=True)
    is_same = not is_strict and _organization(domain, txt) == _organization(author, txt)
    return Alignment(identity, domain, is_strict, is_same)


def _organization(domain: str, txt: Txt) -> str:
    """Without any DMARC record on the way, nobody knows better than that the longer is below."""
    return walk(domain, txt).organizational_domain
