"""The page behind an opt-out link: asks on GET, acts on POST, and can be undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from senders.opting_out.links import token_of
from senders.suppression import Reason, Suppression
from senders.suppressions.services import lift, suppress
from tests.markup import faults_of_page

pytestmark = pytest.mark.django_db
LINK = f"/u/{token_of('news@xn--mller-kva.de', 'jane@example.net')}"


def living() -> int:
    return int(Suppression.objects.living(timezone.now()).count())


def test_it_asks_by_both_names_with_one_button(client: Client) -> None:
    page = client.get(LINK)
    assert page.status_code == 200
    assert "news@müller.de" in page.text
    assert "jane@example.net" in page.text
    assert page.text.count("<button") == 1
    assert living() == 0


def test_the_button_stops_the_mail_without_cookie_or_csrf_token() -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.post(LINK, {"action": "stop"}, headers={"Origin": "null"})
    assert page.status_code == 200
    assert "Done: these mails stop" in page.text
    assert living() == 1
    assert not browser.cookies


def test_a_mistake_can_be_undone_and_meant_after_all(client: Client) -> None:
    client.post(LINK, {"action": "stop"})
    page = client.post(LINK, {"action": "undo"})
    assert "You get these mails again" in page.text
    assert living() == 0
    assert "Done: these mails stop" in client.post(LINK, {"action": "stop"}).text
    assert living() == 1


def test_one_link_is_one_row_however_often_it_is_undone(client: Client) -> None:
    for _ in range(5):
        client.post(LINK, {"action": "stop"}, headers={"User-Agent": "Browser"})
        client.post(LINK, {"action": "undo"})
    assert living() == 0
    client.post(LINK, {"action": "stop"}, headers={"User-Agent": "Another"})
    assert living() == 1
    row = Suppression.objects.get()
    assert (row.times, row.lifted_at, row.lifted_by, row.lift_reason) == (6, None, "", "")
    newest, undone, before, *_ = row.evidence.splitlines()
    assert newest.endswith(": Another")
    assert undone.startswith("(undone 20")
    assert before.endswith(": Browser")


def test_what_holds_again_holds_since_then(client: Client) -> None:
    client.post(LINK, {"action": "stop"})
    client.post(LINK, {"action": "undo"})
    long_ago = timezone.now() - timedelta(days=90)
    Suppression.objects.update(created_at=long_ago, ended_at=long_ago, lifted_at=long_ago)
    client.post(LINK, {"action": "stop"})
    assert Suppression.objects.get().created_at > long_ago


def test_what_an_operator_lifted_stays_as_history(client: Client) -> None:
    client.post(LINK, {"action": "stop"})
    lift(Suppression.objects.all(), why="asked by phone", now=timezone.now())
    client.post(LINK, {"action": "stop"})
    client.post(LINK, {"action": "stop"})
    assert living() == 1
    assert Suppression.objects.count() == 2
    assert Suppression.objects.filter(lift_reason="asked by phone").count() == 1


def test_one_that_holds_already_is_counted_and_none_is_reopened_beside_it(client: Client) -> None:
    client.post(LINK, {"action": "stop"})
    client.post(LINK, {"action": "undo"})
    suppress(
        reason=Reason.OPT_OUT,
        recipient_or_domain="jane@example.net",
        sender_address="news@xn--mller-kva.de",
        now=timezone.now(),
    )
    client.post(LINK, {"action": "stop"})
    assert living() == 1
    assert Suppression.objects.living(timezone.now()).get().times == 2


def test_who_comes_back_is_told_that_it_has_been_done(client: Client) -> None:
    client.post(LINK, {"action": "stop"})
    assert "These mails have been stopped" in client.get(LINK).text


def test_where_all_batch_mail_stops_the_page_says_so(client: Client, settings: Any) -> None:
    settings.OPT_OUT_SCOPE = "mail_type"
    assert "other mailings of the same organisation" in client.get(LINK).text
    assert "other mailings of the same organisation" in client.post(LINK, {"action": "stop"}).text
    assert "You get these mails again" in client.post(LINK, {"action": "undo"}).text
    assert living() == 0


def test_undoing_lifts_no_other_reason(client: Client) -> None:
    now = timezone.now()
    suppress(reason=Reason.COMPLAINT, recipient_or_domain="jane@example.net", now=now)
    client.post(LINK, {"action": "stop"})
    client.post(LINK, {"action": "undo"})
    assert [row.reason for row in Suppression.objects.living(now)] == ["complaint"]


def test_an_unknown_form_changes_nothing_and_says_so(client: Client) -> None:
    page = client.post(LINK, {"action": "explode"})
    assert page.status_code == 400
    assert "Nothing was changed" in page.text


def test_a_link_that_is_not_complete_says_what_to_do(client: Client) -> None:
    page = client.get(LINK[:-2])
    assert page.status_code == 400
    assert "This link is not complete" in page.text


def test_no_answer_is_a_redirect_indexed_or_leaks_its_address(client: Client) -> None:
    for answer in (client.get(LINK), client.post(LINK, {"action": "stop"}), client.get("/u/x")):
        assert answer.status_code in (200, 400)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert faults_of_page(answer.text) == []
