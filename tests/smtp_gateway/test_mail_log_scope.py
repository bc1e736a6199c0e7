"""The mail log by days, mail type and sender address: page, file, and what is done to all found."""

import random
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from senders.listing.days import Span
from senders.models import MailType
from smtp_gateway import mail_log, refusals
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import Delivery
from tests.senders.factories import make_sender
from tests.smtp_gateway.acting import act, question
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.test_list_files import rows_of
from tests.smtp_gateway.test_refusals import make_refused

URL = "/mail-log/"


def at(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=timezone.get_current_timezone())


def found(console, **query):
    names, url = [], f"{URL}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
    while url:
        page = console.get(url)
        rows = page.context.get("deliveries") or []
        names += [delivery.recipient.partition("@")[0] for delivery in rows]
        url = page.context["list"].below_url
    return names


@pytest.fixture
def days(db):
    """Two mails on each of five days: one of each type, each of another sender."""
    for day in range(1, 6):
        make_mail(recipients=[f"t{day}@x.example"], accepted_at=at(day), subject=f"Order {day}")
        make_mail(
            recipients=[f"b{day}@x.example"],
            mail_type="batch",
            sender_address="news@example.com",
            mail_from="news@example.com",
            accepted_at=at(day, 13),
            subject=f"News {day}",
        )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"from": "2026-03-04"}, "b5 t5 b4 t4", id="from"),
        pytest.param({"to": "2026-03-01"}, "b1 t1", id="to"),
        pytest.param({"from": "2026-03-02", "to": "2026-03-03"}, "b3 t3 b2 t2", id="between"),
        pytest.param({"from": "2026-03-03", "to": "2026-03-02"}, "", id="no-day-at-all"),
        pytest.param({"from": "2027-01-01"}, "", id="after-all-mail"),
        pytest.param({"to": "2025-01-01"}, "", id="before-all-mail"),
        pytest.param({"from": "2026-03-04", "sort": "time"}, "t4 b4 t5 b5", id="oldest-first"),
        pytest.param({"from": "2026-03-04", "type": "batch"}, "b5 b4", id="days-and-type"),
        pytest.param({"from": "2026-03-04", "q": "t"}, "t5 t4", id="days-and-search"),
        pytest.param({"to": "2026-03-02", "q": "@x.example"}, "b2 t2 b1 t1", id="days-and-domain"),
        pytest.param(
            {"to": "2026-03-02", "q": "news", "in": "subject"}, "b2 b1", id="days-and-subject"
        ),
        pytest.param({"to": "2026-03-02", "state": "queued"}, "b2 t2 b1 t1", id="days-and-state"),
        pytest.param({"to": "2026-03-02", "state": "relayed"}, "", id="days-and-other-state"),
        pytest.param({"type": "batch"}, "b5 b4 b3 b2 b1", id="type"),
        pytest.param({"type": "trigger", "sort": "time"}, "t1 t2 t3 t4 t5", id="type-oldest-first"),
        pytest.param({"type": "batch", "state": "queued"}, "b5 b4 b3 b2 b1", id="type-and-state"),
        pytest.param({"sender": "news@example.com"}, "b5 b4 b3 b2 b1", id="sender"),
        pytest.param({"sender": "news@example.com", "type": "trigger"}, "", id="sender-and-type"),
        pytest.param(
            {"sender": "news@example.com", "from": "2026-03-04", "to": "2026-03-04"},
            "b4",
            id="sender-and-day",
        ),
        pytest.param({"sender": "news@example.com", "q": "b3"}, "b3", id="sender-and-search"),
        pytest.param({"sender": "news@example"}, "", id="a-sender-is-the-whole-address"),
    ],
)
@pytest.mark.parametrize("few", [1000, 1], ids=["gathered", "walked"])
def test_the_log_is_narrowed_by_each_and_by_all_of_them(
    console, days, monkeypatch, few, query, expected
):
    monkeypatch.setattr(mail_log, "FEW", few)
    monkeypatch.setattr(mail_log, "LOOKED_AT", 3 if few == 1 else 3000)
    assert found(console, **query) == expected.split()
    if "sort" not in query and "in" not in query:
        file = rows_of(console, "/mail-log/export/", **query)
        assert [row["recipient"].partition("@")[0] for row in file] == expected.split()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"from": "2026-03-02", "to": "2026-03-03"}, "b2 b3 t2 t3", id="days"),
        pytest.param({"type": "batch"}, "b1 b2 b3 b4 b5", id="type"),
        pytest.param({"sender": "news@example.com", "to": "2026-03-02"}, "b1 b2", id="sender"),
        pytest.param({"q": "order", "in": "subject", "from": "2026-03-05"}, "t5", id="subject"),
    ],
)
def test_what_is_done_to_all_found_is_done_to_no_other(console, days, query, expected):
    response = act(console, "cancel", of="found", **query)
    cancelled = Delivery.objects.filter(state="cancelled").order_by("recipient")
    assert [row.recipient.partition("@")[0] for row in cancelled] == expected.split()
    path, _ = response.redirect_chain[0]
    assert all(f"{name}={value}" in path.replace("%40", "@") for name, value in query.items())


