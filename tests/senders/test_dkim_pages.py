"""DKIM Keys: the list, and what can be done to a key."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from senders.dkim_services import activate, delete, generate_dkim_keys, retire
from senders.models import DkimKey
from tests.senders.factories import HTMX, log_in, make_sender

LIST = "/dkim-keys/"
GENERATE = "/dkim-keys/generate/"
ACTIONS = ["activate_dkim_key", "retire_dkim_key", "delete_dkim_key"]
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.fixture
def keys(db: None) -> tuple[DkimKey, DkimKey]:
    rsa, ed25519 = generate_dkim_keys("example.com", now=NOW)
    return rsa, ed25519


def url_of(action: str, key: DkimKey) -> str:
    return reverse(f"senders:{action}", args=[key.pk])


def state_of(key: DkimKey) -> str:
    state: str = DkimKey.objects.get(pk=key.pk).state.value
    return state


# --- The list -------------------------------------------------------------------------------------


def test_without_keys_the_page_says_what_they_are_for(console: Client) -> None:
    page = console.get(LIST).text
    assert "Sign your mail" in page
    assert GENERATE in page


def test_the_page_is_reached_from_the_domains(console: Client) -> None:
    assert f'href="{LIST}"' in console.get("/domains/").text
    assert 'href="/domains/"' in console.get(LIST).text


def test_new_keys_come_with_their_records_and_what_to_do(
    console: Client, keys: tuple[DkimKey, DkimKey]
) -> None:
    page = console.get(LIST).text
    assert "Publish these records in DNS. Of a domain" in page
    assert "Mail goes unsigned" in page
    for key in keys:
        assert key.record.name in page
        assert escape(key.record.value) in page
        assert url_of("activate_dkim_key", key) in page
        assert url_of("delete_dkim_key", key) in page
        assert url_of("retire_dkim_key", key) not in page
    assert escape(keys[0].record.quoted) in page
    assert escape(keys[1].record.quoted) not in page
    assert page.count("data-copy ") == 5


def test_active_and_retired_keys_say_so(console: Client, keys: tuple[DkimKey, DkimKey]) -> None:
    rsa, ed25519 = keys
    activate(rsa, now=NOW)
    retire(rsa, now=NOW)
    activate(ed25519, now=NOW)
    page = console.get(LIST).text
    assert "Signs since" in page
    assert "Signed until" in page
    assert "Mail goes unsigned" not in page
    assert "Publish these records" not in page
    assert url_of("retire_dkim_key", ed25519) in page
    assert url_of("activate_dkim_key", rsa) in page


def test_domains_are_shown_in_u_labels_each_once(console: Client) -> None:
    for domain in ("müller.example", "a.example", "müller.example"):
        generate_dkim_keys(domain, now=NOW)
    page = console.get(LIST).text
    assert page.index(">a.example</h2>") < page.index(">müller.example</h2>")
    assert page.count(">müller.example</h2>") == 1
    assert 'title="xn--mller-kva.example"' in page
    assert "dm202611r._domainkey.xn--mller-kva.example" in page


def test_sender_domains_without_keys_are_offered(
    console: Client, keys: tuple[DkimKey, DkimKey]
) -> None:
    make_sender("news@example.com")
    make_sender("a@müller.example")
    make_sender("b@müller.example")
    page = console.get(LIST).text
    assert page.count(f"{GENERATE}?domain=") == 1
    assert f"{GENERATE}?domain=xn--mller-kva.example" in page
    form = console.get(f"{GENERATE}?domain=xn--mller-kva.example").text
    assert 'value="müller.example"' in form
    assert '<option value="example.com">' in form


def test_a_key_that_cannot_be_opened_says_what_to_do(
    console: Client, keys: tuple[DkimKey, DkimKey]
) -> None:
    activate(keys[0], now=NOW)
    assert "SECRET_KEY" not in console.get(LIST).text
    for key in keys:
        DkimKey.objects.filter(pk=key.pk).update(sealed_private_key="sealed under what is gone")
    page = console.get(LIST).text
    assert page.count("opens this key") == 2
    assert page.count("It signs nothing, and mail waits") == 1


def test_no_page_shows_a_private_key(console: Client, keys: tuple[DkimKey, DkimKey]) -> None:
    for url in (LIST, *(url_of(action, keys[0]) for action in ACTIONS)):
        assert keys[0].sealed_private_key not in console.get(url).text


# --- Actions --------------------------------------------------------------------------------------


def test_keys_are_generated_for_a_typed_domain(console: Client) -> None:
    page = console.post(GENERATE, {"domain": " News@Müller.example"}, follow=True).text
    assert "müller.example has new keys. Publish their records, then activate." in page
    assert set(DkimKey.objects.values_list("domain", flat=True)) == {"xn--mller-kva.example"}
    assert DkimKey.objects.count() == 2


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("domain", "sentence"),
    [("", "Enter the domain"), ("https://example.com/", "This is no domain"), ("x", "no domain")],
)
def test_what_is_no_domain_is_said_and_kept(
    console: Client, headers: dict[str, str], domain: str, sentence: str
) -> None:
    answer = console.post(GENERATE, {"domain": domain}, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{domain}"' in answer.text or not domain
    assert not DkimKey.objects.exists()


def test_activating_asks_for_the_record_and_names_the_predecessor(
    console: Client, keys: tuple[DkimKey, DkimKey]
) -> None:
    rsa, _ = keys
    first = console.get(url_of("activate_dkim_key", rsa)).text
    assert "Make sure that its record is in DNS" in first
    assert rsa.record.name in first
    assert "is retired" not in first
    page = console.post(url_of("activate_dkim_key", rsa), follow=True).text
    assert "dm202611r signs the mail of example.com." in page
    successor, _ = generate_dkim_keys("example.com", now=timezone.now())
    second = console.get(url_of("activate_dkim_key", successor)).text
    assert "<strong>dm202611r</strong>, which does so now, is retired" in second
    console.post(url_of("activate_dkim_key", successor))
    assert (state_of(rsa), state_of(successor)) == ("retired", "active")


def test_a_key_that_cannot_sign_is_not_activated(
    console: Client, keys: tuple[DkimKey, DkimKey]
) -> None:
    DkimKey.objects.filter(pk=keys[0].pk).update(sealed_private_key="sealed under what is gone")
    answer = console.post(url_of("activate_dkim_key", keys[0]), headers=HTMX)
    assert answer.status_code == 409
    assert "Neither SECRET_KEY nor SECRET_KEY_FALLBACKS opens this secret." in answer.text
    assert state_of(keys[0]) == "new"


@pytest.mark.parametrize("action", ["retire_dkim_key", "delete_dkim_key"])
def test_the_end_of_the_last_active_key_warns(
    console: Client, keys: tuple[DkimKey, DkimKey], action: str
) -> None:
    warning = "mail of example.com then goes out unsigned"
    assert warning not in console.get(url_of(action, keys[0])).text
    activate(keys[0], now=NOW)
    assert warning in console.get(url_of(action, keys[0])).text
    activate(keys[1], now=NOW)
    assert warning not in console.get(url_of(action, keys[0])).text


def test_a_key_is_retired(console: Client, keys: tuple[DkimKey, DkimKey]) -> None:
    activate(keys[0], now=NOW)
    page = console.post(url_of("retire_dkim_key", keys[0]), follow=True).text
    assert "dm202611r of example.com signs no more." in page
    assert state_of(keys[0]) == "retired"


def test_a_key_is_deleted(console: Client, keys: tuple[DkimKey, DkimKey]) -> None:
    activate(keys[0], now=NOW)
    assert "signs no more" in console.get(url_of("delete_dkim_key", keys[0])).text
    page = console.post(url_of("delete_dkim_key", keys[0]), follow=True).text
    assert "dm202611r of example.com is deleted." in page
    assert keys[0].record.name not in page
    assert DkimKey.objects.get(pk=keys[0].pk).sealed_private_key == ""


# --- What every action has in common --------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_a_page_and_a_fragment(
    console: Client, keys: tuple[DkimKey, DkimKey], action: str
) -> None:
    url = url_of(action, keys[0])
    page, part = console.get(url).text, console.get(url, headers=HTMX).text
    assert "<html" in page
    assert f'action="{url}"' in page
    assert "<html" not in part
    assert 'id="dialog-title"' in part


@pytest.mark.parametrize("action", ACTIONS)
def test_in_a_dialog_an_action_closes_it(
    console: Client, keys: tuple[DkimKey, DkimKey], action: str
) -> None:
    activate(keys[0], now=NOW)
    answer = console.post(url_of(action, keys[0]), headers=HTMX)
    assert answer.status_code == 204
    assert "console:done" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("action", ACTIONS)
def test_get_changes_nothing(console: Client, keys: tuple[DkimKey, DkimKey], action: str) -> None:
    before = list(DkimKey.objects.values())
    console.get(url_of(action, keys[0]))
    assert list(DkimKey.objects.values()) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_key_that_is_gone_is_not_found(
    console: Client, keys: tuple[DkimKey, DkimKey], action: str
) -> None:
    delete(keys[0], now=NOW)
    assert console.get(url_of(action, keys[0])).status_code == 404
    assert console.post(url_of(action, keys[0])).status_code == 404
    assert console.get(reverse(f"senders:{action}", args=[987654321])).status_code == 404


@pytest.mark.parametrize("action", ["generate_dkim_keys", *ACTIONS])
def test_every_action_needs_a_csrf_token(keys: tuple[DkimKey, DkimKey], action: str) -> None:
    browser = log_in(Client(enforce_csrf_checks=True))
    url = GENERATE if action == "generate_dkim_keys" else url_of(action, keys[0])
    assert browser.post(url, {"domain": "example.net"}).status_code == 403
    assert DkimKey.objects.count() == 2


@pytest.mark.parametrize("url", [LIST, GENERATE, "/dkim-keys/1/activate/"])
@pytest.mark.django_db
def test_nobody_gets_in_without_a_log_in(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={url}")
