"""Language and time zone of an operator."""

import re
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from directmail.models import Operator
from directmail.preferences.time_zones import time_zones, zones_called
from senders.audit.entry import AuditEntry

pytestmark = pytest.mark.django_db
PAGE = "/account/preferences/"


@pytest.fixture
def operator(client: Client) -> Operator:
    made = Operator.objects.create_user("person@example.com", role="admin")
    client.force_login(made)
    return made


def save(client: Client, operator: Operator, **fields: str) -> str:
    """The page that follows."""
    answer = client.post(PAGE, {"language": "", "time_zone": "", **fields})
    operator.refresh_from_db()
    return answer.text if answer.status_code == 422 else client.get(answer.headers["Location"]).text


@pytest.mark.parametrize("typed", ["Asia/Shanghai", "asia/shanghai", "Shanghai", " shanghai "])
def test_a_time_zone_is_found_by_its_city(client: Client, operator: Operator, typed: str) -> None:
    assert "Your preferences are saved." in save(client, operator, time_zone=typed)
    assert operator.time_zone == "Asia/Shanghai"


@pytest.mark.parametrize("typed", ["Mars/Base", "Etc/GMT+5", "../etc/passwd", "Asia", "\0"])
def test_what_is_no_time_zone_is_refused(client: Client, operator: Operator, typed: str) -> None:
    page = save(client, operator, time_zone=typed)
    assert re.search("There is no such time zone|Null characters are not allowed", page)
    assert operator.time_zone == ""


def test_times_are_shown_in_the_operators_zone(client: Client, operator: Operator) -> None:
    moment = datetime(2026, 1, 31, 23, 30, 5, tzinfo=UTC)
    save(client, operator, time_zone="Asia/Shanghai")
    Authenticator.objects.create(user=operator, type="totp", data={}, created_at=moment)
    page = client.get("/account/").text
    assert ">1 Feb 2026, 07:30</time>" in page
    assert 'title="Sunday, 1 February 2026, 07:30:05 CST · 23:30:05 UTC"' in page
    assert 'datetime="2026-01-31T23:30:05Z"' in page


def test_the_zone_of_one_request_is_not_the_next_ones(client: Client, operator: Operator) -> None:
    save(client, operator, time_zone="Asia/Shanghai")
    client.get("/account/")
    Client().get("/login/")
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize(
    ("chosen", "asked", "spoken"),
    [
        ("", "zh-CN,zh;q=0.9", "zh-hans"),
        ("", "fr", "en"),
        ("en", "zh-CN", "en"),
        ("zh-hans", "en", "zh-hans"),
    ],
    ids=["browser", "unknown", "english", "chinese"],
)
def test_the_choice_counts_more_than_the_browsers_wish(
    client: Client, operator: Operator, chosen: str, asked: str, spoken: str
) -> None:
    save(client, operator, language=chosen)
    answer = client.get("/account/", headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == spoken
    translation.deactivate()


def test_the_languages_are_those_of_now_whenever_the_form_was_imported(
    client: Client, operator: Operator, settings: Settings
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    save(client, operator, language="de")
    assert operator.language == "de"
    save(client, operator, language="zh-hans")
    assert operator.language == "de"


def test_an_unknown_language_is_refused(client: Client, operator: Operator) -> None:
    assert "Select a valid choice." in save(client, operator, language="tlh")


def test_a_zone_that_this_machine_does_not_know_is_passed_over(
    client: Client, operator: Operator
) -> None:
    Operator.objects.update(time_zone="Atlantis/Capital")
    assert client.get("/account/").status_code == 200


def test_the_preferences_are_those_of_one_person(client: Client, operator: Operator) -> None:
    other = Operator.objects.create_user("other@example.com")
    save(client, operator, time_zone="Berlin")
    other.refresh_from_db()
    assert (operator.time_zone, other.time_zone) == ("Europe/Berlin", "")
    assert not AuditEntry.objects.exclude(object_label=operator.email).exists()


def test_zones_that_are_offered_can_be_chosen() -> None:
    assert {"UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"} <= set(time_zones())
    assert zones_called("new york") == ["America/New_York"]
    assert all(zones_called(zone) == [zone] for zone in time_zones())
