"""The page /mail-log/."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from tests.pages import links
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail

URL = "/mail-log/"


def recipients(response):
    return [delivery.recipient for delivery in response.context["deliveries"]]


def make_numbered(number, **fields):
    for n in range(number):
        make_mail(recipients=[f"r{n:03}@example.org"], **fields)


def make_one_in_each_state():
    now = timezone.now()
    make_mail(recipients=["deferred@x.example"])
    attempt_all("deferred", reason="The mailbox is full.", reason_code="mailbox-full")
    for state in ("relayed", "bounced", "expired"):
        make_mail(recipients=[f"{state}@x.example"])
        attempt_all(state, reason=f"Why {state}.")
    for state, finished_at in (("cancelled", now), ("held", None)):
        waiting = Delivery.objects.filter(
            message__queue_id=make_mail(recipients=[f"{state}@x.example"])
        )
        waiting.update(state=state, finished_at=finished_at)
    make_mail(recipients=["leased@x.example"])
    lease_all()
    make_mail(recipients=["queued@x.example"], accepted_at=now)


def test_without_log_in_nothing_is_shown(client, db):
    assert client.get(URL).status_code == 302


def test_the_address_of_the_page_is_its_name():
    assert reverse("smtp_gateway:mail_log") == URL


def test_an_empty_log_says_how_to_send_the_first_mail(console):
    text = console.get(URL).content.decode()
    assert "No mail yet" in text
    assert "Set an SMTP password" in text


def test_a_search_without_result_says_so_and_leads_back(console):
    make_mail()
    text = console.get(URL, {"q": "nobody@"}).content.decode()
    assert "No mail found" in text
    assert "Show all mail" in text


def test_each_recipient_has_a_row_newest_first(console):
    make_mail(recipients=["a@example.org", "b@example.org"])
    make_mail(recipients=["c@example.org"])
    assert recipients(console.get(URL)) == ["c@example.org", "b@example.org", "a@example.org"]


def test_a_row_shows_sender_recipient_subject_and_mail_type(console):
    queue_id = make_mail(subject="Your <b>order</b>", mail_type="batch")
    text = console.get(URL).content.decode()
    assert "app@example.com" in text
    assert "anna@example.org" in text
    assert "Your &lt;b&gt;order&lt;/b&gt;" in text
    assert "Batch Mail" in text
    assert f"/mail-log/{queue_id}/" in text


def test_pages_of_fifty_lead_to_older_and_back_to_newer(console):
    make_numbered(120)
    first = console.get(URL)
    assert recipients(first) == [f"r{n:03}@example.org" for n in range(119, 69, -1)]
    assert links(first.content.decode(), "prev") == []
    second = console.get(links(first.content.decode(), "next")[0])
    assert recipients(second) == [f"r{n:03}@example.org" for n in range(69, 19, -1)]
    third = console.get(links(second.content.decode(), "next")[0])
    assert recipients(third) == [f"r{n:03}@example.org" for n in range(19, -1, -1)]
    assert links(third.content.decode(), "next") == []
    back = console.get(links(third.content.decode(), "prev")[0])
    assert recipients(back) == recipients(second)


def test_a_page_stays_the_same_while_new_mail_comes_in(console):
    make_numbered(70)
    older = links(console.get(URL).content.decode(), "next")[0]
    before = recipients(console.get(older))
    make_mail(recipients=["new@example.org"])
    assert recipients(console.get(older)) == before


def test_newer_than_nearly_the_head_is_the_newest_page_in_full(console):
    make_numbered(60)
    newest = Delivery.objects.order_by("-id")[3].pk
    assert len(recipients(console.get(URL, {"above": newest}))) == 50


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40, "", "٣"])
def test_a_cursor_that_is_none_shows_the_newest_page(console, cursor):
    make_mail()
    assert recipients(console.get(URL, {"below": cursor})) == ["anna@example.org"]


def test_filters_stay_in_the_links_to_other_pages(console):
    make_numbered(60)
    response = console.get(URL, {"q": "r0", "state": "queued"})
    older = links(response.content.decode(), "next")[0]
    assert "q=r0" in older
    assert "state=queued" in older
    assert len(recipients(console.get(older))) == 10


def test_a_deferred_row_says_why_and_when_again(console):
    make_mail()
    attempt_all("deferred", reason="The mailbox is full.")
    text = console.get(URL).content.decode()
    assert "The mailbox is full." in text
    assert "Next attempt" in text


def test_a_row_whose_time_has_come_says_that_it_is_due(console):
    make_mail()
    past = timezone.now() - timedelta(seconds=5)
    attempt_all("deferred", reason="Greylisted.", next_attempt_at=past)
    assert "Due now, since" in console.get(URL).content.decode()


def test_every_row_that_waits_has_a_code_a_sentence_and_a_time(console):
    make_mail()
    now = console.get(URL).content.decode().split("<tbody>")[1]
    assert 'title="first-attempt">First attempt<' in now
    assert "It waits for its first attempt, which is due now." in now
    assert f"{Delivery.objects.get().next_attempt_at:%H:%M:%S}" in now


def test_htmx_gets_the_table_alone(console):
    make_mail()
    text = console.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "anna@example.org" in text


def test_a_page_of_the_log_takes_the_same_few_queries_however_long_it_is(console):
    make_numbered(3)
    console.get(URL)  # the first visit of the day is noted
    with CaptureQueriesContext(connection) as few:
        console.get(URL, {"q": "r0"})
    make_numbered(60)
    with CaptureQueriesContext(connection) as many:
        console.get(URL, {"q": "r0"})
    assert len(many) == len(few) <= 15


def test_only_get_is_answered(console):
    assert console.post(URL).status_code == 405


def test_the_log_keeps_the_history_of_relays_that_died(console):
    make_mail()
    relay_id, _ = lease_all()
    queue.free_leases_of_dead(silent_for=timedelta(days=1), gone=[relay_id])
    assert "The relay stopped during an attempt" in console.get(URL).content.decode()


def test_what_the_mailbox_route_kept_is_not_called_relayed(console):
    make_mail(recipients=["kept@example.net"])
    attempt_all("relayed", route="mailbox", reason_code="domain-unverified", keep_in_mailbox=True)
    kept = console.get(URL, {"state": "kept"})
    assert recipients(kept) == ["kept@example.net"]
    assert "Kept here" in kept.content.decode()
    assert recipients(console.get(URL, {"state": "relayed"})) == []


def test_rows_can_be_ticked_and_the_actions_are_those_of_the_state(console):
    make_one_in_each_state()
    text = console.get(URL, {"state": "held"}).content.decode()
    (held,) = Delivery.objects.filter(state="held")
    assert f'name="delivery" value="{held.pk}"' in text
    assert 'formaction="/mail-log/actions/release/"' in text
    assert 'formaction="/mail-log/actions/retry/"' not in text
    assert 'href="/mail-log/actions/cancel/?of=found&amp;state=held"' in text
    leased = console.get(URL, {"state": "leased"}).content.decode()
    assert 'name="delivery"' not in leased


def test_what_is_being_relayed_is_found_by_its_recipient(console):
    make_mail(recipients=["moving@example.net"])
    lease_all()
    make_mail(recipients=["moving@example.org"])
    assert set(recipients(console.get(URL, {"q": "MOVING@"}))) == {
        "moving@example.net",
        "moving@example.org",
    }
    assert recipients(console.get(URL, {"q": "moving@", "state": "leased"})) == [
        "moving@example.net"
    ]
