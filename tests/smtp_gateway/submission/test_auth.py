"""AUTH: offered and accepted under TLS only, one reply for every reason to refuse."""

import time
from collections.abc import Sequence

import pytest
from django.utils import timezone

from senders import services as sender_services
from senders.models import SenderAddress
from smtp_gateway.submission.password_hashes import Group
from tests.smtp_gateway.submission.talking import (
    APP,
    PASSWORD,
    SOON_SECONDS,
    Gateway,
    b64,
    make_sender,
    plain,
)

REFUSED = "535 5.7.8 User name or password refused"
WELCOME = "235 2.7.0 Authentication successful"
USER_NAME, ITS_PASSWORD = "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"


async def auth(gateway: Gateway, *lines: str) -> list[str]:
    async with gateway.connect(tls=True) as client:
        return (await client.talk(["EHLO client.example", *lines]))[1:]


@pytest.mark.parametrize("word", ["AUTH PLAIN", "auth plain", "Auth Plain"])
async def test_plain_with_initial_response_in_any_case(gateway: Gateway, word: str) -> None:
    assert await auth(gateway, f"{word} {plain()}") == [WELCOME]


async def test_plain_asks_for_what_was_not_sent(gateway: Gateway) -> None:
    assert await auth(gateway, "AUTH PLAIN", plain()) == ["334 ", WELCOME]


@pytest.mark.parametrize("word", ["AUTH LOGIN", "AUTH login"])
async def test_login_asks_for_user_name_and_password(gateway: Gateway, word: str) -> None:
    assert await auth(gateway, word, b64(APP), b64(PASSWORD)) == [USER_NAME, ITS_PASSWORD, WELCOME]


async def test_login_takes_the_user_name_as_initial_response(gateway: Gateway) -> None:
    assert await auth(gateway, f"AUTH LOGIN {b64(APP)}", b64(PASSWORD)) == [ITS_PASSWORD, WELCOME]


async def test_user_names_are_normalised(gateway: Gateway) -> None:
    await gateway.database(lambda: make_sender("post@müller.example"))
    for name in ("App@SHOP.example", "post@müller.example", "POST@xn--mller-kva.example"):
        assert await auth(gateway, f"AUTH PLAIN {plain(name)}") == [WELCOME]


async def test_a_star_cancels(gateway: Gateway) -> None:
    cancelled = "501 5.7.0 Authentication cancelled"
    assert await auth(gateway, "AUTH PLAIN", "*", "AUTH LOGIN", b64(APP), "*", "NOOP") == [
        "334 ",
        cancelled,
        USER_NAME,
        ITS_PASSWORD,
        cancelled,
        "250 2.0.0 Ok",
    ]


@pytest.mark.parametrize("response", ["%%%", b64("no zero bytes"), "YQ", "4pyT=", "/////w=="])
async def test_what_cannot_be_decoded_is_refused(gateway: Gateway, response: str) -> None:
    assert await auth(gateway, f"AUTH PLAIN {response}") == [
        "501 5.5.2 Cannot decode this: base64 of user name and password expected"
    ]


async def test_an_empty_initial_response_is_an_empty_message(gateway: Gateway) -> None:
    assert (await auth(gateway, "AUTH PLAIN ="))[0].startswith("501 5.5.2")
    assert await auth(gateway, "AUTH LOGIN =", b64(PASSWORD)) == [ITS_PASSWORD, REFUSED]


async def test_a_response_too_long_is_refused_and_the_session_goes_on(gateway: Gateway) -> None:
    assert await auth(gateway, "AUTH PLAIN", "x" * 20_000, "NOOP") == [
        "334 ",
        "500 5.5.6 Authentication exchange line is too long",
        "250 2.0.0 Ok",
    ]


async def test_unknown_mechanisms_are_refused(gateway: Gateway) -> None:
    assert await auth(gateway, "AUTH CRAM-MD5", "AUTH") == [
        "504 5.5.4 Mechanism not known; use PLAIN or LOGIN",
        "501 5.5.4 Syntax: AUTH PLAIN or AUTH LOGIN",
    ]


