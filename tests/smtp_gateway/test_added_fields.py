"""Mail log and local mailbox show what the relay puts in front of batch mail."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from senders.opting_out.links import opt_out_of
from senders.opting_out.token import OptOut
from smtp_gateway.models import Message
from tests.directmail.accounts.acting import log_in, make_operator
from tests.smtp_gateway.mails import make_caught
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.own.test_list_fields import PAIR

pytestmark = pytest.mark.django_db
NEWS = "news@example.com"
MAIL = b"From: news@example.com\r\nSubject: News\r\n\r\nx\r\n"


@pytest.fixture(autouse=True)
def https(settings: Settings) -> None:
    """One click counts."""
    settings.PUBLIC_URL = "https://mail.example.com"


def batch(*recipients: str, content: bytes = MAIL) -> str:
    return enqueue(*recipients, mail_type="batch", sender_address=NEWS, content=content)


def test_the_headers_of_a_mail_in_the_log_say_what_is_added(console: Client) -> None:
    page = console.get(f"/mail-log/{batch('a@x.test', 'b@x.test')}/headers/").text
    assert "Added for each recipient" in page
    assert "List-Unsubscribe=One-Click" in page
    assert "each of the 2 recipients has a link of its own" in page
    found = re.search(r'href="[^"]*/u/([\w-]+)"', page)
    assert found
    assert opt_out_of(found[1]) == OptOut(NEWS, "a@x.test")


def test_trigger_mail_has_nothing_added(console: Client) -> None:
    page = console.get(f"/mail-log/{enqueue(content=MAIL)}/headers/").text
    assert "Added for each recipient" not in page


def test_a_pair_of_the_mails_own_needs_no_link_of_ours(console: Client) -> None:
    page = console.get(f"/mail-log/{batch('a@x.test', content=PAIR + MAIL)}/headers/").text
    assert "Precedence" in page
    assert "/u/" not in page


def test_who_may_not_see_contents_gets_no_link_to_act_with(client: Client) -> None:
    log_in(client, make_operator("viewer@example.com", role="viewer"))
    page = client.get(f"/mail-log/{batch('a@x.test')}/headers/").text
    assert "/u/" not in page


def test_the_local_mailbox_shows_them_too(console: Client) -> None:
    queue_id = make_caught(MAIL)
    Message.objects.update(mail_type="batch", sender_address=NEWS)
    page = console.get(f"/mailbox/{queue_id}/").text
    assert "Added for each recipient" in page
    assert "List-Unsubscribe-Post" in page
