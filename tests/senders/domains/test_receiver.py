"""A receiver that shares no code with us takes mail of a verified domain: mailauth, on Node.js."""

from typing import Any

import pytest
from django.utils import timezone

from senders.domains.services import add_domain, check_domain
from smtp_gateway import directory
from smtp_gateway.relay.dkim import load_key, signature_fields
from tests.clients.receiving import NEEDS_MAILAUTH, authenticated
from tests.senders.domains.dns import put
from tests.senders.domains.publishing import publish
from tests.smtp_gateway.relay.internet.names import Names

OURS, STRANGER = "192.0.2.10", "198.51.100.99"
pytestmark = [pytest.mark.django_db, NEEDS_MAILAUTH]


def received(names: Names, *, author: str, ip: str, mail_from: str) -> Any:
    """What a receiver makes of a mail from `author`, signed as the relay signs it."""
    content = (
        f"From: {author}\r\nTo: b@receiver.test\r\nSubject: Hello\r\n"
        "Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nHello.\r\n"
    ).encode()
    domain = author.rpartition("@")[2]
    keys = directory.find_signing_keys([domain])[domain]
    parsed = [
        load_key(selector=key.selector, algorithm=key.algorithm, der=key.private_key)
        for key in keys
    ]
    now = int(timezone.now().timestamp())
    fields = signature_fields(content, domain=keys[0].domain, keys=parsed, signed_at=now)
    return authenticated(fields + content, server=names.server, ip=ip, mail_from=mail_from)


@pytest.fixture
def verified(names: Names) -> Names:
    """example.com with all of its records."""
    row = add_domain("example.com", now=timezone.now())
    publish(names, row)
    put(names, "_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
    verified = check_domain(row.pk, now=timezone.now())
    assert verified is not None
    assert verified.state == "verified"
    return names


def test_its_mail_passes_everything_and_is_aligned(verified: Names) -> None:
    found = received(verified, author="a@example.com", ip=OURS, mail_from="r@bounces.example.com")
    assert (found["spf"], found["dmarc"]) == ("pass", "pass")
    assert [result for _domain, result, _aligned in found["dkim"]] == ["pass", "pass"]
    for said in ("dmarc=pass", "spf=pass", "dkim=pass"):
        assert said in found["headers"]


def test_forwarded_by_a_stranger_it_still_passes_by_its_signature(verified: Names) -> None:
    found = received(
        verified, author="a@example.com", ip=STRANGER, mail_from="r@bounces.example.com"
    )
    assert (found["spf"], found["dmarc"]) == ("softfail", "pass")


def test_mail_of_a_subdomain_is_signed_by_its_parent_and_aligned(verified: Names) -> None:
    found = received(verified, author="a@news.example.com", ip=STRANGER, mail_from="r@x.test")
    assert found["dmarc"] == "pass"
    assert [domain for domain, *_ in found["dkim"]] == ["example.com", "example.com"]
