"""The page /mail-log/<queue id>/."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.dsn import MailDsn, RecipientDsn
from smtp_gateway.models import Delivery
from tests.smtp_gateway.mail_pages import page
from tests.smtp_gateway.mails import attempt_all, catch_all, lease_all, make_caught, make_mail


def test_a_mail_that_does_not_exist_is_not_found(console):
    assert console.get("/mail-log/01KB2Q7XG5W9D3MT/").status_code == 404


def test_without_log_in_nothing_is_shown(client, db):
    assert client.get(f"/mail-log/{make_mail()}/").status_code == 302


def test_it_says_how_the_mail_came_in(console):
    client = queue.Client(
        ip="192.0.2.7", name="app.internal", tls="TLSv1.3 TLS_AES_256_GCM_SHA384", session_id="S42"
    )
    text = page(console, make_mail(client=client, content=b"x" * 2048))
    for fact in (
        "Submitted over SMTP",
        "192.0.2.7",
        "app.internal",
        "TLSv1.3",
        "S42",
        "Logged in as",
        "app@example.com",
        "2.0\xa0KB",
    ):
        assert fact in text


@pytest.mark.parametrize(
    ("origin", "words"),
    [("console", "Composed in the console"), ("system", "DirectMail itself")],
)
def test_it_says_where_mail_that_came_without_smtp_is_from(console, origin, words):
    assert words in page(console, make_mail(origin=origin))


def test_it_shows_the_headers_that_people_know_a_mail_by(console):
    content = (
        b"From: =?utf-8?q?Caf=C3=A9?= <app@example.com>\r\nTo: Anna <anna@example.org>\r\n"
        b"Reply-To: help@example.com\r\nSubject: x\r\n\r\nFrom: not a header\r\n"
    )
    text = page(console, make_mail(content=content, message_id="<7@example.com>"))
    for fact in (
        "Café &lt;app@example.com&gt;",
        "Anna &lt;anna@example.org&gt;",
        "help@example.com",
        "&lt;7@example.com&gt;",
    ):
        assert fact in text
    assert "not a header" not in text


def test_it_shows_every_attempt_with_the_next_hops_very_reply(console):
    queue_id = make_mail()
    past = timezone.now() - timedelta(seconds=30)
    attempt_all(
        "deferred",
        reply="451 4.7.1 Try <again> later",
        reason="The next hop asks to wait.",
        next_attempt_at=past,
        tls="TLSv1.3",
        duration_ms=81,
    )
    attempt_all("relayed", reply="250 2.0.0 Ok: queued as ABC", next_hop="mx2.example.net:25")
    text = page(console, queue_id)
    for fact in (
        "Attempt 1:",
        "451 4.7.1 Try &lt;again&gt; later",
        "The next hop asks to wait.",
        "mx.example.net:25",
        "TLSv1.3",
        "81 ms",
        "Attempt 2",
        "250 2.0.0 Ok: queued as ABC",
        "mx2.example.net:25",
    ):
        assert fact in text
    assert text.index("Attempt 1") < text.index("Attempt 2")


def test_it_shows_what_was_asked_about_reports(console):
    asked = {"anna@example.org": RecipientDsn("FAILURE,DELAY", "rfc822;Anna+2Bshop@old.example")}
    dsn = MailDsn("HDRS", "order+2042")
    text = page(console, make_mail(dsn=dsn, recipient_dsn=asked))
    for words in ("order 42", "with its headers", "on failure, delay", "Anna+shop@old.example"):
        assert words in text
    assert "Reports asked for" not in page(console, make_mail())


def test_each_recipient_has_a_story_of_its_own(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org"])
    relay_id, (first, second) = lease_all()
    now = timezone.now()
    outcomes = [
        queue.Outcome(first, "relayed", now, "smarthost", reply="250 2.0.0 Taken"),
        queue.Outcome(second, "bounced", now, "smarthost", reply="550 5.1.1 No such user"),
    ]
    queue.record(relay_id=relay_id, outcomes=outcomes)
    text = page(console, queue_id)
    a_row, b_row = text.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:2]
    assert "a@example.org" in a_row
    assert "250 2.0.0 Taken" in a_row
    assert "b@example.org" in b_row
    assert "550 5.1.1 No such user" in b_row
    assert "Bounced" in b_row
    assert f'href="?to={second.delivery_id}"' in b_row
    story = page(console, queue_id, to=second.delivery_id)
    assert "550 5.1.1 No such user" in story
    assert "250 2.0.0 Taken" not in story
    assert "All 2 recipients" in story


def test_a_waiting_mail_says_why_and_until_when(console):
    accepted_at = timezone.now() - timedelta(minutes=1)
    queue_id = make_mail(accepted_at=accepted_at)
    now = timezone.now()
    attempt_all(
        "deferred",
        reason="The next hop did not answer.",
        at=now,
        next_attempt_at=now + timedelta(minutes=7),
    )
    again_at = Delivery.objects.get().next_attempt_at
    text = page(console, queue_id).split("Waiting for the next attempt")[1]
    assert "Next attempt" in text
    assert f"{again_at:%H:%M:%S}" in text
    assert "Given up at" in text
    assert f"{accepted_at + timedelta(days=1):%H:%M:%S}" in text


def test_a_mail_without_an_attempt_waits_for_a_relay(console):
    assert "It waits for its first attempt, which is due now." in page(console, make_mail())


def test_a_mail_whose_slot_is_later_waits_for_its_turn(console):
    later = timezone.now() + timedelta(minutes=3)
    queue_id = make_mail()
    Delivery.objects.update(next_attempt_at=later)
    text = page(console, queue_id)
    assert "It waits for its turn" in text
    assert 'title="turn">Waits for its turn<' in text


def test_a_mail_in_a_relays_hand_says_so(console):
    queue_id = make_mail()
    lease_all()
    text = page(console, queue_id)
    assert "A relay has it in hand at this moment, so it cannot be cancelled now." in text


def test_an_uncertain_attempt_is_explained(console):
    queue_id = make_mail()
    relay_id, _ = lease_all()
    queue.free_leases_of_dead(silent_for=timedelta(days=1), gone=[relay_id])
    text = page(console, queue_id)
    assert "Uncertain" in text
    assert "the recipient may get it twice" in text


def test_mail_of_an_unverified_domain_says_why_it_stayed(console):
    reason = "Kept in the local mailbox: nobody has verified the domain example.com yet."
    queue_id = make_mail()
    attempt_all(
        "relayed",
        route="mailbox",
        next_hop="local mailbox",
        keep_in_mailbox=True,
        reason_code="domain-unverified",
        reason=reason,
    )
    assert reason in page(console, queue_id)


def test_a_caught_mail_links_to_the_local_mailbox(console):
    queue_id = make_caught()
    assert f'href="/mailbox/{queue_id}/"' in page(console, queue_id)
    assert "/mailbox/01" not in page(console, make_mail()).replace(queue_id, "")


def test_the_page_asks_again_only_while_something_can_change(console):
    queue_id = make_mail()
    assert 'data-live="2"' in page(console, queue_id)
    attempt_all("deferred")
    assert 'data-live="15"' in page(console, queue_id)
    other = make_mail()
    catch_all()
    assert "data-live" not in page(console, other)


def test_htmx_gets_the_story_alone(console):
    queue_id = make_mail()
    response = console.get(f"/mail-log/{queue_id}/", headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="mail"')


def test_a_hundred_recipients_take_as_many_queries_as_one(console):
    one = make_mail()
    many = make_mail(recipients=[f"r{n}@example.org" for n in range(100)])
    attempt_all("bounced", reply="550 5.1.1 No")
    with CaptureQueriesContext(connection) as for_one:
        page(console, one)
    with CaptureQueriesContext(connection) as for_many:
        page(console, many)
    assert len(for_many) <= len(for_one) + 1 <= 21


def test_a_mail_without_subject_sender_and_headers_has_a_page(console):
    queue_id = make_mail(
        subject="", mail_from="", sender_address="", message_id="", content=b"\xff"
    )
    assert "(no subject)" in page(console, queue_id)


# --- What was said, and what is no attempt -------------------------------------------------------


def test_recipients_have_pages_and_a_filter_by_state(console):
    queue_id = make_mail(recipients=[f"r{n}@example.org" for n in range(60)])
    attempt_all("relayed", reply="250 Ok")
    text = page(console, queue_id)
    assert text.count("<bdi>r") == 50
    below = text.split("below=")[1].split('"')[0]
    assert page(console, queue_id, below=below).count("<bdi>r") == 10
    assert "No recipient is in this state." in page(console, queue_id, state="bounced")
    assert "Relayed 60" in text


@pytest.mark.parametrize("to", ["0", "x", "9" * 30, "-1"])
def test_a_recipient_that_is_none_of_this_mail_is_not_found(console, to):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org"])
    assert console.get(f"/mail-log/{queue_id}/", {"to": to}).status_code == 404
