"""The page behind a verification link, over HTTP and without an account."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.verification.factories import make_requested
from verification import services
from verification.models import Verification

pytestmark = pytest.mark.django_db


def address(link: str) -> str:
    return reverse("verification:confirm", args=[link])


def test_get_names_both_addresses_and_proves_nothing(client: Client) -> None:
    _, link = make_requested(timezone.now(), subject="news@xn--mller-kva.de")
    page = client.get(address(link))
    assert page.status_code == 200
    assert "news@müller.de" in page.text
    assert "help@example.com" in page.text
    assert page.text.count("<button") == 1
    assert not Verification.objects.get().is_proven


@pytest.mark.parametrize("method", ["head", "get"])
def test_a_mail_scanner_that_opens_the_link_changes_nothing(client: Client, method: str) -> None:
    _, link = make_requested(timezone.now())
    for _ in range(3):
        assert getattr(client, method)(address(link)).status_code == 200
    assert not Verification.objects.get().is_proven


def test_post_proves_without_account_cookie_or_csrf_token() -> None:
    _, link = make_requested(timezone.now())
    browser = Client(enforce_csrf_checks=True)
    page = browser.post(address(link), headers={"Origin": "null"})
    assert page.status_code == 200
    assert "that is verified" in page.text
    assert Verification.objects.get().is_proven
    assert not browser.cookies


def test_a_used_link_is_gone(client: Client) -> None:
    _, link = make_requested(timezone.now())
    client.post(address(link))
    for page in (client.get(address(link)), client.post(address(link))):
        assert page.status_code == 410
        assert "This is confirmed already" in page.text


def test_an_expired_link_is_gone_and_says_what_to_do(client: Client) -> None:
    _, link = make_requested(timezone.now() - timedelta(minutes=10))
    for page in (client.get(address(link)), client.post(address(link))):
        assert page.status_code == 410
        assert "This link has expired" in page.text
        assert "Verify the Return Address" in page.text
        assert "<button" not in page.text
    assert not Verification.objects.get().is_proven


def test_a_superseded_link_is_gone_and_points_to_the_newest_mail(client: Client) -> None:
    verification, link = make_requested(timezone.now() - timedelta(minutes=10))
    services.request_link(verification, now=timezone.now())
    page = client.post(address(link))
    assert page.status_code == 410
    assert "Use the link in the newest mail" in page.text


def test_a_tampered_link_is_a_bad_request(client: Client) -> None:
    _, link = make_requested(timezone.now())
    page = client.post(address(link[:-3] + "xyz"))
    assert page.status_code == 400
    assert "This link is not complete" in page.text


def test_the_page_is_not_kept_not_told_to_others_and_not_indexed(client: Client) -> None:
    _, link = make_requested(timezone.now())
    for page in (client.get(address(link)), client.get(address("nonsense"))):
        assert "no-store" in page.headers["Cache-Control"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "script-src 'nonce-" in page.headers["Content-Security-Policy"]


def test_the_page_has_no_navigation(client: Client) -> None:
    _, link = make_requested(timezone.now())
    assert "/sender-addresses/" not in client.get(address(link)).text
