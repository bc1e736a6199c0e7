"""Domains at the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from senders.domains.services import add_domain
from senders.models import SenderDomain
from tests.senders.domains.factories import make_domain
from tests.senders.domains.publishing import publish
from tests.smtp_gateway.relay.internet.names import Names

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_adding_prints_the_records_to_publish() -> None:
    text = said("add_domain", "Example.com")
    row = SenderDomain.objects.get(domain="example.com")
    assert (
        f"TXT  _directmail.example.com\n  directmail-domain-verification={row.ownership_token}"
        in text
    )
    assert "MX  bounces.example.com\n  10 mail.directmail.test.\n" in text
    assert "DKIM key dm" in text
    with pytest.raises(CommandError, match="there already"):
        said("add_domain", "example.com")


def test_checking_says_what_is_missing_and_ends_with_1_until_the_domain_counts(
    names: Names, capsys: pytest.CaptureFixture[str]
) -> None:
    row = add_domain("example.com", now=timezone.now())
    with pytest.raises(SystemExit) as ended:
        call_command("check_domains")
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert printed.startswith(
        "example.com  pending\n  Ownership: Missing  There is no such record."
    )
    publish(names, row)
    assert said("check_domains", "example.com") == "example.com  verified\n"


def test_what_was_not_added_cannot_be_checked() -> None:
    with pytest.raises(CommandError, match=r"There is no domain example\.com"):
        said("check_domains", "example.com")
    with pytest.raises(CommandError, match="This is no domain"):
        said("check_domains", "https://example.com/x")


def test_the_list_is_for_people_and_for_scripts() -> None:
    make_domain("bücher.example".encode("idna").decode(), state="verified")
    assert said("list_domains").startswith(
        "bücher.example  verified\n  Ownership: Not checked yet\n"
    )
    (shape,) = json.loads(said("list_domains", "--json"))
    assert (shape["domain"], shape["state"], shape["counts"]) == (
        "xn--bcher-kva.example",
        "verified",
        True,
    )
    assert shape["records"][0]["state"] == "unchecked"
    assert shape["records"][0]["problem"] is None
