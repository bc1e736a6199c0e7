"""Characters that no text column, no URL and no encoder takes: every page answers, none breaks."""

import pytest
from django.test import Client

from directmail.models import Operator
from tests.senders.factories import make_sender
from tests.smtp_gateway.mails import make_mail

ODD = [
    *["\0", "x\0y", "\0@example.com", "a@\0.com"],
    *["\ufffe@x.com", "\u202ea@x.com", "\x80", "٣", "a" * 50_000],
]
LISTS = [
    "/sender-addresses/", "/mail-log/", "/smtp-sessions/", "/mailbox/", "/mail-log/actions/",
    "/audit/", "/domains/", "/dkim-keys/",
]  # fmt: skip
FIELDS = {
    "/sender-addresses/create/": {
        "address": "app2@example.com", "mail_type": "trigger", "reply_to": "a@example.org"
    },
    "/sender-addresses/{pk}/reply-to/": {"reply_to": "a@example.org"},
    "/domains/add/": {"domain": "example.com"},
    "/dkim-keys/generate/": {"domain": "example.com"},
    "/sender-addresses/{pk}/smtp-password/": {"password": "GoodPass1234"},
    "/sender-addresses/{pk}/test-mail/": {
        "recipient": "a@example.org", "subject": "Hello", "text": "Hello."
    },
    "/sender-addresses/{pk}/credentials/add/": {"name": "web", "expires_at": "", "password": ""},
    "/sender-addresses/{pk}/check-connection/": {
        "way": "starttls", "password": "GoodPass1234", "recipient": "a@example.org"
    },
    "/people/invite/": {"email": "new@example.com", "role": "viewer"},
    "/account/preferences/": {"language": "en", "time_zone": "Europe/Berlin"},
    "/routes/add/": {
        "name": "Relay", "kind": "smarthost", "mail_type": "", "sender_domains": "example.com",
        "recipient_domains": "", "host": "smtp.example.net", "port": "587",
        "security": "required", "user": "shop", "password": "secret", "source_ipv4": "",
        "source_ipv6": "", "max_connections": "10", "mails_per_connection": "100",
        "mails_per_minute": "",
    },
    "/login/": {
        "login": "operator@example.com", "password": "secret", "remember": "on", "next": "/"
    },
}  # fmt: skip
EACH_FIELD = [(url, name) for url, fields in FIELDS.items() for name in fields]


@pytest.fixture
def console(client: Client, db: None) -> Client:
    operator = Operator.objects.create_user("operator@example.com", "secret", role="admin")
    client.force_login(operator)
    return client


def _is_answered(response) -> bool:
    return response.status_code < 500


# --- Addresses of pages --------------------------------------------------------------------------


@pytest.mark.parametrize("queue_id", ["%00", "x%00y", "%ED%A0%80", "01KB2Q7XG5W9D3M%00", "%F0%9F"])
@pytest.mark.parametrize(
    "page", ["/mail-log/{}/", "/mailbox/{}/", "/mailbox/{}/html/", "/mailbox/{}/source/",
             "/mail-log/{}/headers/", "/mail-log/{}/contents/", "/mail-log/{}/contents/html/",
             "/mail-log/{}/source/", "/mail-log/{}/attempts/1/", "/mail-log/{}/attachments/1/",
             "/mailbox/{}/attachments/1/"]
)  # fmt: skip
def test_what_is_no_queue_id_is_not_found(console: Client, page: str, queue_id: str) -> None:
    assert console.get(page.format(queue_id)).status_code == 404


def test_a_queue_id_is_found(console: Client) -> None:
    assert console.get(f"/mail-log/{make_mail()}/").status_code == 200


@pytest.mark.parametrize("number", ["9" * 30, "9" * 6000, "0"])
def test_a_number_that_no_row_has_is_not_found(console: Client, number: str) -> None:
    assert console.get(f"/sender-addresses/{number}/delete/").status_code == 404
    queue_id = make_mail()
    assert console.get(f"/mailbox/{queue_id}/attachments/{number}/").status_code == 404


