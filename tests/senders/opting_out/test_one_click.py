"""The one-click request of RFC 8058, as mail programs send it, and what else comes instead."""

import logging
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from senders.models import MailType
from senders.opting_out.links import token_of
from senders.opting_out.services import opt_out_by_mail
from senders.suppression import Suppression
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db

NEWS, JANE = "news@example.com", "Jane@example.net"
FORM = "application/x-www-form-urlencoded"
# RFC 8058 section 8.3, its boundary and line ends.
MULTIPART = (
    b"---FormBoundaryjWmhtjORrn\r\n"
    b'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n"
    b"---FormBoundaryjWmhtjORrn--\r\n"
)


def living() -> list[tuple[str, str, str, str]]:
    rows = Suppression.objects.living(timezone.now())
    return list(rows.values_list("reason", "scope", "sender_address", "target"))


def link(recipient: str = JANE) -> str:
    return f"/u/{token_of(NEWS, recipient)}"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"List-Unsubscribe=One-Click", FORM),
        (MULTIPART, "multipart/form-data; boundary=-FormBoundaryjWmhtjORrn"),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b"List-Unsubscribe=One-Click\r\n", ""),
    ],
    ids=["form", "multipart as in the RFC", "plain text", "no type"],
)
def test_it_opts_out_at_once_without_cookie_csrf_or_confirmation(
    body: bytes, content_type: str
) -> None:
    program = Client(enforce_csrf_checks=True)
    answer = program.generic("POST", link(), body, content_type=content_type)
    assert (answer.status_code, answer.content) == (200, b"You get no more of these mails.\n")
    assert living() == [("opt-out", "address", NEWS, "jane@example.net")]
    assert not program.cookies
    assert len(answer.content) < 100


def test_the_evidence_says_how_and_from_where(client: Client) -> None:
    client.post(link(), {"List-Unsubscribe": "One-Click"}, headers={"User-Agent": "Mail program 1"})
    evidence = Suppression.objects.get().evidence
    assert evidence == "One click, from 127.0.0.1: Mail program 1"


def test_once_more_is_fine_and_counted(client: Client) -> None:
    for _ in range(2):
        assert client.post(link(), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Suppression.objects.get().times == 2


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_scanners_that_open_the_link_opt_nobody_out(client: Client, method: str) -> None:
    getattr(client, method)(link())
    assert living() == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"List-Unsubscribe=Two-Clicks", FORM),
        (b"list-unsubscribe=one-click", FORM),
        (b"List-Unsubscribe=One-Click" + b"x" * 5000, "text/plain"),
        (b"\xff\xfe\0", "application/octet-stream"),
        (b"garbage", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"a=1&" * 5000, FORM),
    ],
    ids=["nothing", "other value", "other case", "long", "bytes", "no boundary", "torn", "many"],
)
def test_other_bodies_are_refused_and_change_nothing(
    client: Client, body: bytes, content_type: str
) -> None:
    assert client.generic("POST", link(), body, content_type=content_type).status_code == 400
    assert living() == []


def test_a_changed_link_is_a_400_with_a_short_text(client: Client) -> None:
    answer = client.post(link()[:-1], {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        400,
        "text/plain; charset=utf-8",
    )
    assert living() == []


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    assert getattr(client, method)(link()).status_code == 405


def test_links_of_a_former_secret_key_work(client: Client, settings: Any) -> None:
    former, key = link(), settings.SECRET_KEY
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[key]):
        assert client.post(former, {"List-Unsubscribe": "One-Click"}).status_code == 200
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]):
        assert client.post(former, {"List-Unsubscribe": "One-Click"}).status_code == 400


def test_what_was_deleted_can_still_be_left(client: Client) -> None:
    make_sender(NEWS, mail_type=MailType.BATCH).delete()
    assert client.post(link(), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert len(living()) == 1


def test_an_organisation_may_stop_all_its_batch_mail_by_one_link(
    client: Client, settings: Any
) -> None:
    settings.OPT_OUT_SCOPE = "mail_type"
    client.post(link(), {"List-Unsubscribe": "One-Click"})
    assert living() == [("opt-out", "mail_type", "", "jane@example.net")]


def test_logs_hold_no_token(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.post(link()[:-1], {"List-Unsubscribe": "One-Click"})
        client.post(link(), {"List-Unsubscribe": "One-Click"})
    from_product = [each for each in caplog.records if not each.name.startswith("django")]
    assert all(token_of(NEWS, JANE) not in str(vars(each)) for each in from_product)


def test_a_mail_to_the_mailto_link_opts_out() -> None:
    token = token_of(NEWS, JANE)
    now = timezone.now()
    wanted = opt_out_by_mail(f"  {token} ", evidence="Mail of jane@example.net", now=now)
    assert wanted is not None
    assert living() == [("opt-out", "address", NEWS, "jane@example.net")]


@pytest.mark.parametrize("subject", ["", "unsubscribe", "Re: hello"])
def test_a_mail_without_a_token_does_not(subject: str) -> None:
    assert opt_out_by_mail(subject, evidence="Mail", now=timezone.now()) is None
    assert living() == []
