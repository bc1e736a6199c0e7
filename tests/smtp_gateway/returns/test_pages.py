"""The Returns page, one of it, and the life of the mail that it is about."""

from datetime import datetime

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from senders.audit.entry import AuditEntry
from smtp_gateway.models import ReturnedMail, ReturnKind, SmtpSession
from tests.directmail.accounts.acting import log_in, make_operator
from tests.directmail.test_every_page import body_of
from tests.smtp_gateway.returns.returning import (
    FULL,
    UNKNOWN,
    come_back,
    make_relayed,
    make_waiting,
    read_all,
)
from tests.smtp_gateway.returns.test_corpus import raw_of
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(client: Client) -> Client:
    log_in(client, make_operator("op@example.com", role="operator"))
    return client


def test_the_list_shows_what_came_back_and_of_whom(console: Client) -> None:
    come_back(UNKNOWN, make_relayed())
    text = body_of(console.get("/returns/"))
    assert "maria@example.net" in text
    assert "of <bdi>app@example.com</bdi>" in text
    assert "counted" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=failed", {"maria@example.net", "jan@example.net"}),
        ("kind=auto-reply", {"ann@example.net"}),
        ("show=hard", {"maria@example.net"}),
        ("show=unmatched", {"lost@example.net"}),
        ("q=JAN@", {"jan@example.net"}),
        ("q=@example.net", {"maria@example.net", "jan@example.net", "ann@example.net"}),
        ("q=app@example.com&kind=auto-reply", {"ann@example.net"}),
        ("q=nobody", set()),
    ],
)
def test_it_is_searched_and_filtered(console: Client, query: str, found: set[str]) -> None:
    come_back(UNKNOWN, make_relayed())
    come_back(FULL, make_relayed("jan@example.net"))
    come_back("out-of-office-german", make_relayed("ann@example.net"))
    row = make_waiting(raw_of(UNKNOWN), 4711)
    read_all()
    ReturnedMail.objects.filter(pk=row.pk).update(recipient="lost@example.net")
    rows = console.get(f"/returns/?{query}").context["list"].page.rows
    shown = {row.recipient for row in rows}
    assert shown == (found | {"lost@example.net"} if query == "kind=failed" else found) or (
        query == "q=@example.net" and shown == found | {"lost@example.net"}
    )


