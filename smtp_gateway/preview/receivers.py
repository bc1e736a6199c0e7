"""How receivers would judge where the mail is from: what the last check of the domain found."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from senders.domains.dmarc import read_record
from senders.domains.reading import domain_of
from senders.domains.shown import ShownAlignment, ShownDomain, show
from smtp_gateway.preview.values import Asked, Line


def receiver_lines(asked: Asked) -> Iterator[Line]:
    row = domain_of(asked.domain)
    if row is None:
        yield Line(
            "wait",
            _("Nobody has looked at the DNS of %(domain)s") % {"domain": asked.domain},
            _("It is not known whether receivers can tell that this mail is yours."),
            advice=_("Add the domain: its records are checked every hour."),
            url=reverse("senders:domains"),
            url_label=_("Domains"),
        )
        return
    shown = show(row, asked.now)
    url, label = reverse("senders:domain", args=[row.pk]), str(row)
    for each in shown.alignments:
        yield _alignment_line(each)
    yield _dmarc_line(shown, asked, url, label)


def _alignment_line(each: ShownAlignment) -> Line:
    title = f"{each.identity}: {each.alignment.domain}"
    if each.alignment.is_aligned:
        return Line("ok", title, _("It is aligned with From."))
    return Line(
        "wait",
        title,
        _("It is not aligned with From."),
        advice=_("Relax adkim and aspf in the DMARC record, or use the domain of From."),
    )


def _dmarc_line(shown: ShownDomain, asked: Asked, url: str, label: str) -> Line:
    proof = shown.report.proof
    passes = bool(proof.signs) or bool(proof.spf_aligned)
    policy = _policy(shown, asked)
    if passes:
        text = _("DKIM or SPF proves the mail to be yours, and is aligned with From.")
        return Line("ok", _("DMARC passes"), text, url=url, url_label=label)
    outcomes = {
        "reject": _("Receivers refuse it, as the domain's DMARC record asks them to."),
        "quarantine": _("Receivers put it among spam, as the domain's DMARC record asks them to."),
    }
    text = outcomes.get(policy, _("Nothing proves the mail to be yours, so receivers guess."))
    return Line(
        "bad" if policy == "reject" else "wait",
        _("DMARC does not pass"),
        text,
        code=f"p={policy}" if policy else "",
        advice=_("Publish the DKIM keys of the domain; its page has the records."),
        url=url,
        url_label=label,
    )


def _policy(shown: ShownDomain, asked: Asked) -> str:
    """What the domain asks receivers to do with mail that fails; empty: nothing is known."""
    for finding in shown.report.records:
        if finding.kind == "dmarc" and finding.is_found:
            for text in finding.found:
                if record := read_record(shown.row.domain, text):
                    return record.policy_for(asked.domain, exists=True)
    return ""
