"""The page of one session: the dialogue, what it came to, and what to do."""

import re

import pytest
from django.test import Client
from django.utils import timezone, translation

from senders import services
from senders.models import SenderAddress
from smtp_gateway.identity import Credential
from smtp_gateway.models import SmtpSession
from smtp_gateway.recorded.wording import recorded
from smtp_gateway.submission.transcript import MAIL_CUT_OFF
from tests.smtp_gateway.mails import make_mail
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot
from tests.smtp_gateway.submission.talking import plain

APP = "app@shop.example"
ID = "0123456789abcdef"
REFUSED = "535 5.7.8 User name or password refused"
PASSWORD = "GoodPass12"


def page_of(console: Client, *lines: str, **facts: object) -> str:
    keep(make_snapshot(*lines, session_id=ID, **facts))  # type: ignore[arg-type]
    response = console.get(f"/smtp-sessions/{ID}/")
    assert response.status_code == 200
    return response.content.decode()


def make_sender() -> SenderAddress:
    sender = services.create_sender_address(address=APP, mail_type="trigger", now=timezone.now())
    services.set_smtp_password(sender, password=PASSWORD)
    return sender


def test_without_log_in_nothing_is_shown(client: Client, db: None) -> None:
    assert client.get(f"/smtp-sessions/{ID}/").status_code == 302


@pytest.mark.parametrize("session_id", [ID, "x", "%00", "0123456789ABCDEF", "9" * 300])
def test_what_is_no_session_is_not_found(console: Client, session_id: str) -> None:
    assert console.get(f"/smtp-sessions/{session_id}/").status_code == 404


def test_the_dialogue_is_told_line_by_line(console: Client) -> None:
    text = page_of(
        console, "220 mail ESMTP", "EHLO <b>x</b>", "250-mail\r\n250 SIZE 5", "!TLS is on"
    )
    assert "<bdi>EHLO &lt;b&gt;x&lt;/b&gt;</bdi>" in text
    assert "250-mail\n250 SIZE 5" in text
    assert "TLS is on" in text
    for name in ("Client", "Server", "Event"):
        assert f'<span class="said-by">{name}</span>' in text


@pytest.mark.parametrize("page", [f"/smtp-sessions/{ID}/", "/smtp-sessions/"])
def test_an_event_that_decided_is_told_in_the_language_of_the_page(
    console: Client, page: str
) -> None:
    event = f"{MAIL_CUT_OFF}, 6 bytes in."
    keep(make_snapshot("DATA", "354 End data", f"!{event}", session_id=ID))
    with translation.override("zh-hans"):
        told = recorded(event)
    assert told != event
    for language, words in (("en", event), ("zh-hans", told)):
        text = console.get(page, headers={"accept-language": language}).content.decode()
        assert re.search(rf'class="(cell-note )?break">{re.escape(words)}<', text), language


def test_a_refused_log_in_says_what_to_do(console: Client) -> None:
    sender = make_sender()
    text = page_of(console, f"AUTH PLAIN {plain(APP)}", REFUSED)
    assert "Log-in refused" in text
    assert f"/sender-addresses/{sender.pk}/credentials/add/" in text
    assert '<span class="visually-hidden">Refused: </span>' in text
    assert "AUTH PLAIN [40 bytes]" in text
    assert "At present" not in text
    services.switch_smtp_off(sender)
    text = page_of(console, f"AUTH PLAIN {plain(APP)}", REFUSED)
    assert f"SMTP is off for {APP}" in text
    assert f"/sender-addresses/{sender.pk}/smtp-password/" in text
    services.suspend(sender, now=timezone.now())
    text = page_of(console, f"AUTH PLAIN {plain(APP)}", REFUSED)
    assert f"{APP} is suspended" in text
    assert f"/sender-addresses/{sender.pk}/resume/" in text
    assert "At present" not in text


def test_whatever_else_was_refused_the_page_says_that_nobody_gets_in_now(console: Client) -> None:
    sender = make_sender()
    said = ("RCPT TO:<ann@home.example>", "550 5.1.1 No")
    services.switch_smtp_off(sender)
    assert f"At present SMTP is off for {APP}" in page_of(console, *said, sender=APP)
    services.suspend(sender, now=timezone.now())
    assert f"At present {APP} is suspended" in page_of(console, *said, sender=APP)


def test_the_session_names_the_password_that_it_logged_in_with(console: Client) -> None:
    make_sender()
    text = page_of(console, "235 ok", sender=APP, credential=Credential(1, "a<b", "$"))
    assert f"as <bdi>{APP}</bdi> · <bdi>a&lt;b</bdi>" in text


def test_a_user_name_that_holds_the_password_is_called_unknown_but_not_shown(
    console: Client,
) -> None:
    text = page_of(console, f"AUTH PLAIN {plain('GoodPass12@shop.example')}", REFUSED)
    assert "The user name is no sender address here" in text
    assert "tried, with a user name that is not kept" in text
    assert PASSWORD.lower() not in text.lower()


def test_an_accepted_mail_can_be_opened(console: Client) -> None:
    queue_id = make_mail()
    gone = "0" * 16
    lines = [f"250 2.0.0 Ok: queued as {each}" for each in (queue_id, gone)]
    text = page_of(console, *lines, sender=APP, mail_count=2)
    assert f'href="/mail-log/{queue_id}/"' in text
    assert gone in text
    assert f'href="/mail-log/{gone}/"' not in text
    assert "2 mails were accepted." in text


def test_what_is_left_out_is_counted(console: Client) -> None:
    text = page_of(console, *["RCPT TO:<a@b.example>"] * 300)
    assert "200 lines left out" in text


def test_an_open_session_is_followed_and_an_ended_one_is_not(console: Client) -> None:
    text = page_of(console, "EHLO a.example", has_ended=False)
    assert "Still open" in text
    assert 'data-live="3"' in text
    assert "every 3s" not in page_of(console, "EHLO a.example", "QUIT")


def test_a_session_whose_gateway_died_is_not_called_open(console: Client) -> None:
    page_of(console, "EHLO a.example", has_ended=False)
    SmtpSession.objects.update(seen_at="2026-01-01T00:00:00Z")
    text = console.get(f"/smtp-sessions/{ID}/").content.decode()
    assert "End not seen" in text
    assert "every 3s" not in text


def test_the_dialogue_can_be_copied_as_text(console: Client) -> None:
    text = page_of(console, "EHLO a.example", "250-mail\r\n250 SIZE 5")
    plain_text = text.partition('<pre class="source">')[2].partition("</pre>")[0]
    assert "s  Client: EHLO a.example" in plain_text
    assert "s  Server: 250-mail\n                    250 SIZE 5" in plain_text
