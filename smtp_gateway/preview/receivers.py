"""How receivers would judge where the mail is from: by the identities that it leaves with, and by
what the last check of the domain found."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from senders.domains.checking import Report
from senders.domains.reading import judging_row
from senders.domains.verdict import Sent, Verdict
from senders.domains.wording import IDENTITIES, advice_for_author
from senders.models import SenderDomain
from smtp_gateway import directory
from smtp_gateway.delivery_rules.loading import return_paths
from smtp_gateway.preview.values import Asked, Line

_EXAMPLE_ID = 0


def receiver_lines(asked: Asked) -> Iterator[Line]:
    row = judging_row(asked.domain, asked.now)
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
    report, sent = Report.of_json(row.findings), sent_as(asked)
    verdict = report.verdict(sent)
    if sent.signed_by:
        yield _identity_line("dkim", sent.signed_by, is_aligned=verdict.signature_is_aligned)
    yield _identity_line("return-path", sent.envelope, is_aligned=verdict.envelope_is_aligned)
    yield _dmarc_line(row, report, sent, verdict)


def sent_as(asked: Asked) -> Sent:
    """The identities that the relay would give it."""
    keys = directory.find_signing_keys([asked.domain])[asked.domain]
    signing = [key for key in keys if key.private_key]
    paths = return_paths()
    mail_from = paths.of(_EXAMPLE_ID, asked.address) if paths else None
    return Sent(
        author=asked.domain,
        signed_by=signing[0].domain if signing else "",
        selectors=[key.selector for key in signing],
        envelope=(mail_from or asked.address).rpartition("@")[2],
    )


def _identity_line(identity: str, domain: str, *, is_aligned: bool | None) -> Line:
    title = f"{IDENTITIES[identity]}: {domain}"
    if is_aligned is None:
        return Line("info", title, _("It is not known whether it is aligned with From."))
    if is_aligned:
        return Line("ok", title, _("It is aligned with From."))
    return Line("wait", title, _("It is not aligned with From."))


def _dmarc_line(row: SenderDomain, report: Report, sent: Sent, verdict: Verdict) -> Line:
    url, label = reverse("senders:domain", args=[row.pk]), str(row)
    if verdict.passes:
        text = _("DKIM or SPF proves the mail to be yours, and is aligned with From.")
        return Line("ok", _("DMARC passes"), text, url=url, url_label=label)
    if verdict.passes is None:
        return Line(
            "wait",
            _("It is not known whether DMARC passes"),
            _("The last check of the domain did not find out about all that proves this mail."),
            advice=_("Have the domain checked now."),
            url=url,
            url_label=label,
        )
    policy = _policy(report, sent.author)
    outcomes = {
        "reject": _("Receivers refuse it, as the domain's DMARC record asks them to."),
        "quarantine": _("Receivers put it among spam, as the domain's DMARC record asks them to."),
    }
    return Line(
        "bad" if policy == "reject" else "wait",
        _("DMARC does not pass"),
        outcomes.get(policy, _("Nothing proves the mail to be yours, so receivers guess.")),
        code=f"p={policy}" if policy else "",
        advice=_advice(row, sent, verdict),
        url=url,
        url_label=label,
    )


def _advice(row: SenderDomain, sent: Sent, verdict: Verdict) -> str:
    if sent.author == row.domain:
        return _("Publish the DKIM keys of the domain; its page has the records.")
    is_aligned = verdict.signature_is_aligned is not False
    return advice_for_author(sent.author, is_aligned=is_aligned)


def _policy(report: Report, author: str) -> str:
    """What receivers are asked to do with mail that fails; empty: nothing is known."""
    below = report.author(author)
    if below is not None:
        return below.policy
    found = (each for each in report.records if each.kind == "dmarc" and each.is_found)
    return next((each.facts.get("policy", "") for each in found), "")
