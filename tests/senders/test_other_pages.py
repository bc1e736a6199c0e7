"""Suspend, Resume, Delete; and what every action has in common."""

import pytest
from django.test import Client
from django.urls import reverse

from senders.models import SenderAddress
from smtp_gateway.models import Message
from tests.senders.factories import HTMX, log_in, make_sender, make_verified_sender, reread

ACTIONS = [
    "change_reply_to", "verify", "set_smtp_password", "switch_smtp_off", "suspend", "resume",
    "delete",
]  # fmt: skip


def test_suspend_and_resume(console: Client) -> None:
    sender = make_sender("news@example.com")
    suspend, resume = (reverse(f"senders:{name}", args=[sender.pk]) for name in ACTIONS[4:6])
    assert "until you resume it" in console.get(suspend).text
    assert "news@example.com is suspended." in console.post(suspend, follow=True).text
    assert reread(sender).suspended_at is not None
    assert "again" in console.get(resume).text
    assert "news@example.com can send again." in console.post(resume, follow=True).text
    assert reread(sender).suspended_at is None


def test_delete_asks_and_says_what_happens(console: Client) -> None:
    sender = make_verified_sender("news@example.com")
    url = reverse("senders:delete", args=[sender.pk])
    question = console.get(url, headers=HTMX).text
    assert "Mail already accepted is still relayed" in question
    assert "mail log keeps its history" in question
    assert SenderAddress.objects.exists()
    assert "news@example.com is deleted." in console.post(url, follow=True).text
    assert not SenderAddress.objects.exists()


def test_deleting_leaves_queued_mail_alone(console: Client) -> None:
    sender = make_sender("news@example.com")
    now = sender.created_at
    Message.objects.create(
        queue_id="Q1", origin="smtp", mail_type="trigger", sender_address="news@example.com",
        size_bytes=1, accepted_at=now, expires_at=now,
    )  # fmt: skip
    console.post(reverse("senders:delete", args=[sender.pk]))
    assert Message.objects.get().sender_address == "news@example.com"


@pytest.mark.parametrize("action", [*ACTIONS, "reply_to_state"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_unknown_address_is_not_found(
    console: Client, action: str, headers: dict[str, str]
) -> None:
    for pk in (987654321, 99999999999999999999999):
        assert (
            console.get(reverse(f"senders:{action}", args=[pk]), headers=headers).status_code == 404
        )


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_a_page_and_a_fragment(console: Client, action: str) -> None:
    url = reverse(f"senders:{action}", args=[make_sender(reply_to="help@example.com").pk])
    page, part = console.get(url), console.get(url, headers=HTMX)
    assert "<html" in page.text
    assert f'action="{url}"' in page.text
    assert "<html" not in part.text
    assert 'id="dialog-title"' in part.text
    for response in (page, part):
        assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("action", ACTIONS)
def test_get_changes_nothing(console: Client, action: str) -> None:
    sender = make_verified_sender()
    before = SenderAddress.objects.values().get(pk=sender.pk)
    console.get(reverse(f"senders:{action}", args=[sender.pk]))
    assert SenderAddress.objects.values().get(pk=sender.pk) == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.django_db
def test_every_action_needs_a_csrf_token(action: str) -> None:
    browser = log_in(Client(enforce_csrf_checks=True))
    url = reverse(f"senders:{action}", args=[make_sender().pk])
    answer = browser.post(url)
    assert answer.status_code == 403
    assert "Please try again" in answer.text


@pytest.mark.parametrize("name", ["list", "create"])
@pytest.mark.django_db
def test_nobody_gets_in_without_a_log_in(client: Client, name: str) -> None:
    url = reverse(f"senders:{name}")
    answer = client.get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={url}")


@pytest.mark.parametrize(
    ("shown", "answer"),
    [("", "HX-Trigger"), ("?q=news", "HX-Trigger"), ("{pk}/", "HX-Redirect")],
    ids=["list", "filtered list", "its own page"],
)
def test_deleted_in_a_dialog_only_the_page_of_the_address_gives_way(
    console: Client, shown: str, answer: str
) -> None:
    sender = make_sender("news@example.com")
    url = reverse("senders:delete", args=[sender.pk])
    around = f"http://testserver/sender-addresses/{shown.format(pk=sender.pk)}"
    response = console.post(url, headers={**HTMX, "HX-Current-URL": around})
    assert answer in response.headers
    if answer == "HX-Redirect":
        assert response.headers[answer] == "/sender-addresses/"
        assert "news@example.com is deleted." in console.get("/sender-addresses/").text
