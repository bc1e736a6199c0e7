"""Which deliveries get a return path of their own."""

from datetime import date

import pytest

from smtp_gateway.dsn import RecipientDsn, with_failures
from smtp_gateway.return_path.address import opened
from smtp_gateway.return_path.paths import ReturnPaths
from smtp_gateway.return_path.token import derive_keys

KEYS = derive_keys(["secret"])
PATHS = ReturnPaths(
    {"example.com": "bounces.example.com", "deep.example.com": "back.example.net"},
    KEYS[0],
    today=lambda: date(2026, 3, 10),
)


@pytest.mark.parametrize(
    ("mail_from", "host"),
    [
        ("shop@example.com", "bounces.example.com"),
        ("shop@EXAMPLE.com", "bounces.example.com"),
        ("shop@sub.example.com", "bounces.example.com"),
        ("shop@a.deep.example.com", "back.example.net"),
    ],
    ids=["itself", "in-capitals", "below", "the-closest"],
)
def test_the_closest_domain_that_has_a_host_decides(mail_from: str, host: str) -> None:
    address = PATHS.of(7, mail_from)
    assert address is not None
    local_part, _, at = address.partition("@")
    token = opened(local_part, KEYS)
    assert (at, token and token.delivery_id) == (host, 7)
    assert PATHS.apply_to(mail_from)


@pytest.mark.parametrize("mail_from", ["", "shop@example.org", "shop@notexample.com", "shop@com"])
def test_everything_else_stays_as_it_is(mail_from: str) -> None:
    assert PATHS.of(7, mail_from) is None
    assert not PATHS.apply_to(mail_from)


def test_the_key_is_never_printed() -> None:
    assert "key" not in repr(PATHS)


@pytest.mark.parametrize(
    ("asked", "told"),
    [("", ""), ("NEVER", "FAILURE"), ("SUCCESS", "SUCCESS,FAILURE"), ("FAILURE", "FAILURE")],
    ids=["nothing", "never", "success", "failure"],
)
def test_failures_are_reported_to_us_whatever_the_sender_wants(asked: str, told: str) -> None:
    assert with_failures(RecipientDsn(asked, "rfc822;a@b")) == RecipientDsn(told, "rfc822;a@b")
