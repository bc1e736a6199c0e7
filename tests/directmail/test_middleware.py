"""Page or fragment, the security policy, and logged-out fragments."""

import gzip

import pytest
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory

from directmail.middleware import compressed
from directmail.models import Operator

pytestmark = pytest.mark.django_db
LIST, HTMX = "/sender-addresses/", {"HX-Request": "true"}


@pytest.fixture
def console(client: Client) -> Client:
    client.force_login(Operator.objects.create_user("operator@example.com"))
    return client


def test_htmx_gets_the_fragment_and_a_browser_the_page(console: Client) -> None:
    assert "<html" in console.get(LIST).text
    assert "<html" not in console.get(LIST, headers=HTMX).text


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_link_and_a_restored_page_get_the_page(console: Client, header: str) -> None:
    assert "<html" in console.get(LIST, headers={**HTMX, header: "true"}).text


@pytest.mark.parametrize("path", [LIST, "/login/", "/nothing/"])
def test_caches_keep_page_and_fragment_apart(console: Client, path: str) -> None:
    assert "HX-Request" in console.get(path).headers["Vary"]


@pytest.mark.parametrize("path", [LIST, "/login/", "/nothing/"])
def test_every_page_has_the_policy(console: Client, path: str) -> None:
    policy = console.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_logged_out_fragment_sends_the_window_to_the_log_in(client: Client) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/sender-addresses/?q=news"}
    answer = client.get("/sender-addresses/create/", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/login/?next=/sender-addresses/%3Fq%3Dnews"


def test_a_logged_out_fragment_of_another_site_leads_to_the_overview(client: Client) -> None:
    headers = {**HTMX, "HX-Current-URL": "https://evil.example/"}
    answer = client.get("/sender-addresses/create/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login/?next=/"


def test_a_form_in_the_dialog_stays_where_the_log_in_has_ended(client: Client) -> None:
    headers = {**HTMX, "HX-Target": "dialog-content"}
    answer = client.post("/sender-addresses/create/", {"address": "a@b.example"}, headers=headers)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert answer.headers["HX-Retarget"] == "#dialog-title"
    assert answer.headers["HX-Reswap"].startswith("afterend ")
    assert answer.headers["WWW-Authenticate"].startswith("Form")
    assert "Log in in another tab, then send it again." in answer.text
    assert 'href="/login/" target="_blank"' in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("target", ["", "mail-log"])
def test_any_other_form_leads_to_the_log_in(client: Client, target: str) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/routes/", "HX-Target": target}
    answer = client.post("/routes/1/enable/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login/?next=/routes/"


def test_another_host_name_is_refused(client: Client) -> None:
    assert client.get("/login/", headers={"Host": "evil.example"}).status_code == 400


def test_no_page_has_inline_script_or_style(console: Client) -> None:
    for path in (LIST, "/sender-addresses/create/", "/nothing/"):
        text = console.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text


def test_each_answer_has_a_nonce_of_its_own_and_its_scripts_have_it(console: Client) -> None:
    nonces = set()
    for path in (LIST, LIST, "/"):
        page = console.get(path)
        policy = page.headers["Content-Security-Policy"]
        nonce = policy.split("script-src 'nonce-")[1].split("'")[0]
        scripts = page.text.count("<script ")
        assert scripts >= 2
        assert page.text.count(f'nonce="{nonce}"') == scripts
        nonces.add(nonce)
    assert len(nonces) == 3


def test_what_is_written_as_it_happens_is_not_held_back_by_compression() -> None:
    written = StreamingHttpResponse(iter([b"one", b"two"]))
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    answer = compressed(lambda _request: written)(request)
    assert "Content-Encoding" not in answer.headers
    assert list(answer.streaming_content) == [b"one", b"two"]


def test_pages_travel_compressed(console: Client) -> None:
    page = console.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert b"<html" in gzip.decompress(page.content)


def test_a_page_without_a_fragment_is_answered_whole(client: Client) -> None:
    answer = client.get("/verify/no-such-link/", headers=HTMX)
    assert answer.status_code < 500
    assert "<html" in answer.text
