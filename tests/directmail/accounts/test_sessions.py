"""The list of sessions, and their end."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from directmail.accounts.devices import Device, device
from directmail.models import Operator
from senders.audit.entry import AuditEntry
from tests.directmail.accounts.acting import PASSWORD, is_logged_in, log_in, make_operator

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)


@pytest.fixture
def operator(db: None) -> Operator:
    return make_operator()


def browser(operator: Operator, user_agent: str, address: str = "192.0.2.7") -> Client:
    """One that is logged in."""
    client = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=address)
    assert log_in(client, operator).status_code == 302
    assert is_logged_in(client)
    return client


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_each_browser_is_listed_with_device_and_address(operator: Operator) -> None:
    here = browser(operator, FIREFOX)
    browser(operator, SAFARI, "198.51.100.9")
    page = here.get("/account/").text
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "198.51.100.9" in page
    assert page.count("This one") == 1


def test_a_session_that_is_signed_out_is_over_at_once(operator: Operator) -> None:
    here, there = browser(operator, FIREFOX), browser(operator, SAFARI)
    answer = here.post(f"/account/sessions/{session_of(there).pk}/end/")
    assert answer.headers["Location"] == "/account/#sessions"
    assert not is_logged_in(there)
    assert is_logged_in(here)
    assert "Safari on iPhone" not in here.get("/account/").text
    entry = AuditEntry.objects.get(action="operator.session_ended")
    assert (entry.actor, entry.before["address"]) == (operator.email, "192.0.2.7")


def test_all_others_are_signed_out_together(operator: Operator) -> None:
    here, there, elsewhere = (browser(operator, agent) for agent in (FIREFOX, SAFARI, EDGE))
    here.post("/account/sessions/end-others/")
    assert "2 other sessions are signed out." in here.get("/account/").text
    assert not is_logged_in(there)
    assert not is_logged_in(elsewhere)


def test_the_session_in_use_is_not_ended_by_the_list(operator: Operator) -> None:
    here = browser(operator, FIREFOX)
    here.post(f"/account/sessions/{session_of(here).pk}/end/")
    assert is_logged_in(here)


def test_nobody_ends_the_session_of_somebody_else(operator: Operator) -> None:
    here, other = browser(operator, FIREFOX), browser(make_operator(), EDGE)
    here.post(f"/account/sessions/{session_of(other).pk}/end/")
    assert is_logged_in(other)


def test_asking_for_the_end_with_get_ends_nothing(operator: Operator) -> None:
    here, there = browser(operator, FIREFOX), browser(operator, SAFARI)
    assert here.get(f"/account/sessions/{session_of(there).pk}/end/").status_code == 405
    assert here.get("/account/sessions/end-others/").status_code == 405
    assert is_logged_in(there)


def test_a_changed_password_signs_all_others_out(operator: Operator) -> None:
    here, there = browser(operator, FIREFOX), browser(operator, SAFARI)
    changed = here.post(
        "/account/password/",
        {
            "oldpassword": PASSWORD,
            "password1": "new horse battery",
            "password2": "new horse battery",
        },
    )
    assert changed.headers["Location"] == "/account/"
    assert is_logged_in(here)
    assert not is_logged_in(there)


def test_when_it_was_last_seen_is_noted_once_a_minute(operator: Operator) -> None:
    here = browser(operator, FIREFOX)
    first = session_of(here).last_seen_at
    here.get("/account/")
    assert session_of(here).last_seen_at == first
    session = here.session
    session["directmail.noted_at"] -= 61
    session.save()
    here.get("/account/")
    assert session_of(here).last_seen_at > first


def test_a_log_in_lasts_as_long_as_it_was_asked_to(operator: Operator) -> None:
    kept, passing = Client(), Client()
    log_in(kept, operator, remember="on")
    log_in(passing, operator)
    assert int(kept.cookies["sessionid"]["max-age"]) == 14 * 24 * 3600
    assert passing.cookies["sessionid"]["max-age"] == ""


@pytest.mark.parametrize(
    ("user_agent", "found"),
    [
        (FIREFOX, Device("Firefox", "Linux")),
        (SAFARI, Device("Safari", "iPhone")),
        (EDGE, Device("Edge", "Windows")),
        ("", Device("", "")),
        ("<script>alert(1)</script>", Device("", "")),
    ],
    ids=["firefox", "safari", "edge", "nothing", "nonsense"],
)
def test_a_device_is_named_as_far_as_it_says(user_agent: str, found: Device) -> None:
    assert device(user_agent) == found
