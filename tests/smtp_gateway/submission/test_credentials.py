"""Several SMTP passwords of one address, in real SMTP dialogues."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from senders import credential_services as credentials
from senders import smtp_password
from senders.credential_services import NewCredential
from senders.models import SenderAddress, SmtpCredential
from smtp_gateway.models import SmtpSession
from smtp_gateway.submission import password_hashes
from tests.smtp_gateway.submission.talking import (
    APP,
    PASSWORD,
    SOON_SECONDS,
    Gateway,
    eventually,
    plain,
)

WELCOME = "235 2.7.0 Authentication successful"
REFUSED = "535 5.7.8 User name or password refused"
LOG_IN_AGAIN = "530 5.7.0 Authentication required again"
OTHER = "OtherPass34"
DAY = timedelta(days=1)


async def log_in(gateway: Gateway, password: str) -> str:
    async with gateway.connect(tls=True) as client:
        return (await client.talk(["EHLO c", f"AUTH PLAIN {plain(password=password)}"]))[1]


async def add(gateway: Gateway, sender: SenderAddress, password: str = OTHER) -> SmtpCredential:
    wanted = NewCredential("shop", password)
    return await gateway.database(
        lambda: credentials.add_credential(sender, wanted, now=timezone.now())
    )


async def main_of(gateway: Gateway, sender: SenderAddress) -> SmtpCredential:
    return await gateway.database(lambda: sender.credentials.get(slot=1))


def revoke(credential: SmtpCredential) -> None:
    credentials.revoke_credential(credential, now=timezone.now())


def expire(credential: SmtpCredential) -> None:
    SmtpCredential.objects.filter(pk=credential.pk).update(expires_at=timezone.now())


ENDS: list[Callable[[SmtpCredential], None]] = [revoke, expire]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes of which one computation each was made like."""
    compute, made = password_hashes._computed, []

    def counted(password: str, like: str) -> bytes:
        made.append(like)
        return compute(password, like)

    monkeypatch.setattr(password_hashes, "_computed", counted)
    return made


async def test_both_of_two_passwords_log_in(gateway: Gateway, sender: SenderAddress) -> None:
    await add(gateway, sender)
    assert [await log_in(gateway, each) for each in (PASSWORD, OTHER)] == [WELCOME] * 2


async def test_a_wrong_password_costs_one_computation_however_many_there_are(
    gateway: Gateway, sender: SenderAddress, computed: list[str]
) -> None:
    def make_many() -> None:
        for number in range(6):
            wanted = NewCredential(f"app {number}", smtp_password.generate())
            made = credentials.add_credential(sender, wanted, now=timezone.now())
            if number < 3:
                revoke(made)

    await gateway.database(make_many)
    assert await log_in(gateway, "WrongPass12") == REFUSED
    assert len(computed) == 1
    assert await log_in(gateway, PASSWORD) == WELCOME
    assert len(computed) == 2


async def test_without_a_living_password_an_ended_one_is_computed_instead_of_a_decoy(
    gateway: Gateway, sender: SenderAddress, computed: list[str]
) -> None:
    await gateway.database(lambda: credentials.switch_smtp_off(sender))
    assert await log_in(gateway, "WrongPass12") == REFUSED
    assert len(computed) == 1


@pytest.mark.parametrize("end", ENDS, ids=["revoked", "expired"])
async def test_an_ended_password_is_refused_like_a_wrong_one_at_once(
    gateway: Gateway, sender: SenderAddress, end: Callable[[SmtpCredential], None]
) -> None:
    shop = await add(gateway, sender)
    # The second is known without hashing.
    assert [await log_in(gateway, OTHER) for _ in range(2)] == [WELCOME] * 2
    await gateway.database(lambda: end(shop))
    assert await log_in(gateway, OTHER) == REFUSED
    assert await log_in(gateway, PASSWORD) == WELCOME


@pytest.mark.parametrize("end", ENDS, ids=["revoked", "expired"])
async def test_an_ended_password_counts_as_a_failure(
    gateway: Gateway, sender: SenderAddress, end: Callable[[SmtpCredential], None]
) -> None:
    gateway.configure(max_auth_failures_per_user=2)
    shop = await add(gateway, sender)
    await gateway.database(lambda: end(shop))
    replies = [await log_in(gateway, OTHER) for _ in range(3)]
    assert replies[:2] == [REFUSED] * 2
    assert replies[2].startswith("454 4.7.0 Too many refused log-ins")


