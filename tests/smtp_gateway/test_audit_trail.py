"""The page /mail-log/actions/: who did what to which mail."""

from django.utils import timezone

from smtp_gateway.models import Attempt, Delivery, MailAction
from tests.smtp_gateway.acting import act, question
from tests.smtp_gateway.mails import make_mail


def test_every_action_is_in_the_audit_trail_with_who_where_what_and_how_many(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org"])
    before = timezone.now()
    act(console, "cancel", of="mail", queue_id=queue_id)
    row = MailAction.objects.get()
    assert (row.action, row.operator) == ("cancel", "operator@example.com")
    assert (row.client_ip, row.delivery_count) == ("127.0.0.1", 2)
    assert row.selection == f"{queue_id}, all recipients"
    assert before <= row.at <= timezone.now()
    assert Attempt.objects.filter(outcome="cancelled").count() == 2


def test_behind_a_proxy_the_trail_has_the_clients_address(console, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    queue_id = make_mail()
    form = question(console, "cancel", of="mail", queue_id=queue_id)
    console.post(form.action, form.fields, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    assert MailAction.objects.get().client_ip == "203.0.113.9"


def test_the_trail_shows_what_was_done_newest_first(console):
    first = make_mail()
    act(console, "cancel", of="mail", queue_id=first, delivery=Delivery.objects.get().pk)
    make_mail(recipients=["x-1@x.example"])
    act(console, "cancel", of="found", q="x-", state="queued")
    text = console.get("/mail-log/actions/").content.decode().split("<tbody>")[1]
    for words in ("operator@example.com", "from 127.0.0.1", "to anna@example.org", "Cancel"):
        assert words in text
    assert f'href="/mail-log/{first}/"' in text
    newest = "All mail found by “x-” in state Queued"
    assert text.index(newest) < text.index(first)


def test_the_trail_has_pages(console):
    now = timezone.now()
    values = {"at": now, "operator": "op@example.com", "action": "cancel", "delivery_count": 1}
    MailAction.objects.bulk_create(MailAction(selection=f"n{n}", **values) for n in range(60))
    first = console.get("/mail-log/actions/")
    assert [row.selection for row, _ in first.context["rows"]][:2] == ["n59", "n58"]
    assert len(first.context["rows"]) == 50
    older = console.get(first.context["list"].below_url)
    assert [row.selection for row, _ in older.context["rows"]] == [
        f"n{n}" for n in range(9, -1, -1)
    ]


def test_an_empty_trail_says_what_it_is_for(console):
    assert "Nothing was done by hand" in console.get("/mail-log/actions/").content.decode()
    assert console.post("/mail-log/actions/").status_code == 405
