"""Domains: the list, the page of a domain, and what can be done there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from senders.domains.services import add_domain, check_domain
from senders.models import AuditEntry, DkimKey, SenderDomain
from senders.sender_domain import GRACE
from tests.senders.domains.dns import put
from tests.senders.domains.factories import make_domain
from tests.senders.domains.publishing import publish
from tests.senders.factories import HTMX, make_sender
from tests.smtp_gateway.relay.internet.names import Names

LIST, ADD = "/domains/", "/domains/add/"
pytestmark = pytest.mark.django_db


def page_of(row: SenderDomain) -> str:
    return f"/domains/{row.pk}/"


# --- The list -------------------------------------------------------------------------------------


def test_without_domains_the_page_says_what_they_are_for(console: Client) -> None:
    page = console.get(LIST).text
    assert "Show that your domain is yours" in page
    assert ADD in page


def test_the_page_is_in_the_navigation(console: Client) -> None:
    assert f'<a href="{LIST}">' in console.get("/sender-addresses/").text
    assert f'<a href="{LIST}" aria-current="page">' in console.get(LIST).text


def test_each_domain_says_its_state(console: Client) -> None:
    make_domain("a.example")
    make_domain("b.example", state="verified")
    make_domain("c.example", state="failing")
    make_domain("d.example", state="failing", failing_since=timezone.now() - GRACE)
    page = console.get(LIST).text
    for word in ("Not verified yet", "Verified", "Failing", "Counts until", "Verified no more"):
        assert word in page


def test_domains_are_found_by_a_part_in_either_form_and_by_state(console: Client) -> None:
    make_domain("xn--bcher-kva.example")
    make_domain("shop.example", state="verified")
    assert "bücher.example" in console.get(LIST, {"q": "büch"}).text
    assert "shop.example" not in console.get(LIST, {"q": "xn--b"}).text
    assert "bücher.example" not in console.get(LIST, {"state": "verified"}).text
    assert "No domain found" in console.get(LIST, {"q": "nothing"}).text


def test_domains_of_sender_addresses_are_offered_unless_they_count_already(
    console: Client,
) -> None:
    for address in ("a@example.com", "a@sub.example.com", "a@example.org", "a@example.net"):
        make_sender(address)
    make_domain("example.com", state="verified")
    make_domain("example.net")
    page = console.get(LIST).text
    assert page.count(f"{ADD}?domain=") == 1
    assert f"{ADD}?domain=example.org" in page
    assert 'value="example.org"' in console.get(f"{ADD}?domain=example.org").text


def test_the_file_has_what_the_list_has(console: Client) -> None:
    make_domain("example.com", state="verified")
    answer = console.get("/domains/export/")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("domain,state,verified_at,")
    assert lines[1].startswith("example.com,verified,")


# --- Adding ---------------------------------------------------------------------------------------


def test_adding_leads_to_the_records_and_has_them_looked_for(
    console: Client, django_capture_on_commit_callbacks: Any, checks: list[int]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = console.post(ADD, {"domain": " Example.COM "})
    row = SenderDomain.objects.get(domain="example.com")
    assert answer.headers["Location"] == page_of(row)
    assert checks == [row.pk]
    assert DkimKey.objects.of_domains(["example.com"]).count() == 2
    assert AuditEntry.objects.filter(action="sender_domain.added").count() == 1
    page = console.get(page_of(row)).text
    assert "DirectMail looks into DNS" in page
    assert f"directmail-domain-verification={row.ownership_token}" in page


def test_in_the_dialog_the_new_page_is_opened(console: Client) -> None:
    answer = console.post(ADD, {"domain": "example.com"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == page_of(SenderDomain.objects.get())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Enter the domain"),
        ("https://x/", "This is no domain"),
        ("com", "This is no domain"),
        ("taken.example", "This domain is there already."),
    ],
    ids=["nothing", "url", "one label", "taken"],
)
def test_what_is_no_new_domain_is_refused(console: Client, text: str, fault: str) -> None:
    make_domain("taken.example")
    answer = console.post(ADD, {"domain": text})
    assert answer.status_code == 422
    assert fault in answer.text
    assert SenderDomain.objects.count() == 1


def test_keys_that_are_there_already_are_kept(console: Client) -> None:
    add_domain("example.com", now=timezone.now()).delete()
    console.post(ADD, {"domain": "example.com"})
    assert DkimKey.objects.of_domains(["example.com"]).count() == 2


# --- One domain -----------------------------------------------------------------------------------


def test_every_record_can_be_copied_and_says_its_host_part(console: Client) -> None:
    row = add_domain("example.com", now=timezone.now())
    page = console.get(page_of(row)).text
    for host in ("_directmail", "bounces", "_dmarc", "@"):
        assert f'<code class="break">{host}</code>' in page
    for key in DkimKey.objects.all():
        assert key.record.name in page
        assert escape(key.record.value) in page
    assert escape(DkimKey.objects.get(algorithm="rsa-sha256").record.quoted) in page
    assert "v=spf1 a:mail.directmail.test ~all" in page
    assert "10 mail.directmail.test." in page
    assert "_directmail.example.com. IN TXT ( " in page


def test_what_is_found_stands_beside_what_is_wanted(console: Client, names: Names) -> None:
    row = add_domain("example.com", now=timezone.now())
    publish(names, row, "ownership", "dkim", "dmarc")
    put(names, "example.com", "TXT", "v=spf1 include:_spf.example.net -all")
    put(names, "_spf.example.net", "TXT", "v=spf1 ip4:198.51.100.1 -all")
    check_domain(row.pk, now=timezone.now())
    page = console.get(page_of(row)).text
    assert "Mail of example.com and of the domains below it leaves." in page
    assert '<code class="dns-found">v=spf1 include:_spf.example.net -all</code>' in page
    assert "v=spf1 include:_spf.example.net a:mail.directmail.test -all" in page
    assert "does not let in a:mail.directmail.test" in page
    assert page.count(">Aligned<") == 2
    assert "3 records are still to be published" in page


def test_strict_alignment_is_shown_before_the_first_mail(console: Client, names: Names) -> None:
    row = add_domain("example.com", now=timezone.now())
    put(names, "_dmarc.example.com", "TXT", "v=DMARC1; p=reject; aspf=s")
    check_domain(row.pk, now=timezone.now())
    page = console.get(page_of(row)).text
    assert page.count(">Aligned<") == page.count(">Not aligned<") == 1
    assert "strictly: the very same domain" in page
    assert "receivers refuse mail that fails" in page


def test_a_failing_domain_says_until_when_it_counts(console: Client) -> None:
    row = make_domain(state="failing", failing_since=timezone.now() - timedelta(hours=1))
    assert "For now its mail still leaves." in console.get(page_of(row)).text
    SenderDomain.objects.update(failing_since=timezone.now() - GRACE)
    assert "so its mail stays in the local mailbox." in console.get(page_of(row)).text


def test_check_now_asks_the_worker_and_the_page_waits_for_it(
    console: Client, names: Names, django_capture_on_commit_callbacks: Any, checks: list[int]
) -> None:
    row = make_domain(checked_at=timezone.now(), failed_checks=5)
    assert 'data-live="30"' in console.get(page_of(row)).text
    with django_capture_on_commit_callbacks(execute=True):
        answer = console.post(f"{page_of(row)}check/")
    assert answer.headers["Location"] == page_of(row)
    assert checks == [row.pk]
    assert 'data-live="2"' in console.get(page_of(row)).text
    check_domain(row.pk, now=timezone.now())
    row.refresh_from_db()
    assert (row.check_requested_at, row.failed_checks) == (None, 1)
    assert 'data-live="30"' in console.get(page_of(row)).text


def test_rotating_makes_new_keys_once(console: Client) -> None:
    row = add_domain("example.com", now=timezone.now())
    DkimKey.objects.update(activated_at=timezone.now())
    assert console.post(f"{page_of(row)}rotate/").status_code == 302
    assert DkimKey.objects.of_domains(["example.com"]).count() == 4
    assert "The new keys take over by themselves" in console.get(page_of(row)).text
    again = console.post(f"{page_of(row)}rotate/")
    assert again.status_code == 409
    assert "New keys are waiting for their records already" in again.text


def test_the_record_of_a_retired_key_is_kept_for_a_week(console: Client) -> None:
    row = add_domain("example.com", now=timezone.now())
    now = timezone.now()
    DkimKey.objects.update(activated_at=now, retired_at=now - timedelta(days=6))
    assert console.get(page_of(row)).text.count("Keep its DNS record until") == 2
    DkimKey.objects.update(retired_at=now - timedelta(days=7))
    page = console.get(page_of(row)).text
    assert page.count("Its DNS record may go.") == 2


def test_keys_are_activated_retired_and_deleted_from_the_page_of_their_domain(
    console: Client,
) -> None:
    row = add_domain("example.com", now=timezone.now())
    key = DkimKey.objects.first()
    assert f"/dkim-keys/{key.pk}/activate/" in console.get(page_of(row)).text
    for action in ("activate", "retire", "delete"):
        url = f"/dkim-keys/{key.pk}/{action}/"
        assert f'href="{page_of(row)}"' in console.get(url).text
        assert console.post(url).headers["Location"] == page_of(row)


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        ("returns.example.net", "The host has to be below the domain"),
        ("example.com", "The host has to be below the domain"),
        ("not a host", "This is no domain"),
        ("", "Enter the host"),
    ],
    ids=["elsewhere", "the domain itself", "no host", "nothing"],
)
def test_the_return_path_has_to_be_below_the_domain(console: Client, host: str, fault: str) -> None:
    row = make_domain()
    answer = console.post(f"{page_of(row)}return-path/", {"host": host})
    assert answer.status_code == 422
    assert fault in answer.text


def test_another_return_path_is_kept_and_told(console: Client) -> None:
    row = make_domain(return_path_verified_at=timezone.now())
    console.post(f"{page_of(row)}return-path/", {"host": "Returns.Example.com"})
    row.refresh_from_db()
    assert (row.return_path_host, row.return_path_verified_at) == ("returns.example.com", None)
    entry = AuditEntry.objects.get(action="sender_domain.return_path_changed")
    assert entry.after == {"return_path_host": "returns.example.com"}
    page = console.get(page_of(row)).text
    assert 'come back to <code class="break">bounces.example.com</code>' in page
    assert "taken there for 31 days" in console.get(f"{page_of(row)}return-path/").text


def test_removing_leads_to_the_list_and_leaves_the_keys(console: Client) -> None:
    row = add_domain("example.com", now=timezone.now())
    assert "Remove example.com?" in console.get(f"{page_of(row)}remove/").text
    assert "are still taken at" in console.get(f"{page_of(row)}remove/").text
    answer = console.post(f"{page_of(row)}remove/")
    assert answer.headers["Location"] == LIST
    assert not SenderDomain.objects.exists()
    assert DkimKey.objects.count() == 2
    assert AuditEntry.objects.filter(action="sender_domain.removed").count() == 1


def test_whoever_only_looks_sees_the_records_and_no_buttons(viewer: Client) -> None:
    row = make_domain()
    page = viewer.get(page_of(row)).text
    assert "directmail-domain-verification=token" in page
    assert "Check now" not in page
    assert "rotate/" not in page


def test_a_return_path_that_is_found_and_not_used_says_why(console: Client, names: Names) -> None:
    row = add_domain("example.com", now=timezone.now())
    publish(names, row, "ownership", "return-path", "spf")
    check_domain(row.pk, now=timezone.now())
    assert "It is not used yet" in console.get(page_of(row)).text
    publish(names, row, "return-path-spf")
    check_domain(row.pk, now=timezone.now())
    assert "It is not used yet" not in console.get(page_of(row)).text
