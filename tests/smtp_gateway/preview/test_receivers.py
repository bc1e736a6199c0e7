"""DMARC as the preview tells it: by what the mail leaves with and by the last check."""

from typing import Any

import pytest
from django.utils import timezone

from senders.domains.alignment import Alignment
from senders.domains.authors import AuthorReport
from senders.domains.checking import Report
from senders.domains.finding import Finding
from senders.models import SenderDomain
from senders.services import set_smtp_password
from tests.senders.domains.factories import make_domain
from tests.senders.factories import PASSWORD, make_sender
from tests.smtp_gateway.preview.asking import MAIL, make_key, make_ready, told

pytestmark = pytest.mark.django_db


def noted(row: SenderDomain, *records: Finding, below: tuple[AuthorReport, ...] = ()) -> None:
    """What a check of the domain itself and of those below it has found."""
    path = Alignment("return-path", row.return_path_host, is_strict=False, is_aligned=True)
    row.findings = Report(records, (path,), below=below).to_json()
    row.save()


def test_what_dmarc_makes_of_it_comes_from_the_last_check() -> None:
    sender = make_ready()
    assert "Nobody has looked at the DNS of example.com" in told(sender)["receivers"]
    row = make_domain("example.com", state="failing")
    assert told(sender)["receivers"]["It is not known whether DMARC passes"].kind == "wait"
    spf = Finding("spf", "example.com", "TXT", "v=spf1 ~all")
    noted(row, spf)
    assert told(sender)["receivers"]["DMARC does not pass"].kind == "wait"
    text, facts = "v=DMARC1; p=reject", {"domain": "example.com", "policy": "reject"}
    dmarc = Finding("dmarc", "_dmarc.example.com", "TXT", "", (text,), "found", facts=facts)
    noted(row, spf, dmarc)
    line = told(sender)["receivers"]["DMARC does not pass"]
    assert (line.kind, line.code) == ("bad", "p=reject")


def test_dmarc_is_judged_by_the_identities_that_the_mail_leaves_with(settings: Any) -> None:
    sender, row = make_ready(), make_domain("example.com", state="verified")
    spf = Finding("spf", "example.com", "TXT", "", state="found")
    of_path = Finding("return-path-spf", "bounces.example.com", "TXT", "")
    key = Finding("dkim", "dm1._domainkey.example.com", "TXT", "", state="found", selector="dm1")
    noted(row, spf, of_path, key)
    assert told(sender)["receivers"]["DMARC passes"].kind == "ok"
    # Its own return path, which SPF does not let in, takes the place of what SPF lets in.
    settings.SIGN_RETURN_PATHS = True
    row.return_path_verified_at = timezone.now()
    row.save()
    found = told(sender)["receivers"]
    assert "Return path (checked by SPF): bounces.example.com" in found
    assert "DMARC does not pass" in found
    # A key that is found in DNS proves nothing before it signs.
    make_key()
    assert "DMARC passes" in told(sender)["receivers"]


def test_alignment_is_that_of_the_subdomain_in_from() -> None:
    sender = make_sender("a@sub.example.com", mail_type="trigger")
    set_smtp_password(sender, password=PASSWORD)
    make_key()
    row = make_domain("example.com", state="verified")
    key = Finding("dkim", "dm1._domainkey.example.com", "TXT", "", state="found", selector="dm1")
    mail = MAIL.replace(b"a@", b"a@sub.")
    noted(row, key)
    title = "It is not known whether DMARC passes"
    assert title in told(sender, content=mail)["receivers"]
    alignment = Alignment("dkim", "example.com", is_strict=True, is_aligned=False)
    spf = Finding("spf", "sub.example.com", "TXT", "")
    noted(row, key, below=(AuthorReport("sub.example.com", (spf,), (alignment,), "reject"),))
    found = told(sender, content=mail)["receivers"]
    assert found["Domain of the DKIM signature: example.com"].kind == "wait"
    line = found["DMARC does not pass"]
    assert (line.kind, line.code) == ("bad", "p=reject")
    assert "mail of sub.example.com needs keys of its own" in line.advice
