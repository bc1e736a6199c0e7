"""DKIM Keys: search, filter, pages and the file."""

import csv
import io
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from senders import dkim_list, dkim_services
from senders.views import dkim_keys
from tests.pages import links
from tests.senders.factories import make_sender

LIST = "/dkim-keys/"


def make_keys(*domains: str) -> None:
    for domain in domains:
        dkim_services.generate_dkim_keys(domain, now=timezone.now())


def shown(console: Client, **query: str) -> list[str]:
    return [each.domain for each in console.get(LIST, query).context["domains"]]


def test_domains_stand_in_order_and_are_found_by_any_part_and_by_selector(console: Client) -> None:
    make_keys("b.example", "a.example", "c.test")
    assert shown(console) == ["a.example", "b.example", "c.test"]
    assert shown(console, sort="-domain") == ["c.test", "b.example", "a.example"]
    assert shown(console, q="EXAMPLE") == ["a.example", "b.example"]
    selector = dkim_list.DkimKey.objects.get(domain="c.test", algorithm="rsa-sha256").selector
    assert shown(console, q=selector) in (["c.test"], ["a.example", "b.example", "c.test"])
    page = console.get(LIST, {"q": "nothing"}).text
    assert "No DKIM key found" in page
    assert "Show all keys" in page


@pytest.mark.parametrize(
    ("state", "expected"), [("new", ["a.example", "b.example"]), ("active", ["a.example"])]
)
def test_the_filter_shows_domains_with_keys_in_a_state(
    console: Client, state: str, expected: list[str]
) -> None:
    make_keys("a.example", "b.example")
    key = dkim_list.DkimKey.objects.filter(domain="a.example").first()
    dkim_services.activate(key, now=timezone.now())
    assert shown(console, state=state) == expected


def test_pages_lead_through_the_domains(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dkim_keys, "LISTING", replace(dkim_list.LISTING, page_size=2))
    make_keys(*(f"d{n}.example" for n in range(5)))
    first = console.get(LIST)
    (url,) = links(first.text, "next")
    second = console.get(url)
    assert [each.domain for each in second.context["domains"]] == ["d2.example", "d3.example"]
    assert len(second.context["domains"][0].keys) == 2


def test_the_file_has_the_records_to_publish(console: Client) -> None:
    make_keys("a.example", "b.example")
    response = console.get(f"{LIST}export/", {"q": "a.example"})
    content = b"".join(response.streaming_content).decode()  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert len(rows) == 2
    assert {row["state"] for row in rows} == {"new"}
    assert all(row["record_name"].endswith("._domainkey.a.example") for row in rows)
    assert all(row["record_value"].startswith("v=DKIM1") for row in rows)
    assert "PRIVATE" not in content


def test_of_domains_without_keys_the_first_are_named_and_the_others_counted(
    console: Client,
) -> None:
    for n in range(53):
        make_sender(f"a@d{n:02}.example")
    make_sender("b@d00.example")
    page = console.get(LIST)
    assert len(page.context["bare_domains"]) == 50
    assert "and 3 more" in page.text
    assert len(console.get(LIST, {"q": "d07"}).context["bare_domains"]) == 1