def test_its_file_has_the_same_rows_without_the_reports(console: Client) -> None:
    come_back(UNKNOWN, make_relayed())
    answer = console.get("/returns/export/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "no-such-mailbox" in text
    assert "This is the mail system" not in text


def test_without_a_port_the_page_says_how_to_get_one(console: Client) -> None:
    with override_settings(INBOUND_PORT=0):
        assert "INBOUND_PORT is not set" in body_of(console.get("/returns/"))
    with override_settings(INBOUND_PORT=2526):
        assert "Nothing has come back yet" in body_of(console.get("/returns/"))


def test_one_says_what_it_means_and_leads_to_its_mail(console: Client) -> None:
    delivery = make_relayed()
    row = come_back(UNKNOWN, delivery)
    text = body_of(console.get(f"/returns/{row.pk}/"))
    assert "Bounced later: The recipient&#x27;s mailbox does not exist" in text
    assert "It counts against the sender, and the recipient gets no more mail." in text
    assert f"/mail-log/{delivery.message.queue_id}/?to={delivery.pk}" in text


def test_the_life_of_the_mail_tells_of_it(console: Client) -> None:
    delivery = make_relayed()
    row = come_back(UNKNOWN, delivery)
    text = body_of(console.get(f"/mail-log/{delivery.message.queue_id}/"))
    assert text.count("Bounced later: The recipient&#x27;s mailbox does not exist") == 1
    assert f"/returns/{row.pk}/" in text
    assert "Ended: relayed, and bounced later" in text


def test_the_mail_log_finds_what_bounced_later_and_not_under_relayed(console: Client) -> None:
    come_back(UNKNOWN, make_relayed())
    make_relayed("fine@example.net")

    def recipients(state: str) -> list[str]:
        rows = console.get(f"/mail-log/?state={state}").context["list"].page.rows
        return [row.recipient for row in rows]

    assert recipients("returned") == ["maria@example.net"]
    assert recipients("relayed") == ["fine@example.net"]


def test_who_may_see_contents_reads_the_report_and_the_audit_log_says_so(console: Client) -> None:
    row = come_back(UNKNOWN, make_relayed())
    assert "This is the mail system at host" in body_of(console.get(f"/returns/{row.pk}/contents/"))
    assert AuditEntry.objects.filter(action="mail.contents_seen").count() == 1
    saved = console.get(f"/returns/{row.pk}/source/")
    assert saved.content == raw_of(UNKNOWN)
    assert "attachment" in saved["Content-Disposition"]


def test_what_came_back_of_a_letter_is_for_admins(console: Client) -> None:
    letter = make_relayed(origin="system", sender_address="", mail_from="directmail@example.com")
    row = come_back(UNKNOWN, letter)
    assert console.get(f"/returns/{row.pk}/contents/").status_code == 403


def test_where_contents_are_hidden_nobody_reads_it(console: Client) -> None:
    row = come_back(UNKNOWN, make_relayed())
    with override_settings(HIDE_MAIL_CONTENTS=True):
        assert console.get(f"/returns/{row.pk}/contents/").status_code == 404
        assert "contents/" not in body_of(console.get(f"/returns/{row.pk}/"))


def test_a_report_that_is_forgotten_is_said_to_be(console: Client) -> None:
    row = come_back(UNKNOWN, make_relayed())
    ReturnedMail.objects.update(raw=None)
    assert "not kept any more" in body_of(console.get(f"/returns/{row.pk}/"))
    assert console.get(f"/returns/{row.pk}/contents/").status_code == 404


def test_every_kind_has_its_look_and_its_words(console: Client) -> None:
    for kind in ("", *ReturnKind.values):
        ReturnedMail.objects.create(
            received_at=timezone.now(), size_bytes=1, kind=kind, recipient=f"{kind}@example.net",
            processed_at=timezone.now() if kind else None,
        )  # fmt: skip
    text = body_of(console.get("/returns/"))
    assert all(f"{kind}@example.net" in text for kind in ReturnKind.values)
    for row in ReturnedMail.objects.all():
        assert console.get(f"/returns/{row.pk}/").status_code == 200


def test_the_list_of_sessions_says_who_only_brought_mail_back(console: Client) -> None:
    keep(make_snapshot("220 hello", "MAIL FROM:<>", "250 ok"))
    SmtpSession.objects.update(is_inbound=True)
    assert "brought mail back" in body_of(console.get("/smtp-sessions/"))


def test_the_list_and_its_file_are_cut_to_days_of_the_reader(console: Client) -> None:
    zone = timezone.get_current_timezone()
    for day in (1, 2, 3, 4):
        row = make_waiting(raw_of(UNKNOWN), 4711)
        noon = datetime(2026, 3, day, 12, tzinfo=zone)
        recipient = f"r{day}@example.net"
        ReturnedMail.objects.filter(pk=row.pk).update(received_at=noon, recipient=recipient)
    for query, found in (
        ("from=2026-03-03", ["r4", "r3"]),
        ("from=2026-03-02&to=2026-03-03", ["r3", "r2"]),
        ("to=2026-03-02&q=@example.net", ["r2", "r1"]),
        ("from=2027-01-01", []),
    ):
        rows = console.get(f"/returns/?{query}").context["list"].page.rows
        assert [row.recipient.partition("@")[0] for row in rows] == found
        file = console.get(f"/returns/export/?{query}")
        lines = b"".join(file.streaming_content).decode().splitlines()[1:]  # type: ignore[attr-defined]
        assert len(lines) == len(found)
