"""The page /."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directmail.celery import app
from directmail.models import Operator
from senders import services
from senders.models import SenderAddress
from smtp_gateway import queue_survey, tasks
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.routes.factories import make_route
from verification.models import Verification


@pytest.fixture
def console(db, client):
    seen = {"role": "admin", "last_seen_at": timezone.now()}
    client.force_login(Operator.objects.create(email="operator@example.com", **seen))
    return client


def overview(console):
    response = console.get("/")
    assert response.status_code == 200
    return response


def done(console):
    return {step.name for step in overview(console).context["steps"] if step.is_done}


def make_sender(**fields):
    return services.create_sender_address(
        address="app@example.com", mail_type="trigger", now=timezone.now(), **fields
    )


def test_without_log_in_nothing_is_shown(client, db):
    assert client.get("/").status_code == 302


def test_a_new_installation_is_told_what_to_do(console):
    response = overview(console)
    assert done(console) == set()
    text = response.content.decode()
    for words in (
        "Create a sender address",
        "Verify a reply-to address",
        "Set an SMTP password",
        "Send the first mail",
        "Choose a next hop",
        "5 of 5 left",
    ):
        assert words in text


def test_each_step_is_done_by_doing_it(console, settings):
    sender = make_sender(reply_to="help@example.org")
    assert done(console) == {"address"}
    Verification.objects.update(requested_at=timezone.now(), confirmed_at=timezone.now())
    assert done(console) == {"address", "reply_to"}
    services.set_smtp_password(sender, password="abCD1234efGH")
    assert done(console) == {"address", "reply_to", "password"}
    make_mail()
    assert done(console) == {"address", "reply_to", "password", "mail"}
    settings.RELAY_URL = "smtp://mail.example.net"
    assert len(done(console)) == 5
    assert "What to do next" not in overview(console).content.decode()


def test_a_step_that_is_undone_comes_back(console):
    make_sender()
    SenderAddress.objects.all().delete()
    assert done(console) == set()


def test_the_connection_settings_are_given_with_the_first_mail(console, settings):
    text = overview(console).content.decode()
    assert "mail.directmail.test" in text
    assert f"<code>{settings.SMTP_PORT}</code> with STARTTLS" in text


def numbers(console, query=""):
    response = console.get(f"/{query}")
    return {tile.key: tile.value for tile in response.context["numbers"].tiles}


@pytest.mark.parametrize(("query", "accepted"), [("", 1), ("?period=7d", 3), ("?period=30d", 6)])
def test_the_numbers_are_those_of_the_period_in_the_link(console, query, accepted):
    for days, number in ((0, 1), (3, 2), (20, 3)):
        at = timezone.now() - timedelta(days=days)
        make_mail(accepted_at=at, recipients=[f"{each}@x.example" for each in range(number)])
    assert numbers(console, query)["accepted"] == accepted


def test_an_unknown_period_is_the_first(console):
    assert console.get("/?period=century").context["period"].name == "24h"


def test_what_never_happened_has_no_tile_but_for_the_four_that_matter(console):
    make_mail()
    assert list(numbers(console)) == ["accepted", "relayed", "deferred", "bounced"]
    attempt_all("expired")
    assert "expired" in numbers(console)


def test_a_number_is_compared_with_the_time_before(console):
    make_mail(accepted_at=timezone.now() - timedelta(hours=30), recipients=["a@x.example"])
    make_mail(recipients=["a@x.example", "b@x.example", "c@x.example"])
    tile = console.get("/").context["numbers"].tiles[0]
    assert (tile.value, tile.delta, tile.note) == (3, "+200 %", "1 before")


def test_each_number_leads_to_exactly_the_mails_that_it_counts(console):
    make_mail(recipients=["a@x.example", "b@x.example"])
    attempt_all("deferred", category="mailbox-full")
    make_mail(mail_type="batch", recipients=["c@x.example"])
    attempt_all("bounced", lane="batch", category="no-such-mailbox")
    shown = console.get("/").context["numbers"]
    cells = [
        cell
        for table in (shown.by_type, shown.by_sender)
        for row in table.rows
        for cell in row.cells
    ]
    counted = [
        *((tile.value, tile.href) for tile in shown.tiles),
        *((cell.number, cell.href) for cell in cells),
        *((failure.recipients, failure.href) for failure in shown.failures),
    ]
    assert len(counted) > 12
    for number, href in counted:
        log = console.get(href)
        assert len(log.context.get("deliveries", [])) == number, href


def test_the_log_says_what_a_number_counts_and_keeps_to_it(console):
    make_mail(recipients=["a@x.example"])
    attempt_all("bounced", category="no-such-mailbox")
    make_mail(recipients=["b@x.example"])
    failure = console.get("/").context["numbers"].failures[0]
    response = console.get(failure.href)
    text = response.content.decode()
    assert "mailbox does not exist" in text
    assert "b@x.example" not in text
    assert "outcome=bounced" in response.context["list"].export_url
    assert response.context["selection"].happened.reason == "no-such-mailbox"


def test_reasons_are_told_with_whose_fault_and_what_to_do(console):
    make_mail(recipients=["a@x.example"])
    attempt_all("bounced", category="no-such-mailbox")
    text = console.get("/").content.decode()
    assert "mailbox does not exist" in text
    assert "fault" in text
    assert "It is the recipient&#x27;s fault. Check the address for a typing error" in text


def test_what_waits_is_told_by_route_with_the_reason(console, settings):
    settings.RELAY_URL, settings.ALLOW_UNVERIFIED_DOMAINS = "smtp://smtp.example.net", True
    make_mail()
    make_mail(recipients=["a@slow.example"])
    make_route(name="Slow ones", kind="mx", recipient_domains="slow.example")
    ways = {way.route: way for way in console.get("/").context["queue"].ways}
    assert set(ways) == {"RELAY_URL", "Slow ones"}
    assert ways["Slow ones"].reasons == [(1, "First attempt")]


def test_a_long_queue_is_the_one_that_the_worker_saw_last(console, monkeypatch):
    make_mail()
    monkeypatch.setattr(queue_survey, "MOST_AT_ONCE", 0)
    assert console.get("/").context["queue"].ways == []
    tasks.survey_queue()
    make_mail()
    assert [way.waiting for way in console.get("/").context["queue"].ways] == [1]


def test_the_picture_has_the_same_numbers_as_a_table(console):
    make_mail()
    text = overview(console).content.decode()
    assert '<svg class="chart-picture"' in text
    assert "<title" in text
    assert "<desc" in text
    table = text.split('class="chart-table"')[1].split("</table>")[0]
    assert len(re.findall(r"<tr><th scope=\"row\"", table)) == 24


def test_nothing_on_the_page_has_a_style_of_its_own(console):
    make_mail()
    text = overview(console).content.decode()
    assert not re.search(r"\sstyle=", text)
    assert "<style" not in text


def test_the_queue_is_shown_by_lane(console):
    make_mail(mail_type="batch", accepted_at=timezone.now() - timedelta(hours=3))
    text = overview(console).content.decode()
    assert "Batch Mail" in text
    assert "3\xa0hours" in text


def test_the_next_hop_is_the_local_mailbox_at_first(console):
    assert "Nothing leaves this machine" in overview(console).content.decode()


def test_the_next_hop_is_named_without_its_credentials(console, settings):
    settings.RELAY_URL = "smtps://robot:s3cret@smtp.example.net:465"
    text = overview(console).content.decode()
    assert "smtp.example.net:465" in text
    assert "robot:" not in text
    assert "s3cret" not in text
    assert "that are not verified stays in the" in text


def test_a_route_that_leads_out_is_a_next_hop_too(console):
    make_route(is_enabled=False)
    make_route(kind="mailbox")
    assert "Nothing leaves this machine" in overview(console).content.decode()
    make_route(kind="mx")
    text = re.sub(r"<[^>]*>|\s+", " ", overview(console).content.decode())
    assert "Nothing leaves this machine" not in text
    assert "none of the 2 routes takes" in re.sub(r" +", " ", text)
    assert "that are not verified stays in the" in text


def test_unverified_domains_are_not_mentioned_where_they_are_relayed(console, settings):
    settings.RELAY_URL, settings.ALLOW_UNVERIFIED_DOMAINS = "smtp://smtp.example.net", True
    assert "Mail of domains that nobody" not in overview(console).content.decode()


def test_a_relay_url_that_cannot_be_used_says_so(console, settings):
    settings.RELAY_URL = "http://user:s3cret@smtp.example.net"
    text = overview(console).content.decode()
    assert "RELAY_URL must start with smtp:// or smtps://." in text
    assert "s3cret" not in text


def test_the_page_takes_few_queries(console):
    for _ in range(30):
        make_mail()
    overview(console)  # notes once in a while who is here
    with CaptureQueriesContext(connection) as queries:
        overview(console)
    assert len(queries) <= 30


def test_htmx_gets_the_numbers_alone(console):
    text = console.get("/", headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div id="numbers"')


def test_htmx_gets_nothing_while_nothing_has_happened(console, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    make_mail()
    seen = console.get("/").context["live_url"]
    assert console.get(seen, headers={"HX-Request": "true"}).status_code == 204
    make_mail()
    assert console.get(seen, headers={"HX-Request": "true"}).status_code == 200


def test_with_redis_away_the_checks_say_so(console, monkeypatch, tmp_path):
    monkeypatch.setattr(app.conf, "broker_write_url", f"redis+socket://{tmp_path}/nobody.sock")
    text = console.post("/health/check/", follow=True).content.decode()
    assert "The checks cannot run now: Redis does not answer." in text
