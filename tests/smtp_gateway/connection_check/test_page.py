"""Check My Connection, over HTTP and through a real gateway."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from senders import credential_services, services
from senders.audit.entry import AuditEntry
from senders.credential_services import NewCredential
from senders.models import SenderAddress, SmtpCredential
from smtp_gateway.models import Message
from smtp_gateway.submission.certificate import ensure_self_signed
from smtp_gateway.views import connection_check
from tests.smtp_gateway.routes.pages import words
from tests.smtp_gateway.submission.talking import APP, PASSWORD, Gateway, certificate_files

OTHER = "OtherPass34"


def url(sender: SenderAddress) -> str:
    return reverse("smtp_gateway:check_connection", args=[sender.pk])


def parts(console: Client, sender: SenderAddress, **fields: str) -> list[str]:
    """The page of a check, part for part."""
    values = {"password": PASSWORD, "way": "starttls", "recipient": "ann@home.example", **fields}
    response = console.post(url(sender), values)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    return [bytes(part).decode() for part in response.streaming_content]  # type: ignore[attr-defined]


def checked(console: Client, sender: SenderAddress, **fields: str) -> str:
    return words("".join(parts(console, sender, **fields)))


def test_the_page_asks_first_and_sends_nothing(console: Client, sender: SenderAddress) -> None:
    text = console.get(url(sender)).text
    assert "Check now" in text
    assert "What was said" not in text
    assert not Message.objects.exists()


def test_a_check_is_in_the_audit_log_without_the_password(
    console: Client, sender: SenderAddress, gateway: Gateway
) -> None:
    parts(console, sender)
    entry = AuditEntry.objects.get(action="sender_address.connection_checked")
    assert (entry.actor_kind, entry.object_label) == ("operator", APP)
    queue_id = Message.objects.get().queue_id
    assert entry.after == {"recipient": "ann@home.example", "queue_id": queue_id}


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_a_real_mail_goes_through_the_real_gateway(
    console: Client, sender: SenderAddress, gateway: Gateway, way: str
) -> None:
    found = parts(console, sender, way=way)
    message = Message.objects.get()
    assert (message.sender_address, message.origin) == (APP, "smtp")
    assert message.subject == f"Connection check of {APP}"
    assert "<h1>" in found[0]
    assert "220 mail.directmail.test" not in found[0]
    assert "This connection works" in found[-2]
    assert f'href="/mail-log/{message.queue_id}/"' in found[-2]
    text = words("".join(found))
    assert ("Client STARTTLS" in text) is (way == "starttls")
    for shown in ("235 2.7.0", "MAIL FROM:", "354", "221 2.0.0 Bye", "User name and password are"):
        assert shown in text


def test_the_password_is_nowhere(
    console: Client, sender: SenderAddress, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = "".join(parts(console, sender)) + "".join(parts(console, sender, password="Wrong12345"))
    kept = str(list(Message.objects.select_related("content").values())) + caplog.text
    logged = "".join(repr(vars(record)) for record in caplog.records)
    for secret in (PASSWORD, "Wrong12345"):
        assert secret not in page
        assert secret not in kept + logged
    assert "AUTH PLAIN [" in page


def revoke(sender: SenderAddress) -> None:
    wanted = NewCredential("web", OTHER)
    made = credential_services.add_credential(sender, wanted, now=timezone.now())
    credential_services.revoke_credential(made, now=timezone.now())


def expire(sender: SenderAddress) -> None:
    wanted = NewCredential("web", OTHER, timezone.now() + timedelta(hours=1))
    made = credential_services.add_credential(sender, wanted, now=timezone.now())
    SmtpCredential.objects.filter(pk=made.pk).update(expires_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda _: None, f"This is none of the passwords of {APP}."),
        (revoke, "This is the password “web”, which was revoked or replaced."),
        (expire, "This is the password “web”, which has expired."),
        (services.switch_smtp_off, f"SMTP is off for {APP}: no password works. Set one."),
        (lambda sender: services.suspend(sender, now=timezone.now()), f"{APP} is suspended"),
    ],
    ids=["wrong", "revoked", "expired", "off", "suspended"],
)
def test_a_refused_log_in_says_why(
    console: Client,
    sender: SenderAddress,
    gateway: Gateway,
    change: Callable[[SenderAddress], None],
    finding: str,
) -> None:
    change(sender)
    text = checked(console, sender, password=OTHER)
    assert "535 5.7.8 User name or password refused" in text
    assert "Log-in refused" in text
    assert finding in text
    assert not Message.objects.exists()


def test_a_refused_recipient_is_said(
    console: Client, sender: SenderAddress, gateway: Gateway
) -> None:
    gateway.configure(max_recipients=0)
    assert "Recipient refused" in checked(console, sender)


def test_a_gateway_that_is_not_there_is_said(
    console: Client, sender: SenderAddress, settings: Settings, gateway: Gateway
) -> None:
    # Nobody listens at a port that needs more rights than a test has.
    settings.SMTP_PORT = 1
    text = checked(console, sender)
    assert "The gateway cannot be reached" in text
    assert "127.0.0.1:1" in text


def test_a_certificate_that_applications_do_not_trust_is_said(
    console: Client, sender: SenderAddress, settings: Settings, gateway: Gateway, tmp_path: Path
) -> None:
    settings.SMTP_CLIENT_HOST = "other.example"
    assert "its certificate is not for other.example" in checked(console, sender)
    (tmp_path / "b").mkdir()
    another = certificate_files(tmp_path / "b")
    ensure_self_signed(*another, hostname="mail.directmail.test", now=timezone.now())
    settings.TLS_CERT_FILE = str(another[0])
    text = checked(console, sender)
    assert "The certificate is not trusted" in text
    assert "another than the one in TLS_CERT_FILE" in text
    settings.TLS_CERT_FILE = str(tmp_path / "none.pem")
    assert "The certificate is not trusted" in checked(console, sender, way="tls")
    assert not Message.objects.exists()


def test_too_many_at_a_time_are_turned_away(
    console: Client, sender: SenderAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = connection_check._AT_A_TIME
    for _ in range(3):
        assert taken.acquire(blocking=False)
    try:
        assert "Other checks are running." in checked(console, sender)
    finally:
        taken.release(3)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"password": ""}, "Paste the password that you want to check."),
        ({"recipient": ""}, "Enter the address that the mail goes to."),
        ({"recipient": "no"}, "@-sign"),
        ({"way": "clear"}, "Select a valid choice."),
    ],
    ids=["no password", "no recipient", "no address", "no such way"],
)
def test_what_is_missing_is_said_before_anything_connects(
    console: Client, sender: SenderAddress, fields: dict[str, str], text: str
) -> None:
    values = {"password": PASSWORD, "way": "tls", "recipient": "ann@home.example", **fields}
    answer = console.post(url(sender), values)
    assert answer.status_code == 422
    assert text in answer.text
    assert PASSWORD not in answer.text
