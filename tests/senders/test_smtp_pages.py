"""Set SMTP Password, and Switch SMTP Off."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from senders import services, smtp_password
from tests.senders.factories import HTMX, PASSWORD, make_sender, password_fits, reread


def url(pk: int) -> str:
    return reverse("senders:set_smtp_password", args=[pk])


def shown_password(text: str) -> str:
    found = re.search(r"data-copy-text>([^<]+)<", text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_dialog_says_user_name_host_and_ports(
    console: Client, settings: Settings, headers: dict[str, str]
) -> None:
    settings.SMTP_CLIENT_HOST = "mx.example.com"
    settings.SMTP_PORT, settings.SMTPS_PORT = 2587, 2465
    page = console.get(url(make_sender("news@example.com").pk), headers=headers)
    for shown in ("news@example.com", "mx.example.com", "2587", "2465", "10 to 20 letters"):
        assert shown in page.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_generated_password_is_shown_once_and_kept_nowhere(
    console: Client, headers: dict[str, str]
) -> None:
    sender = make_sender()
    page = console.post(url(sender.pk), {"generate": "yes"}, headers=headers)
    password = shown_password(page.text)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert smtp_password.unmet_conditions(password) == []
    assert password_fits(sender, password)
    assert password not in console.get(url(sender.pk)).text
    assert password not in console.get("/sender-addresses/").text
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert password not in str(kept) + str(console.cookies)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_password_comes_back_in_a_page_that_is_kept_nowhere(
    console: Client, headers: dict[str, str]
) -> None:
    page = console.post(url(make_sender().pk), {"password": "Short1"}, headers=headers)
    assert page.status_code == 422
    assert 'value="Short1"' in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_the_table_follows_a_generated_password(console: Client) -> None:
    answer = console.post(url(make_sender().pk), {"generate": "yes"}, headers=HTMX)
    assert "console:changed" in answer.headers["HX-Trigger"]


def test_a_typed_password_is_taken(console: Client) -> None:
    sender = make_sender("news@example.com")
    page = console.post(url(sender.pk), {"password": PASSWORD}, follow=True)
    assert "news@example.com can log in by SMTP with the new password." in page.text
    assert password_fits(sender, PASSWORD)
    assert PASSWORD not in page.text


def test_each_unmet_condition_is_named_at_the_field(console: Client) -> None:
    sender = make_sender()
    page = console.post(url(sender.pk), {"password": "abc"}, headers=HTMX)
    assert page.status_code == 422
    assert 'id="id_password_error"' in page.text
    for sentence in smtp_password.unmet_conditions("abc"):
        assert sentence in page.text
    assert not reread(sender).smtp_enabled


def test_an_empty_password_is_refused(console: Client) -> None:
    page = console.post(url(make_sender().pk), {"password": ""})
    assert page.status_code == 422
    assert "Type a password, or let one be generated." in page.text


def test_spaces_around_a_password_are_not_taken_away(console: Client) -> None:
    page = console.post(url(make_sender().pk), {"password": f" {PASSWORD} "})
    assert "Use only the letters a-z and A-Z and digits." in page.text


def test_the_previous_password_is_refused(console: Client) -> None:
    sender = make_sender()
    services.set_smtp_password(sender, password=PASSWORD)
    page = console.post(url(sender.pk), {"password": PASSWORD}, headers=HTMX)
    assert page.status_code == 422
    assert "Use another password than the previous one." in page.text


def test_switching_off_asks_first(console: Client) -> None:
    sender = make_sender("news@example.com")
    services.set_smtp_password(sender, password=PASSWORD)
    off = reverse("senders:switch_smtp_off", args=[sender.pk])
    assert "can no longer log in" in console.get(off, headers=HTMX).text
    assert reread(sender).smtp_enabled
    page = console.post(off, follow=True)
    assert "SMTP is off for news@example.com." in page.text
    assert not reread(sender).smtp_enabled