@pytest.mark.parametrize("token", ["%00", "a%00:b:c", "%ED%A0%80", "a:b:%00"])
def test_what_is_no_token_is_refused(client: Client, db: None, token: str) -> None:
    assert client.get(f"/verify/{token}/").status_code == 400
    assert client.post(f"/verify/{token}/").status_code == 400


# --- Searches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["q", "type", "state", "sort", "in", "below", "above", "view", "show"]
)
@pytest.mark.parametrize("page", [*LISTS, "/routes/", "/"])
def test_a_list_is_shown_whatever_is_searched(console: Client, page: str, name: str) -> None:
    make_sender("app@bücher.example")
    make_mail()
    for text in ODD:
        assert console.get(page, {name: text}).status_code == 200, ascii(text[:20])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00-23:59", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59"]
)
def test_a_list_is_shown_whatever_time_is_asked_for(console: Client, at: str, zone: str) -> None:
    Operator.objects.update(time_zone=zone)
    now = "2026-03-10T00:00:00+00:00"
    for since, until in ((at, now), (now, at)):
        asked = {"outcome": "accepted", "since": since, "until": until}
        assert console.get("/mail-log/", asked).status_code == 200
    for sort in ("-created", "-used"):
        query = {"sort": sort, "below": f"{at}~1"}
        assert console.get("/sender-addresses/", query).status_code == 200


def test_a_proposed_domain_may_be_anything(console: Client) -> None:
    for text in ODD:
        response = console.get("/dkim-keys/generate/", {"domain": text})
        assert response.status_code == 200, ascii(text[:20])


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "raw-unicode-escape"])
@pytest.mark.parametrize("page", LISTS)
def test_a_charset_of_its_own_does_not_change_how_a_request_is_read(
    console: Client, page: str, charset: str
) -> None:
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    response = console.get(f"{page}?q=%2B2AA-%5Cud800", headers=headers)
    assert response.status_code == 200
    assert "+2AA-\\ud800" in response.content.decode()


# --- Forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize(("page", "name"), EACH_FIELD)
def test_a_form_is_answered_whatever_is_typed(
    console: Client, page: str, name: str, htmx: dict[str, str]
) -> None:
    url = page.format(pk=make_sender("app@example.com").pk)
    if page == "/login/":
        console.logout()
    for text in ODD:
        response = console.post(url, {**FIELDS[page], name: text}, headers=htmx)
        assert _is_answered(response), ascii(text[:20])


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape"])
@pytest.mark.parametrize(("page", "name"), EACH_FIELD)
def test_a_form_in_a_charset_of_its_own_is_answered(
    console: Client, page: str, name: str, charset: str
) -> None:
    url = page.format(pk=make_sender("app@example.com").pk)
    if page == "/login/":
        console.logout()
    fields = {**FIELDS[page], name: "+2AA-\\ud800"}
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    content_type = f"multipart/form-data; boundary=b; charset={charset}"
    body = f"{parts}--b--\r\n".encode()
    assert _is_answered(console.generic("POST", url, body, content_type))


@pytest.mark.parametrize("url", ["http://[", "http://testserver/\0", "\ud800", "//["])
def test_a_page_that_htmx_misnames_still_leads_to_the_log_in(
    client: Client, db: None, url: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": url}
    assert _is_answered(client.get("/mail-log/", headers=headers))


@pytest.mark.parametrize("after", ["http://[", "/\0", "//evil.example", "\\\\evil.example"])
def test_a_strange_place_to_go_after_the_log_in_breaks_nothing(console: Client, after: str) -> None:
    console.logout()
    assert _is_answered(console.get("/login/", {"next": after}))
    fields = {"login": "operator@example.com", "password": "secret", "next": after}
    response = console.post("/login/", fields)
    assert _is_answered(response)
    assert "evil" not in response.get("Location", "")