@pytest.mark.parametrize("end", ENDS, ids=["revoked", "expired"])
async def test_an_open_session_with_an_ended_password_submits_nothing_more(
    gateway: Gateway, sender: SenderAddress, end: Callable[[SmtpCredential], None]
) -> None:
    gateway.configure(max_fruitless_commands=100_000)
    shop = await add(gateway, sender)
    mail = [f"MAIL FROM:<{APP}>", "RSET"]
    async with gateway.session() as staying, gateway.session(password=OTHER) as leaving:
        assert (await leaving.talk(mail))[0].startswith("250")
        await gateway.database(lambda: end(shop))
        ended_at = time.monotonic()
        while (reply := (await leaving.talk(mail))[0]).startswith("250"):
            assert time.monotonic() - ended_at < SOON_SECONDS
        assert reply.startswith(LOG_IN_AGAIN)
        assert (await staying.talk(mail))[0].startswith("250")
        assert await leaving.talk([f"AUTH PLAIN {plain()}"]) == [WELCOME]


async def test_a_password_in_its_grace_works_until_it_expires(
    gateway: Gateway, sender: SenderAddress
) -> None:
    main = await main_of(gateway, sender)
    wanted = NewCredential("new", OTHER)

    def rotate() -> None:
        credentials.rotate_credential(main, wanted, grace=DAY, now=timezone.now())

    await gateway.database(rotate)
    assert [await log_in(gateway, each) for each in (PASSWORD, OTHER)] == [WELCOME] * 2
    await gateway.database(lambda: expire(main))
    assert [await log_in(gateway, each) for each in (PASSWORD, OTHER)] == [REFUSED, WELCOME]


async def test_a_password_from_before_all_had_one_salt_works_beside_newer_ones(
    gateway: Gateway, sender: SenderAddress, computed: list[str]
) -> None:
    await add(gateway, sender)
    older = smtp_password.hash_password(PASSWORD)
    await gateway.database(lambda: sender.credentials.filter(slot=1).update(password_hash=older))
    assert [await log_in(gateway, each) for each in (PASSWORD, OTHER)] == [WELCOME] * 2
    assert await log_in(gateway, "WrongPass12") == REFUSED
    assert set(computed) == {older, *computed}
    assert len(computed) <= 2 + 2 + 2


async def test_each_credential_has_its_own_last_use(
    gateway: Gateway, sender: SenderAddress
) -> None:
    shop = await add(gateway, sender)
    async with gateway.session(password=OTHER) as client:
        data = b"From: App <app@shop.example>\r\n\r\nHi\r\n.\r\n"
        lines = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA", data]
        assert (await client.talk(lines))[-1].startswith("250")
    await gateway.services.last_use.flush()
    main = await main_of(gateway, sender)
    await gateway.database(shop.refresh_from_db)
    (message,) = await gateway.messages()
    assert (shop.last_used_at, shop.last_used_from) == (message.accepted_at, "127.0.0.1")
    assert main.last_used_at is None


@pytest.mark.parametrize(
    ("end", "outcome"),
    [(revoke, "password-revoked"), (expire, "password-expired")],
    ids=["revoked", "expired"],
)
async def test_who_still_uses_an_ended_password_is_shown(
    gateway: Gateway,
    sender: SenderAddress,
    end: Callable[[SmtpCredential], None],
    outcome: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = await add(gateway, sender)
    await gateway.database(lambda: end(shop))
    assert await log_in(gateway, OTHER) == REFUSED
    await gateway.services.last_use.flush()
    await gateway.database(shop.refresh_from_db)
    assert shop.last_refused_at is not None
    assert (shop.last_refused_from, shop.last_used_at) == ("127.0.0.1", None)

    async def kept() -> SmtpSession | None:
        await gateway.services.transcripts.flush()
        return await gateway.database(SmtpSession.objects.first)

    session = await eventually(kept)
    assert session is not None
    assert (session.sender_address, session.outcome) == (APP, outcome)
    assert session.credential == "shop"
    assert OTHER not in caplog.text


async def test_passwords_are_rotated_under_load_without_one_refusal(
    gateway: Gateway, sender: SenderAddress
) -> None:
    """Applications take the newest password when they connect; the old one lives on for a day."""
    current = [PASSWORD]
    replies: list[str] = []
    is_over = asyncio.Event()

    async def work() -> None:
        while not is_over.is_set():
            password = current[-1]
            async with gateway.connect(tls=True) as client:
                lines = ["EHLO c", f"AUTH PLAIN {plain(password=password)}", f"MAIL FROM:<{APP}>"]
                replies.extend((await client.talk(lines))[1:])

    def rotate(password: str) -> None:
        newest = sender.credentials.get(slot=1)
        wanted = NewCredential(f"round {len(current)}", password)
        credentials.rotate_credential(newest, wanted, grace=DAY, now=timezone.now())

    applications = [asyncio.create_task(work()) for _ in range(6)]
    for _ in range(8):
        before = len(replies)
        password = smtp_password.generate()
        await gateway.database(lambda new=password: rotate(new))
        current.append(password)

        async def went_on(before: int = before) -> bool:
            return len(replies) > before + 24

        await eventually(went_on, seconds=60)
    is_over.set()
    await asyncio.gather(*applications)
    assert set(replies) == {WELCOME, "250 2.1.0 Sender ok"}