def test_a_day_is_one_of_the_reader_and_a_file_keeps_to_it(console, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    with timezone.override("Asia/Shanghai"):
        make_mail(recipients=["before@x.example"], accepted_at=at(1, 23) + timedelta(minutes=59))
        make_mail(recipients=["first@x.example"], accepted_at=at(2, 0))
        make_mail(recipients=["last@x.example"], accepted_at=at(2, 23) + timedelta(minutes=59))
        make_mail(recipients=["after@x.example"], accepted_at=at(3, 0))
        day = Span.of({"from": "2026-03-02", "to": "2026-03-02"})
    assert day.parameters == {"from": "2026-03-02", "to": "2026-03-02"}
    with timezone.override("America/New_York"):
        inside = Delivery.objects.filter(Scope(days=day).condition).order_by("id")
        assert [row.recipient for row in inside] == ["first@x.example", "last@x.example"]
        assert day.parameters == {"from": "2026-03-02", "to": "2026-03-02"}


@pytest.mark.parametrize("kept", [0, 1, 2, 7, 30])
def test_days_are_a_range_of_ids_whatever_was_forgotten_between(db, kept):
    for day in range(1, 31):
        make_mail(recipients=[f"r{day}@x.example"], accepted_at=at(day))
    ids = sorted(Delivery.objects.values_list("pk", flat=True))
    gone = random.Random(kept).sample(ids, 30 - kept)
    Delivery.objects.filter(pk__in=gone).delete()
    for since, until in ((1, 30), (7, 8), (30, 31), (15, 3)):
        scope = Scope(days=Span(at(since, 0), at(until, 0)))
        exact = set(Delivery.objects.filter(scope.condition))
        assert set(Delivery.objects.filter(scope.ids())) == exact


def test_rows_that_were_written_out_of_order_are_not_lost(db):
    for minute in (2, 0, 3, 1, 4):
        make_mail(
            recipients=[f"r{minute}@x.example"], accepted_at=at(1) + timedelta(minutes=minute)
        )
    for minute in range(5):
        span = Span(at(1) + timedelta(minutes=minute), at(1) + timedelta(minutes=minute + 1))
        (row,) = Delivery.objects.filter(Scope(days=span).ids(), Scope(days=span).condition)
        assert row.recipient == f"r{minute}@x.example"


def test_what_was_refused_is_narrowed_as_well(console):
    make_sender(address="news@example.com", mail_type=MailType.BATCH)
    make_sender(address="app@example.com", mail_type=MailType.TRIGGER)
    refusals.write(
        [
            make_refused(at=at(1), recipients=["t1@x.example"]),
            make_refused(at=at(2), recipients=["b2@x.example"], sender_address="news@example.com"),
        ]
    )

    def refused(**query):
        rows = console.get(URL, {"state": "refused", **query}).context["refused"]
        return [row.recipients.partition("@")[0] for row in rows]

    assert refused() == ["b2", "t1"]
    assert refused(to="2026-03-01") == ["t1"]
    assert refused(type="batch") == ["b2"]
    assert refused(sender="app@example.com") == ["t1"]


def test_a_sender_in_the_link_is_said_and_stays_while_other_filters_change(console, days):
    page = console.get(URL, {"sender": "news@example.com"})
    text = page.content.decode()
    assert "Mail of news@example.com only." in text
    assert '<input type="hidden" name="sender" value="news@example.com">' in text
    assert page.context["list"].is_filtered


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"outcome": "bounced"}, id="no-time"),
        pytest.param({"since": "2026-03-01T00:00:00+00:00"}, id="no-outcome"),
        pytest.param({"outcome": "lost", "since": "x", "until": "y"}, id="nothing-known"),
        pytest.param({"reason": "no-such-mailbox"}, id="reason-alone"),
    ],
)
def test_half_of_what_a_number_counts_filters_nothing_and_is_not_called_a_filter(
    console, days, query
):
    page = console.get(URL, query)
    assert not page.context["list"].is_filtered
    assert page.context["list"].fields == []
    assert "Act on all mail" in page.content.decode()


def test_what_happened_is_dropped_where_refused_mail_is_asked_for(console):
    make_mail()
    attempt_all("bounced")
    refusals.write([make_refused()])
    now = timezone.now()
    since, until = (now + timedelta(hours=hours) for hours in (-1, 1))
    query = {"outcome": "bounced", "since": since.isoformat(), "until": until.isoformat()}
    told = "Show all mail"
    assert told in console.get(URL, query).content.decode()
    page = console.get(URL, {**query, "state": "refused"})
    assert told not in page.content.decode()
    assert page.context["list"].fields == [("state", "refused")]


def test_the_fields_of_the_question_make_the_selection_again(console, days):
    form = question(console, "cancel", of="found", type="batch", to="2026-03-02")
    assert form.fields["type"] == ["batch"]
    assert form.fields["to"] == ["2026-03-02"]