async def test_auth_out_of_order_is_refused(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        assert await client.talk([f"AUTH PLAIN {plain()}"]) == ["503 5.5.1 Send EHLO first"]
    assert await auth(gateway, f"AUTH PLAIN {plain()}", "AUTH PLAIN") == [
        WELCOME,
        "503 5.5.1 Already authenticated",
    ]


async def test_without_tls_auth_is_not_accepted(gateway: Gateway) -> None:
    assert (await gateway.talk(["EHLO c", f"AUTH PLAIN {plain()}"], log_in=False))[1] == (
        "538 5.7.11 Encryption required for authentication; send STARTTLS first"
    )


async def test_without_tls_auth_is_there_on_loopback_where_allowed(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    hello, welcome = await gateway.talk(["EHLO c", f"AUTH PLAIN {plain()}"], log_in=False)
    assert hello.endswith("250-STARTTLS\n250 AUTH PLAIN LOGIN")
    assert welcome == WELCOME


async def test_every_refusal_is_the_same(gateway: Gateway, sender: SenderAddress) -> None:
    def make_others() -> None:
        make_sender("off@shop.example", password="")
        sender_services.suspend(make_sender("suspended@shop.example"), now=timezone.now())

    await gateway.database(make_others)
    for credential in (
        plain(password="WrongPass12"),
        plain(password=""),
        plain("nobody@shop.example"),
        plain("off@shop.example"),
        plain("off@shop.example", ""),
        plain("suspended@shop.example"),
        plain("no address"),
        plain("\ud7ff@\u200b"),
        plain(authorization="other@shop.example"),
    ):
        assert await auth(gateway, f"AUTH PLAIN {credential}") == [REFUSED]


async def test_a_user_name_that_no_address_can_be_is_refused_alike(gateway: Gateway) -> None:
    for name in ("\0", "a\0@shop.example", "\r\n", "x" * 8000):
        replies = await auth(gateway, "AUTH LOGIN", b64(name), b64(PASSWORD))
        assert replies == [USER_NAME, ITS_PASSWORD, REFUSED]


async def test_a_refused_log_in_can_be_tried_again(gateway: Gateway) -> None:
    lines = [f"AUTH PLAIN {plain(password='WrongPass12')}", f"AUTH PLAIN {plain()}"]
    assert await auth(gateway, *lines) == [REFUSED, WELCOME]


async def test_every_refusal_costs_one_verification(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_others() -> None:
        make_sender("off@shop.example", password="")
        sender_services.suspend(make_sender("suspended@shop.example"), now=timezone.now())

    await gateway.database(make_others)
    hashing = gateway.bridge.hashing
    verified: list[Sequence[Group]] = []

    async def counted(work, *arguments):
        verified.append(arguments[1])
        return await hashing(work, *arguments)

    monkeypatch.setattr(gateway.bridge, "hashing", counted)
    for user in (APP, "nobody@shop.example", "off@shop.example", "suspended@shop.example"):
        for password in ("WrongPass12", PASSWORD if user != APP else "WrongPass12"):
            assert await auth(gateway, f"AUTH PLAIN {plain(user, password)}") == [REFUSED]
    assert len(verified) == 8
    assert all(len(groups) == 1 for groups in verified)
    assert all(groups[0][0].startswith("$argon2id$") for groups in verified)


async def test_a_verified_credential_is_not_hashed_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await auth(gateway, f"AUTH PLAIN {plain()}") == [WELCOME]
    monkeypatch.setattr(gateway.bridge, "hashing", None)
    assert await auth(gateway, f"AUTH PLAIN {plain()}") == [WELCOME]


async def test_a_new_password_acts_on_new_log_ins_at_once(
    gateway: Gateway, sender: SenderAddress
) -> None:
    assert await auth(gateway, f"AUTH PLAIN {plain()}") == [WELCOME]
    await gateway.database(
        lambda: sender_services.set_smtp_password(sender, password="OtherPass34")
    )
    lines = [f"AUTH PLAIN {plain()}", f"AUTH PLAIN {plain(password='OtherPass34')}"]
    assert await auth(gateway, *lines) == [REFUSED, WELCOME]


@pytest.mark.parametrize("change", ["password", "off", "suspended", "deleted"])
async def test_a_live_session_notices_at_mail(
    gateway: Gateway, sender: SenderAddress, change: str
) -> None:
    changes = {
        "password": lambda: sender_services.set_smtp_password(sender, password="OtherPass34"),
        "off": lambda: sender_services.switch_smtp_off(sender),
        "suspended": lambda: sender_services.suspend(sender, now=timezone.now()),
        "deleted": lambda: sender_services.delete_sender_address(sender),
    }
    gateway.configure(max_fruitless_commands=100_000)
    async with gateway.session() as client:
        await gateway.database(changes[change])
        changed_at = time.monotonic()
        while (reply := (await client.talk([f"MAIL FROM:<{APP}>", "RSET"]))[0]).startswith("250"):
            assert time.monotonic() - changed_at < SOON_SECONDS
        assert reply == (
            "530 5.7.0 Authentication required again: "
            "the SMTP password was changed or SMTP switched off"
        )
        assert (await client.talk([f"MAIL FROM:<{APP}>"]))[0].startswith("530 5.7.0")


async def test_a_session_that_lost_its_log_in_can_log_in_again(
    gateway: Gateway, sender: SenderAddress
) -> None:
    async with gateway.session() as client:
        await gateway.database(
            lambda: sender_services.set_smtp_password(sender, password="OtherPass34")
        )
        gateway.services.authentication._senders._known.clear()
        assert (await client.talk([f"MAIL FROM:<{APP}>"]))[0].startswith("530 5.7.0")
        lines = [f"AUTH PLAIN {plain(password='OtherPass34')}", f"MAIL FROM:<{APP}>"]
        assert await client.talk(lines) == [WELCOME, "250 2.1.0 Sender ok"]


async def test_a_refusal_is_logged_without_the_password(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await auth(gateway, f"AUTH PLAIN {plain(password='WrongPass12')}")
    (record,) = [record for record in caplog.records if record.getMessage() == "auth.refused"]
    assert (record.user, record.ip) == (APP, "127.0.0.1")  # type: ignore[attr-defined]
    assert "WrongPass12" not in repr(vars(record))


async def test_a_password_in_the_wrong_field_is_not_logged(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await auth(gateway, f"AUTH PLAIN {plain(user='GoodPass12')}")
    (record,) = [record for record in caplog.records if record.getMessage() == "auth.refused"]
    assert record.user == "[10 characters that are no address]"  # type: ignore[attr-defined]
