"""Searches of the mail log that no index carries: subjects and domains, a part at a time."""

import pytest
from django.utils import timezone

from smtp_gateway import mail_log
from smtp_gateway.models import Delivery
from tests.smtp_gateway.acting import act
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail

URL = "/mail-log/"


def found(console, **query):
    rows = console.get(URL, query).context.get("deliveries") or []
    return [delivery.recipient.partition("@")[0] for delivery in rows]


def make_three():
    for subject, sender, recipient in (
        ("Your order 17", "shop@one.example", "a@x.example"),
        ("Your ORDER 18", "shop@two.example", "b@one.example"),
        ("Welcome", "web@x.example", "c@sub.x.example"),
    ):
        make_mail(subject=subject, sender_address=sender, mail_from=sender, recipients=[recipient])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"q": "order 1", "in": "subject"}, ["b", "a"], id="part-of-subject"),
        pytest.param({"q": "%", "in": "subject"}, [], id="a-percent-sign-is-a-letter"),
        pytest.param({"q": "@x.example"}, ["c", "a"], id="domain-anywhere"),
        pytest.param({"q": "@X.example", "in": "from"}, ["c"], id="domain-of-sender"),
        pytest.param({"q": "@x.example", "in": "to"}, ["a"], id="domain-of-recipient"),
        pytest.param({"q": "shop@", "in": "from"}, ["b", "a"], id="beginning-of-sender"),
        pytest.param({"q": "shop@", "in": "to"}, [], id="sender-is-no-recipient"),
        pytest.param({"q": "c@", "in": "to"}, ["c"], id="beginning-of-recipient"),
        pytest.param({"q": "c@", "in": "everywhere"}, ["c"], id="unknown-place"),
        pytest.param({"q": "order", "in": "subject", "state": "queued"}, ["b", "a"], id="state"),
        pytest.param({"q": "order", "in": "subject", "state": "held"}, [], id="other-state"),
        pytest.param({"q": "order", "in": "subject", "sort": "time"}, ["a", "b"], id="oldest"),
    ],
)
def test_where_a_text_is_looked_for_can_be_chosen(console, query, expected):
    make_three()
    assert found(console, **query) == expected


def test_a_search_looks_at_a_part_and_its_button_goes_further(console, monkeypatch):
    monkeypatch.setattr(mail_log, "LOOKED_AT", 10)
    make_mail(subject="Needle", recipients=["old@x.example"])
    for n in range(25):
        make_mail(subject="Hay", recipients=[f"r{n}@x.example"])
    page = console.get(URL, {"q": "needle", "in": "subject"})
    steps = 0
    while page.context.get("deliveries") is None or not page.context["deliveries"]:
        text = page.content.decode()
        assert "Nothing found yet." in text
        assert 'hx-trigger="load"' in text
        assert "Look further" in text
        assert "So far it has looked back to" in text
        page = console.get(page.context["list"].below_url)
        steps += 1
    assert steps == 2
    assert [row.recipient for row in page.context["deliveries"]] == ["old@x.example"]


def test_a_search_that_has_looked_at_everything_says_that_there_is_nothing(console, monkeypatch):
    monkeypatch.setattr(mail_log, "LOOKED_AT", 10)
    for _ in range(5):
        make_mail(subject="Hay")
    text = console.get(URL, {"q": "needle", "in": "subject"}).content.decode()
    assert "No mail found" in text
    assert "No subject has this text in it." in text


@pytest.mark.parametrize("state", ["", "queued", "leased"])
def test_where_more_match_than_are_gathered_they_are_walked(console, monkeypatch, state):
    monkeypatch.setattr(mail_log, "FEW", 5)
    monkeypatch.setattr(mail_log, "LOOKED_AT", 4)
    for n in range(20):
        make_mail(recipients=[f"{'ab'[n % 2]}{n}@x.example"])
    if state == "leased":
        lease_all()
    names, url = [], f"{URL}?q=a&state={state}&in=to"
    while url:
        page = console.get(url)
        names += [row.recipient.partition("@")[0] for row in page.context.get("deliveries") or []]
        url = page.context["list"].below_url
    assert names == [f"a{n}" for n in range(18, -1, -2)]


def test_what_waits_is_found_newest_first_however_much_has_ended(console, monkeypatch):
    monkeypatch.setattr(mail_log, "LOOKED_AT", 4)
    make_mail(recipients=["waits@x.example"])
    Delivery.objects.update(next_attempt_at=timezone.now())
    for n in range(20):
        make_mail(recipients=[f"r{n}@x.example"])
    ended = Delivery.objects.exclude(recipient="waits@x.example")
    ended.update(state="relayed", finished_at=timezone.now())
    assert found(console, state="queued") == ["waits"]


def test_all_that_a_subject_finds_is_acted_on(console):
    make_three()
    attempt_all("deferred", reason="Busy.")
    response = act(console, "cancel", of="found", q="order", **{"in": "subject"})
    assert "2 recipients is cancelled" in response.content.decode()
    cancelled = Delivery.objects.filter(state="cancelled").order_by("id")
    assert [row.recipient for row in cancelled] == ["a@x.example", "b@one.example"]
    assert response.redirect_chain[0][0] == "/mail-log/?q=order&in=subject"


def test_the_oldest_stand_first_where_that_is_asked_for(console):
    make_three()
    page = console.get(URL, {"sort": "time"})
    assert page.context["deliveries"][0].recipient == "a@x.example"
    assert 'aria-sort="ascending"' in page.content.decode()
