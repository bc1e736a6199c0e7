"""The page of one sender address, over HTTP."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from senders import dkim_services, services
from smtp_gateway.models import Delivery
from smtp_gateway.submission.certificate import ensure_self_signed
from tests.senders.factories import PASSWORD, log_in, make_sender, make_verified_sender
from tests.smtp_gateway.queued import enqueue


def page_of(console: Client, pk: int) -> str:
    answer = console.get(f"/sender-addresses/{pk}/")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


@pytest.fixture
def self_signed(settings: Settings, tmp_path: Path) -> Path:
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    ensure_self_signed(cert_file, key_file, hostname="mail.example.com", now=timezone.now())
    settings.TLS_CERT_FILE = str(cert_file)
    return cert_file


def test_nobody_sees_it_without_logging_in(client: Client, db: None) -> None:
    sender = make_sender()
    answer = client.get(f"/sender-addresses/{sender.pk}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_an_address_that_is_not_there_has_no_page(console: Client) -> None:
    assert console.get("/sender-addresses/4711/").status_code == 404


def test_it_only_shows(console: Client) -> None:
    sender = make_sender()
    assert console.post(f"/sender-addresses/{sender.pk}/").status_code == 405


def test_a_new_address_is_shown_with_what_is_left_to_do(console: Client) -> None:
    sender = make_sender("news@example.com", mail_type="batch", reply_to="help@example.com")
    page = page_of(console, sender.pk)
    assert "news@<wbr>example.com" in page
    assert "Batch Mail" in page
    assert "SMTP is off" in page
    assert "A mail with a link goes to help@example.com." in page
    assert "without a password, applications cannot log in" in page
    assert "Send the first mail" in page
    assert "tried again for 72 hours: first after 5 minutes" in page
    assert "No mail has been sent as this address yet." in page


def test_done_steps_are_marked_and_all_done_means_no_steps(console: Client) -> None:
    sender = make_verified_sender("news@example.com")
    page = page_of(console, sender.pk)
    assert "The reply-to address is verified" in page
    services.set_smtp_password(sender, password=PASSWORD)
    assert "It has an SMTP password" in page_of(console, sender.pk)
    enqueue(sender_address="news@example.com")
    assert "Next steps" not in page_of(console, sender.pk)


def test_the_domain_is_shown_as_people_write_it_and_given_as_it_is_stored(console: Client) -> None:
    sender = make_sender("news@bücher.example")
    page = page_of(console, sender.pk)
    assert "<bdi>news@<wbr>bücher.example</bdi>" in page
    assert "news@xn--bcher-kva.example" in page


def test_a_suspended_address_says_so(console: Client) -> None:
    sender = make_sender(suspended_at=timezone.now())
    page = page_of(console, sender.pk)
    assert "Nothing is sent as this address" in page
    assert f'href="/sender-addresses/{sender.pk}/resume/"' in page
    assert f'href="/sender-addresses/{sender.pk}/suspend/"' not in page


def test_a_viewer_sees_all_of_it_without_actions(client: Client, db: None) -> None:
    sender = make_sender("news@example.com", reply_to="help@example.com")
    page = page_of(log_in(client, "viewer"), sender.pk)
    for title in ("Next steps", "Connect your application", "Not verified", "DKIM"):
        assert title in page
    shown = page.split('id="sender-address"')[1]
    assert "data-dialog" not in shown
    assert "check-connection" not in shown


def test_an_operator_gets_the_actions(client: Client, db: None) -> None:
    sender = make_sender("news@example.com", reply_to="help@example.com")
    page = page_of(log_in(client, "operator"), sender.pk)
    for action in (
        "test-mail",
        "smtp-password",
        "reply-to",
        "suspend",
        "delete",
        "reply-to/verify",
        "check-connection",
    ):
        assert f'href="/sender-addresses/{sender.pk}/{action}/"' in page


def test_the_last_ten_mails_lead_to_their_pages_newest_first(console: Client) -> None:
    sender = make_sender("news@example.com")
    queue_ids = [enqueue(sender_address="news@example.com") for _ in range(11)]
    enqueue(sender_address="others@example.com")
    page = page_of(console, sender.pk)
    shown = [queue_id for queue_id in queue_ids if f'href="/mail-log/{queue_id}/"' in page]
    assert shown == queue_ids[1:]
    assert page.index(queue_ids[10]) < page.index(queue_ids[1])
    assert "All in the Mail Log" in page


def test_what_an_operator_comes_for_stands_before_what_is_read_once(console: Client) -> None:
    sender = make_sender("news@example.com")
    enqueue(sender_address="news@example.com")
    page = page_of(console, sender.pk)
    parts = ("volume", "submissions", "connect", "identity", "policy", "failures")
    places = [page.index(f'aria-labelledby="{part}"') for part in parts]
    assert places == sorted(places)


def test_a_mail_to_several_says_how_many_of_them_stand_where(console: Client) -> None:
    sender = make_sender("news@example.com")
    enqueue("a@x.example", "b@x.example", "c@x.example", sender_address="news@example.com")
    Delivery.objects.filter(recipient="b@x.example").update(attempt_count=1, reason="busy")
    Delivery.objects.filter(recipient="c@x.example").update(
        state="relayed", finished_at=timezone.now(), reason_code="mailbox-route"
    )
    page = page_of(console, sender.pk)
    assert "a@x.example</bdi> and 2 others" in page
    for word in ("Queued", "Deferred", "Kept here"):
        assert f'{word}</span> <span class="muted small">1</span>' in page


def test_settings_and_snippets_are_those_of_this_address(
    console: Client, settings: Settings
) -> None:
    settings.SMTP_CLIENT_HOST, settings.SMTP_PORT = "smtp.example.com", 2587
    sender = make_sender("news@example.com")
    page = page_of(console, sender.pk)
    assert "smtplib.SMTP(&quot;smtp.example.com&quot;, 2587, timeout=30)" in page
    assert page.count("data-copy-text") == 14  # host, two ports, user name, ten snippets


def test_a_self_signed_certificate_can_be_downloaded_and_is_named_in_the_snippets(
    console: Client, self_signed: Path
) -> None:
    page = page_of(console, make_sender().pk)
    assert "certificate is self-signed" in page
    assert "cafile=&quot;directmail.pem&quot;" in page
    answer = console.get("/sender-addresses/certificate/")
    assert answer["Content-Disposition"] == 'attachment; filename="directmail.pem"'
    assert answer.content == self_signed.read_bytes()


def test_a_file_that_holds_a_key_too_never_gives_it_away(
    console: Client, self_signed: Path
) -> None:
    key = self_signed.with_name("key.pem").read_bytes()
    self_signed.write_bytes(key + self_signed.read_bytes())
    assert b"PRIVATE KEY" not in console.get("/sender-addresses/certificate/").content


def test_without_a_self_signed_certificate_nothing_is_said_of_it(
    console: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.TLS_CERT_FILE = str(tmp_path / "elsewhere.pem")
    page = page_of(console, make_sender().pk)
    assert "self-signed" not in page
    assert "directmail.pem" not in page
    assert console.get("/sender-addresses/certificate/").status_code == 404


def test_it_says_whether_the_domain_signs(console: Client) -> None:
    sender = make_sender("news@example.com")
    assert "example.com has no keys" in page_of(console, sender.pk)
    key, _ = dkim_services.generate_dkim_keys("example.com", now=timezone.now())
    assert "none is active" in page_of(console, sender.pk)
    dkim_services.activate(key, now=timezone.now() + timedelta(seconds=1))
    page = page_of(console, sender.pk)
    assert "Mail of example.com is signed." in page
    assert key.selector in page
