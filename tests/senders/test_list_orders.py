"""Sender Addresses: orders, the file, and what is done to several at once."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senders import services
from senders.models import SenderAddress
from tests.senders.factories import HTMX, PASSWORD, make_sender

LIST = "/sender-addresses/"
NOW = timezone.now()


def addresses(page_text: str) -> list[str]:
    return re.findall(r'main-cell address-cell">\s*<a [^>]*>([^<]+)@', page_text)


def make_three() -> None:
    make_sender("b@example.com", created_at=NOW - timedelta(hours=1))
    make_sender("c@example.com", created_at=NOW - timedelta(hours=3))
    make_sender("a@example.com", created_at=NOW - timedelta(hours=2))
    used = {"a@example.com": NOW, "c@example.com": NOW - timedelta(hours=1)}
    for address, at in used.items():
        SenderAddress.objects.filter(address=address).update(smtp_last_used_at=at)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["b", "a", "c"]),
        ("created", ["c", "a", "b"]),
        ("address", ["a", "b", "c"]),
        ("-address", ["c", "b", "a"]),
        ("-used", ["a", "c", "b"]),
        ("used", ["b", "c", "a"]),
        ("size", ["b", "a", "c"]),
    ],
    ids=lambda value: value if isinstance(value, str) and value else None,
)
def test_the_list_is_sorted_as_its_address_says(
    console: Client, sort: str, expected: list[str]
) -> None:
    make_three()
    assert addresses(console.get(LIST, {"sort": sort}).text) == expected


def test_the_heads_of_columns_say_how_they_sort_and_lead_to_the_other_way(console: Client) -> None:
    make_three()
    usual = console.get(LIST, {"q": "example"}).text
    assert usual.count("aria-sort") == 1
    assert '<th scope="col" aria-sort="descending"><a class="list-sort" href="/sender-addresses/?q=example&amp;sort=created">' in usual  # fmt: skip # noqa: E501
    by_address = console.get(LIST, {"sort": "address"}).text
    assert 'aria-sort="ascending"><a class="list-sort" href="/sender-addresses/?sort=-address">' in by_address  # fmt: skip # noqa: E501
    assert 'href="/sender-addresses/">Created' in by_address


@pytest.mark.parametrize(("state", "expected"), [("active", ["a", "b"]), ("suspended", ["c"])])
def test_the_filter_shows_suspended_addresses_or_the_others(
    console: Client, state: str, expected: list[str]
) -> None:
    make_three()
    SenderAddress.objects.filter(address="c@example.com").update(suspended_at=NOW)
    page = console.get(LIST, {"state": state, "sort": "address"})
    assert addresses(page.text) == expected


def rows_of(console: Client, **query: str) -> list[dict[str, str]]:
    response = console.get(f"{LIST}export/", query)
    content = b"".join(response.streaming_content)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_file_has_what_the_list_finds_in_its_order(console: Client) -> None:
    make_three()
    make_sender("d@example.net")
    found = rows_of(console, q="example.com", sort="address")
    assert [row["address"] for row in found] == ["a@example.com", "b@example.com", "c@example.com"]
    assert found[0]["smtp_last_used_at"] == timezone.localtime(NOW).isoformat(timespec="seconds")
    assert found[1]["smtp_last_used_at"] == ""
    page = console.get(LIST, {"q": "example.com", "sort": "address"}).text
    assert 'href="/sender-addresses/export/?q=example.com&amp;sort=address" download' in page


def test_the_file_has_more_rows_than_a_page_and_than_a_batch(console: Client) -> None:
    rows = [
        SenderAddress(address=f"a{n:04}@example.com", mail_type="batch", created_at=NOW)
        for n in range(2100)
    ]
    SenderAddress.objects.bulk_create(rows)
    found = [row["address"] for row in rows_of(console, sort="address")]
    assert found == [f"a{n:04}@example.com" for n in range(2100)]


def ids(*names: str) -> list[int]:
    return [SenderAddress.objects.get(address=f"{name}@example.com").pk for name in names]


def test_ticked_addresses_are_suspended_after_a_question(console: Client) -> None:
    make_three()
    asked = console.get(f"{LIST}ticked/suspend/", {"row": ids("a", "c")})
    assert "Suspend 2 addresses?" in asked.text
    assert not SenderAddress.objects.exclude(suspended_at=None).exists()
    done = console.post(f"{LIST}ticked/suspend/", {"row": ids("a", "c")}, follow=True)
    assert "2 addresses are suspended." in done.text
    suspended = SenderAddress.objects.exclude(suspended_at=None).order_by("address")
    assert [sender.address for sender in suspended] == ["a@example.com", "c@example.com"]


def test_what_there_is_nothing_to_do_for_is_left_and_said(console: Client) -> None:
    make_three()
    SenderAddress.objects.filter(address="c@example.com").update(suspended_at=NOW)
    asked = console.get(f"{LIST}ticked/resume/", {"row": ids("a", "c")})
    assert "Resume 1 address?" in asked.text
    assert "1 of the ticked addresses stays as it is." in asked.text
    done = console.post(f"{LIST}ticked/resume/", {"row": ids("a", "c")}, headers=HTMX)
    assert "1 address can send again." in done.headers["HX-Trigger"]
    again = console.post(f"{LIST}ticked/resume/", {"row": ids("a", "c")})
    assert again.status_code == 409
    assert "Nothing to do for these addresses" in again.text


def test_smtp_is_switched_off_for_ticked_addresses(console: Client) -> None:
    make_three()
    sender = SenderAddress.objects.get(address="a@example.com")
    services.set_smtp_password(sender, password=PASSWORD)
    done = console.post(f"{LIST}ticked/smtp-off/", {"row": ids("a", "b")}, follow=True)
    assert "SMTP is off for 1 address." in done.text
    sender.refresh_from_db()
    assert not sender.smtp_enabled


def test_with_nothing_ticked_nothing_is_done(console: Client) -> None:
    make_three()
    for rows in ([], ["x", "0", "9" * 40]):
        page = console.post(f"{LIST}ticked/suspend/", {"row": rows}, follow=True)
        assert "Tick the addresses first." in page.text
    assert console.get(f"{LIST}ticked/delete/").status_code == 404
