"""The last mails of an address keep themselves up to date while somebody looks at its page."""

from django.test import Client

from tests.senders.factories import HTMX, make_sender
from tests.smtp_gateway.queued import enqueue

NEWS = "news@example.com"


def test_the_part_alone_is_answered_and_asks_again(console: Client) -> None:
    sender = make_sender(NEWS)
    queue_id = enqueue(sender_address=NEWS)
    part = console.get(f"/sender-addresses/{sender.pk}/mails/", headers=HTMX)
    assert "<html" not in part.text
    assert f'href="/mail-log/{queue_id}/"' in part.text
    assert f'hx-get="/sender-addresses/{sender.pk}/mails/"' in part.text
    assert 'data-live="15"' in part.text
    assert "HX-Trigger" not in part.headers


def test_where_nothing_changed_nothing_is_sent(console: Client) -> None:
    sender = make_sender(NEWS)
    url = f"/sender-addresses/{sender.pk}/mails/"
    version = console.get(url, headers={**HTMX, "Live-Version": "none"}).headers["Live-Version"]
    known = {**HTMX, "Live-Version": version}
    assert console.get(url, headers=known).status_code == 204
    enqueue(sender_address=NEWS)
    assert console.get(url, headers=known).status_code == 200


def test_the_first_mail_changes_the_whole_page(console: Client) -> None:
    sender = make_sender(NEWS)
    url = f"/sender-addresses/{sender.pk}/mails/?first=yes"
    assert f'hx-get="{url}"' in console.get(f"/sender-addresses/{sender.pk}/").text
    assert "HX-Trigger" not in console.get(url, headers=HTMX).headers
    enqueue(sender_address=NEWS)
    assert "console:changed" in console.get(url, headers=HTMX).headers["HX-Trigger"]


def test_without_javascript_it_is_a_page(console: Client) -> None:
    sender = make_sender(NEWS)
    page = console.get(f"/sender-addresses/{sender.pk}/mails/").text
    assert "<html" in page
    assert "No mail has been sent as this address yet." in page
