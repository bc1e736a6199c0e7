"""The page /."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directmail.activity_chart import draw, round_up
from directmail.models import Operator
from senders import services
from senders.models import SenderAddress
from smtp_gateway.statistics import Counts, Hour
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.routes.factories import make_route
from verification.models import Verification


@pytest.fixture
def console(db, client):
    client.force_login(Operator.objects.create(email="operator@example.com"))
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


def test_the_numbers_of_today_are_shown(console, monkeypatch):
    noon = timezone.now().replace(hour=12, minute=0)
    make_mail(accepted_at=noon - timedelta(hours=2), recipients=["a@x.example", "b@x.example"])
    attempt_all("bounced", at=noon - timedelta(hours=1))
    monkeypatch.setattr(timezone, "now", lambda: noon)
    today = overview(console).context["today"]
    assert today == Counts(accepted=2, bounced=2)


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
    assert "Mail of domains that nobody has verified stays in the" in text


def test_a_route_that_leads_out_is_a_next_hop_too(console):
    make_route(is_enabled=False)
    make_route(kind="mailbox")
    assert "Nothing leaves this machine" in overview(console).content.decode()
    make_route(kind="mx")
    text = re.sub(r"<[^>]*>|\s+", " ", overview(console).content.decode())
    assert "Nothing leaves this machine" not in text
    assert "none of the 2 routes takes" in re.sub(r" +", " ", text)
    assert "Mail of domains that nobody has verified stays in the" in text


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
    with CaptureQueriesContext(connection) as queries:
        overview(console)
    assert len(queries) <= 15


def test_htmx_gets_the_numbers_alone(console):
    text = console.get("/", headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div id="numbers"')


@pytest.mark.parametrize(
    ("number", "top"), [(0, 4), (4, 4), (5, 10), (11, 20), (21, 40), (41, 100), (900, 1000)]
)
def test_the_scale_of_the_picture_ends_at_a_round_number(number, top):
    assert round_up(number) == top


def test_bars_stand_on_the_axis_and_outcomes_on_each_other():
    begin = datetime(2026, 3, 10, tzinfo=UTC)
    chart = draw([Hour(begin, Counts(accepted=10, relayed=5, deferred=2, bounced=1))])
    assert chart.top == 10
    assert [(bar.kind, bar.y, bar.height) for bar in chart.bars] == [
        ("accepted", 0, 100),
        ("relayed", 50, 50),
        ("deferred", 30, 20),
        ("bounced", 20, 10),
    ]


def test_an_hour_without_mail_has_no_bars():
    assert draw([Hour(datetime(2026, 3, 10, tzinfo=UTC))]).bars == []
