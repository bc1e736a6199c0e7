"""Acting on ticked rows of the mail log, and on all that its filters find."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway.models import Attempt, Delivery, MailAction, Message
from smtp_gateway.queue import ledger
from smtp_gateway.selection import batches
from tests.smtp_gateway.acting import act, question
from tests.smtp_gateway.mails import attempt_all, make_mail


def page(console, name, **query):
    return console.get(f"/mail-log/actions/{name}/", query).content.decode()


def states():
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def delivery_of(queue_id, recipient="anna@example.org"):
    return Delivery.objects.get(message__queue_id=queue_id, recipient=recipient)


def defer(minutes=5):
    attempt_all("deferred", reason="The mailbox is full.")
    later = timezone.now() + timedelta(minutes=minutes)
    Delivery.objects.filter(attempt_count__gt=0).update(next_attempt_at=later)


def make_found():
    """Two deferred and two queued mails to x.example, one to another domain, one bounced."""
    make_mail(recipients=["x-bounced@x.example"])
    attempt_all("bounced")
    make_mail(recipients=["x-d1@x.example", "x-d2@x.example"])
    defer()
    make_mail(recipients=["x-q1@x.example", "x-q2@x.example"])
    make_mail(recipients=["other@y.example"])


def cancelled():
    rows = Delivery.objects.filter(state="cancelled").order_by("recipient")
    return list(rows.values_list("recipient", flat=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"q": "x-"}, ["x-d1", "x-d2", "x-q1", "x-q2"], id="search"),
        pytest.param({"state": "deferred"}, ["x-d1", "x-d2"], id="state"),
        pytest.param({"q": "x-q", "state": "queued"}, ["x-q1", "x-q2"], id="search-and-state"),
    ],
)
def test_all_that_the_filters_find_is_cancelled_and_nothing_else(console, query, expected):
    make_found()
    response = act(console, "cancel", of="found", **query)
    assert f"The mail to {len(expected)} recipients is cancelled." in response.content.decode()
    assert [address.split("@")[0] for address in cancelled()] == expected
    path, _ = response.redirect_chain[0]
    assert all(f"{name}={value}" in path for name, value in query.items())


def test_what_comes_in_after_the_question_is_not_among_what_was_found(console):
    make_found()
    form = question(console, "cancel", of="found")
    make_mail(recipients=["new@x.example"])
    console.post(form.action, form.fields)
    assert len(cancelled()) == 5
    assert "new@x.example" not in cancelled()


def test_ticked_rows_are_acted_on_and_the_list_is_shown_again_as_it_was(console):
    make_found()
    ticked = [delivery.pk for delivery in Delivery.objects.filter(recipient__startswith="x-")]
    response = act(console, "cancel", of="ticked", delivery=ticked, q="x-", state="")
    assert response.redirect_chain[0] == ("/mail-log/?q=x-", 302)
    text = response.content.decode()
    assert "The mail to 4 recipients is cancelled. 1 recipient stayed as they were." in text


def test_with_nothing_ticked_nothing_is_done(console):
    make_found()
    response = console.get("/mail-log/actions/cancel/", {"of": "ticked"}, follow=True)
    assert "Tick the mails first." in response.content.decode()
    values = {"of": "ticked", "known_event": "0"}
    assert console.post("/mail-log/actions/cancel/", values).status_code == 302
    assert cancelled() == []


@pytest.mark.parametrize(
    "query",
    [
        {"of": "ticked", "delivery": ["x", "9" * 40, "-1", "0"]},
        {"of": "mail", "queue_id": "\0'; --"},
        {"of": "mail", "queue_id": "01KB2Q7XG5W9D3MT", "delivery": "7"},
        {"of": "everything"},
        {"of": "found", "q": "\0%_\\", "state": "lost", "up_to": "٣"},
        {},
    ],
    ids=["ids", "queue-id", "no-such-mail", "of", "filters", "empty"],
)
def test_odd_selections_do_no_harm(console, query):
    queue_id = make_mail()
    assert console.get("/mail-log/actions/cancel/", query).status_code in (200, 302, 404)
    values = {**query, "known_event": "0"}
    assert console.post("/mail-log/actions/cancel/", values).status_code in (302, 404, 409)
    assert delivery_of(queue_id).state == "queued"


def test_more_than_one_action_takes_is_said_and_done_in_part(console):
    hundred = [f"r{n}@example.org" for n in range(100)]
    for _ in range(101):
        make_mail(recipients=hundred)
    text = page(console, "cancel", of="found")
    assert "Cancel the mail to <bdi>10,000 recipients</bdi>?" in text
    assert "More than 10,000 are found." in text
    act(console, "cancel", of="found")
    assert Counter(states()) == {"queued": 100, "cancelled": 10_000}
    assert delivery_of(Message.objects.earliest("id").queue_id, "r0@example.org").state == "queued"
    assert MailAction.objects.get().delivery_count == 10_000
    assert Attempt.objects.filter(outcome="cancelled").count() == 10_000


def test_of_many_that_are_sent_again_the_recipients_of_a_mail_share_one(console):
    for _ in range(3):
        make_mail(recipients=[f"r{n}@example.org" for n in range(40)])
    attempt_all("bounced")
    act(console, "send-again", of="found", state="bounced")
    assert MailAction.objects.get().delivery_count == 120
    assert Message.objects.count() == 6
    assert ledger.count().faults == []


def test_a_batch_never_parts_the_recipients_of_a_mail():
    found = [(9, 3), (8, 3), (7, 3), (6, 2), (5, 1), (4, 1)]
    assert list(batches(found, 2)) == [[9, 8, 7], [6, 5, 4]]
    assert list(batches([], 2)) == []
