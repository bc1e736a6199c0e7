"""Passkeys without a browser: names, ends, and what no browser sends."""

import json
import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from directmail.models import Operator
from directmail.secure_context import can_have_passkeys
from tests.directmail.accounts.acting import add_passkey, is_logged_in, log_in, make_operator

pytestmark = pytest.mark.django_db
PASSKEY = 1_000_000
GARBLED = [
    "",
    "null",
    "[]",
    '"text"',
    "{",
    "{}",
    '{"response": []}',
    '{"response": {"userHandle": 1}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "!"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30",'
    ' "authenticatorData": "AA", "signature": "AA", "userHandle": "MQ"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30",'
    ' "attestationObject": "AA"}}',
]


@pytest.fixture
def operator(db: None) -> Operator:
    return make_operator()


@pytest.fixture
def inside(client: Client, operator: Operator) -> Client:
    """Logged in just now, with a passkey since."""
    log_in(client, operator)
    add_passkey(operator, pk=PASSKEY, name="Laptop")
    return client


def test_a_passkey_is_renamed(inside: Client) -> None:
    page = inside.get(f"/account/passkeys/{PASSKEY}/rename/")
    assert 'value="Laptop"' in page.text
    renamed = inside.post(f"/account/passkeys/{PASSKEY}/rename/", {"name": "<Old> laptop"})
    assert renamed.headers["Location"] == "/account/passkeys/"
    assert inside.get("/account/passkeys/").headers["Location"] == "/account/#passkeys"
    assert "&lt;Old&gt; laptop" in inside.get("/account/").text


def test_a_passkey_is_removed_by_post_alone(inside: Client) -> None:
    assert "Remove the passkey?" in inside.get(f"/account/passkeys/{PASSKEY}/remove/").text
    assert Authenticator.objects.exists()
    inside.post(f"/account/passkeys/{PASSKEY}/remove/")
    assert not Authenticator.objects.exists()


def test_nobody_renames_or_removes_the_passkey_of_somebody_else(inside: Client) -> None:
    other = Client()
    log_in(other, make_operator())
    for action in ("rename", "remove"):
        assert (
            other.post(f"/account/passkeys/{PASSKEY}/{action}/", {"name": "x"}).status_code == 404
        )
    assert "Laptop" in inside.get("/account/").text


def test_the_options_ask_for_a_passkey_of_this_installation(inside: Client) -> None:
    page = inside.get("/account/passkeys/add/").text
    options = re.search(r'data-passkey-options="([^"]+)"', page)
    assert options
    asked = json.loads(options[1].replace("&quot;", '"'))["creation_options"]["publicKey"]
    assert asked["rp"] == {"id": "localhost", "name": "DirectMail"}
    assert len(asked["excludeCredentials"]) == 1


@pytest.mark.parametrize("credential", GARBLED, ids=range(len(GARBLED)))
@pytest.mark.parametrize("path", ["/account/passkeys/add/", "/account/passkeys/confirm/"])
def test_what_no_browser_sends_adds_and_confirms_nothing(
    inside: Client, path: str, credential: str
) -> None:
    inside.get(path)
    answer = inside.post(path, {"credential": credential, "name": "x", "passwordless": "on"})
    assert answer.status_code in {200, 302}
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("credential", GARBLED, ids=range(len(GARBLED)))
def test_what_no_browser_sends_logs_nobody_in(
    client: Client, operator: Operator, credential: str
) -> None:
    options = client.get("/login/passkey/", headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["userVerification"] == "required"
    answer = client.post("/login/passkey/", {"credential": credential})
    assert answer.headers["Location"] == "/login/"
    add_passkey(operator, pk=PASSKEY)
    log_in(client, operator)
    assert client.post("/account/two-factor/code/", {"credential": credential}).status_code == 200
    assert not is_logged_in(client)


def test_the_log_in_without_json_is_the_log_in_page(client: Client) -> None:
    assert client.get("/login/passkey/").headers["Location"] == "/login/"


@pytest.mark.parametrize(
    ("url", "possible"),
    [
        ("https://mail.example.com", True),
        ("https://mail.example.com:8443", True),
        ("http://mail.example.com", False),
        ("http://localhost:8000", True),
        ("http://console.localhost", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_browsers_make_passkeys_for_names_behind_tls_and_for_localhost(
    url: str, possible: bool
) -> None:
    assert can_have_passkeys(urlsplit(url)) is possible


def test_where_there_can_be_none_the_page_says_why(inside: Client, settings: Settings) -> None:
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
    page = inside.get("/account/").text
    assert "Browsers make them only for a console with a host name and https" in page
    assert "Add a passkey" not in page
    assert "passkey" not in Client().get("/login/").text
