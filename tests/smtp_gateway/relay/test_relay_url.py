"""RELAY_URL, read and refused."""

import pytest

from smtp_gateway.relay.next_hop import InvalidRelayUrl, NextHop, Security, parse_relay_url


@pytest.mark.parametrize(
    ("url", "hop"),
    [
        ("smtp://mail.test", NextHop("mail.test", 25)),
        ("smtp://mail.test:2525", NextHop("mail.test", 2525)),
        ("smtp://[::1]:2525", NextHop("::1", 2525)),
        ("smtps://mail.test", NextHop("mail.test", 465, Security.IMPLICIT, verify_tls=True)),
        (
            "smtp://mail.test?starttls=required",
            NextHop("mail.test", 25, Security.REQUIRED, verify_tls=True),
        ),
        ("smtp://mail.test?starttls=never", NextHop("mail.test", 25, Security.NEVER)),
        (
            "smtp://u%40x:p%3A%2F%C3%A4@mail.test:587",
            NextHop("mail.test", 587, user="u@x", password="p:/ä", verify_tls=True),
        ),
    ],
)
def test_a_url_names_a_next_hop(url: str, hop: NextHop) -> None:
    assert parse_relay_url(url, verify_tls=True) == hop


def test_verification_can_be_switched_off() -> None:
    assert not parse_relay_url("smtps://mail.test", verify_tls=False).verify_tls


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mail.test:25", "RELAY_URL must start with smtp:// or smtps://."),
        ("http://mail.test", "RELAY_URL must start with smtp:// or smtps://."),
        ("smtp://", "RELAY_URL names no host, as in smtp://mail.example.com:25."),
        ("smtp://mail.test:99999", "RELAY_URL has a port that is no number from 1 to 65535."),
        ("smtp://mail.test:smtp", "RELAY_URL has a port that is no number from 1 to 65535."),
        ("smtp://mail.test:0", "RELAY_URL has a port that is no number from 1 to 65535."),
        ("smtp://[bad:25", "RELAY_URL names no host, as in smtp://mail.example.com:25."),
        ("smtp://a,b:25", "RELAY_URL names no host, as in smtp://mail.example.com:25."),
        ("smtp://:secret@mail.test", "RELAY_URL has a password and no user."),
    ],
)
def test_a_bad_url_is_refused_with_what_is_wrong(url: str, why: str) -> None:
    with pytest.raises(InvalidRelayUrl) as refused:
        parse_relay_url(url, verify_tls=True)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "url",
    [
        "smtp://u:p@ss#word@mail.test:25",
        "smtp://user:12#4@mail.test:587",
        "smtp://user:p@ss@mail.test",
        "smtp://user:p/ss@mail.test",
        "smtp://user:p?ss@mail.test",
        "smtp://user:100%@mail.test",
        "smtp://user:p ss@mail.test",
        "smtp://mail.test/path",
        "smtp://mail.test:25#",
    ],
)
def test_a_letter_that_would_cut_the_url_short_is_refused(url: str) -> None:
    with pytest.raises(InvalidRelayUrl, match="percent-encode those of user and password") as why:
        parse_relay_url(url, verify_tls=True)
    assert "ss" not in str(why.value).replace("password", "")


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.test?starttls=yes",
        "smtp://mail.test?startls=required",
        "smtp://mail.test?STARTTLS=required",
        "smtp://mail.test?starttls=required&starttls=never",
        "smtp://mail.test?starttls",
        "smtps://mail.test?starttls=never",
    ],
)
def test_a_query_that_would_not_count_is_refused(url: str) -> None:
    with pytest.raises(InvalidRelayUrl, match=r"can end in [?]starttls=required or"):
        parse_relay_url(url, verify_tls=True)


def test_a_next_hop_never_shows_its_password() -> None:
    assert "secret" not in repr(NextHop("mail.test", 25, user="u", password="secret"))
