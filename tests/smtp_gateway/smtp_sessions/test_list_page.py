"""The page /smtp-sessions/."""

from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from senders import services
from smtp_gateway import queue
from tests.smtp_gateway.mails import make_mail
from tests.smtp_gateway.smtp_sessions.told import keep, make_snapshot
from tests.smtp_gateway.submission.talking import plain

URL = "/smtp-sessions/"
APP = "app@shop.example"
REFUSED = "535 5.7.8 User name or password refused"


def text_of(console: Client, **query: str) -> str:
    response = console.get(URL, query)
    assert response.status_code == 200
    return response.content.decode()


def shown(console: Client, **query: str) -> list[str]:
    """The session ids, in order."""
    rows = console.get(URL, query).context["rows"]
    return [session.session_id.lstrip("0") for session, _, _ in rows]


def keep_three() -> None:
    keep(make_snapshot("QUIT", "221 Bye", sender=APP, session_id=f"{0xA1:016x}"))
    keep(make_snapshot(f"AUTH PLAIN {plain(APP)}", REFUSED, session_id=f"{0xB2:016x}"))
    stranger = f"AUTH PLAIN {plain('ap@shop.example')}"
    keep(make_snapshot("EHLO lost.example", stranger, REFUSED, session_id=f"{0xC3:016x}"))


def test_without_log_in_nothing_is_shown(client: Client, db: None) -> None:
    assert client.get(URL).status_code == 302


def test_the_address_of_the_page_is_its_name() -> None:
    assert reverse("smtp_gateway:smtp_sessions") == URL


def test_an_empty_list_says_how_a_session_gets_there(console: Client) -> None:
    assert "No session yet" in text_of(console)
    assert "also where it is refused" in text_of(console)


@override_settings(SMTP_SESSIONS_KEPT=0)
def test_where_none_are_kept_the_page_says_so(console: Client) -> None:
    assert "SMTP_SESSIONS_KEPT is 0" in text_of(console)


def test_a_search_without_result_says_what_that_may_mean(console: Client) -> None:
    assert "does not reach the gateway at all" in text_of(console, q="nobody@")


def test_sessions_stand_newest_first_with_what_they_came_to(console: Client) -> None:
    keep_three()
    assert shown(console) == ["c3", "b2", "a1"]
    text = text_of(console)
    assert "Log-in refused" in text
    assert "Nothing sent" in text
    assert "lost.example" in text
    assert "tried as <bdi>ap@shop.example</bdi>" in text


def test_sessions_that_are_written_together_stand_by_when_they_began(console: Client) -> None:
    now = timezone.now()
    ids = {minutes: f"{minutes:016x}" for minutes in (2, 3, 1)}
    keep(
        *(
            make_snapshot("QUIT", sender=APP, session_id=each, began_at=now - timedelta(minutes=m))
            for m, each in ids.items()
        )
    )
    assert shown(console) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"show": "refused"}, ["c3", "b2"]),
        ({"who": "nobody"}, ["c3"]),
        ({"q": APP}, ["b2", "a1"]),
        ({"q": "AP"}, ["c3", "b2", "a1"]),
        ({"q": "ap@shop"}, ["c3"]),
        ({"q": APP, "show": "refused"}, ["b2"]),
        ({"q": "192.0.2.1"}, ["c3", "b2", "a1"]),
        ({"q": f"{0xB2:016X}"}, ["b2"]),
        ({"q": "x\0"}, []),
    ],
)
def test_the_list_can_be_cut_down(console: Client, query: dict[str, str], found: list[str]) -> None:
    keep_three()
    assert shown(console, **query) == found


def test_a_running_session_is_called_open(console: Client) -> None:
    keep(make_snapshot("EHLO a.example", has_ended=False))
    assert "Still open" in text_of(console)


def test_the_row_of_a_sender_address_leads_to_its_sessions(console: Client) -> None:
    services.create_sender_address(
        address="a+b@shop.example", mail_type="trigger", now=timezone.now()
    )
    page = console.get("/sender-addresses/").content.decode()
    assert f'href="{URL}?q=a%2Bb%40shop.example"' in page


def test_the_page_of_a_mail_leads_to_its_session(console: Client) -> None:
    session_id = f"{0xD4:016x}"
    queue_id = make_mail(client=queue.Client(ip="192.0.2.1", session_id=session_id))
    link = f'href="{URL}{session_id}/"'
    assert link not in console.get(f"/mail-log/{queue_id}/").content.decode()
    keep(make_snapshot("QUIT", sender=APP, session_id=session_id))
    assert link in console.get(f"/mail-log/{queue_id}/").content.decode()


def test_the_list_is_cut_to_days_of_the_reader(console: Client) -> None:
    zone = timezone.get_current_timezone()
    for day in (1, 2, 3):
        began_at = datetime(2026, 3, day, 12, tzinfo=zone)
        keep(make_snapshot("QUIT", sender=APP, session_id=f"{day:016x}", began_at=began_at))
    assert shown(console, **{"from": "2026-03-02"}) == ["3", "2"]
    assert shown(console, **{"from": "2026-03-02", "to": "2026-03-02"}) == ["2"]
    assert shown(console, to="2026-03-02", q=APP) == ["2", "1"]
