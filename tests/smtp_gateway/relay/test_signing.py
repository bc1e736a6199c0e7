"""Mails of many domains, signed with the keys in the database, and what happens without them."""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from senders import dkim_services
from senders.models import DkimKey
from smtp_gateway import directory
from smtp_gateway.relay.signing import Signing
from smtp_gateway.signing_key import SigningKey
from tests.smtp_gateway.relay.dkim.verifying import verdicts
from tests.smtp_gateway.relay.running import Queue

MAIL = b"From: news@example.com\r\nSubject: Hello\r\n\r\nHello.\r\n"
LONG = timedelta(hours=1)
NEVER = timedelta(0)


class LookUps:
    """The directory, with a note of what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.faults: list[Exception] = []

    def __call__(self, domains: Collection[str]) -> dict[str, list[SigningKey]]:
        self.asked.append(sorted(domains))
        if self.faults:
            raise self.faults.pop()
        return directory.find_signing_keys(domains)


@pytest.fixture
def look_ups() -> LookUps:
    return LookUps()


MakeSigning = Callable[[timedelta], Signing]


@pytest.fixture
def make_signing(database: Queue, look_ups: LookUps) -> Iterator[MakeSigning]:
    made: list[Signing] = []

    def make(remembered: timedelta) -> Signing:
        made.append(Signing(look_ups, database.bridge, remembered=remembered))
        return made[-1]

    yield make
    for signing in made:
        signing.close()


def active_keys(domain: str, now: datetime | None = None) -> list[DkimKey]:
    now = now or timezone.now()
    keys = dkim_services.generate_dkim_keys(domain, now=now)
    for key in keys:
        dkim_services.activate(key, now=now)
    return keys


def dns() -> dict[str, str]:
    return {key.record.name: key.record.value for key in DkimKey.objects.all()}


async def test_each_mail_gets_the_signatures_of_its_domain(
    database: Queue, make_signing: MakeSigning, look_ups: LookUps
) -> None:
    for domain in ("example.com", "other.example"):
        await database.do(active_keys, domain)
    signing = make_signing(LONG)
    domains = ["example.com", "none.example", "other.example", "", "Example.COM"] * 10
    mails = [(domain, MAIL + b"%d\r\n" % at) for at, domain in enumerate(domains)]
    signed = await signing.sign(mails)
    records = await database.do(dns)
    for (domain, content), fields in zip(mails, signed, strict=True):
        if domain in ("none.example", ""):
            assert fields == b""
        else:
            assert f"d={domain.lower()};".encode() in fields
            assert verdicts(fields + content, records) == [True, True]
    assert look_ups.asked == [["", "example.com", "none.example", "other.example"]]


async def test_no_mails_are_no_work(make_signing: MakeSigning, look_ups: LookUps) -> None:
    assert await make_signing(LONG).sign([]) == []
    assert look_ups.asked == []


async def test_a_parent_domain_does_not_sign_for_a_subdomain(
    database: Queue, make_signing: MakeSigning
) -> None:
    await database.do(active_keys, "example.com")
    assert await make_signing(LONG).sign([("mail.example.com", MAIL)]) == [b""]


async def test_what_was_looked_up_is_remembered_for_a_while(
    database: Queue, make_signing: MakeSigning, look_ups: LookUps
) -> None:
    signing = make_signing(LONG)
    assert await signing.sign([("example.com", MAIL)]) == [b""]
    await database.do(active_keys, "example.com")
    assert await signing.sign([("example.com", MAIL)]) == [b""]
    assert look_ups.asked == [["example.com"]]


async def test_a_switch_of_keys_leaves_no_mail_unsigned(
    database: Queue, make_signing: MakeSigning
) -> None:
    signing = make_signing(NEVER)
    await database.do(active_keys, "example.com", datetime.fromisoformat("2026-11-01T00:00Z"))
    (before,) = await signing.sign([("example.com", MAIL)])
    await database.do(active_keys, "example.com", datetime.fromisoformat("2026-12-01T00:00Z"))
    (after,) = await signing.sign([("example.com", MAIL)])
    assert b"s=dm202611r;" in before
    assert b"s=dm202612r;" in after
    assert b"dm202611" not in after
    # Both records are in DNS meanwhile, so both mails verify.
    records = await database.do(dns)
    for fields in (before, after):
        assert verdicts(fields + MAIL, records) == [True, True]


async def test_a_retired_key_signs_no_more(database: Queue, make_signing: MakeSigning) -> None:
    signing = make_signing(NEVER)
    rsa, ed25519 = await database.do(active_keys, "example.com")
    await database.do(dkim_services.retire, rsa, now=timezone.now())
    (fields,) = await signing.sign([("example.com", MAIL)])
    assert fields.count(b"DKIM-Signature:") == 1
    assert b"a=ed25519-sha256;" in fields
    await database.do(dkim_services.delete, ed25519, now=timezone.now())
    assert await signing.sign([("example.com", MAIL)]) == [b""]
    assert signing.fault("example.com") == ""


# --- Faulty keys ----------------------------------------------------------------------------------


async def test_one_faulty_key_leaves_the_other_to_sign(
    database: Queue, make_signing: MakeSigning, caplog: pytest.LogCaptureFixture
) -> None:
    rsa, _ = await database.do(active_keys, "example.com")
    await database.do(break_key, rsa)
    signing = make_signing(NEVER)
    for _ in range(3):
        (fields,) = await signing.sign([("example.com", MAIL)])
        assert verdicts(fields + MAIL, await database.do(dns)) == [True]
    assert signing.fault("example.com") == ""
    # Said once, not with every look-up.
    (record,) = [record for record in caplog.records if record.msg == "dkim.key_unusable"]
    assert record.levelno == logging.ERROR
    assert (record.domain, record.selector) == ("example.com", rsa.selector)  # type: ignore[attr-defined]


async def test_a_domain_whose_keys_are_all_faulty_has_a_reason_to_wait(
    database: Queue, make_signing: MakeSigning, settings: Settings
) -> None:
    await database.do(active_keys, "example.com")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another one" * 5
    await database.do(active_keys, "other.example")
    signing = make_signing(NEVER)
    mails = [("example.com", MAIL), ("other.example", MAIL), ("none.example", MAIL)]
    faulty, sound, keyless = await signing.sign(mails)
    assert faulty == keyless == b""
    assert sound != b""
    assert signing.fault("Example.com") == (
        "It cannot be signed: SECRET_KEY does not open the DKIM keys of example.com. Put the "
        "former SECRET_KEY into SECRET_KEY_FALLBACKS, or retire the keys in the console."
    )
    assert signing.fault("other.example") == signing.fault("none.example") == ""
    settings.SECRET_KEY_FALLBACKS = [former]
    (fields,) = await signing.sign(mails[:1])
    assert verdicts(fields + MAIL, await database.do(dns)) == [True, True]
    assert signing.fault("example.com") == ""


async def test_the_reason_stands_though_what_is_known_is_forgotten_meanwhile(
    database: Queue, make_signing: MakeSigning
) -> None:
    """A lane that looks up another domain throws away what is old, in the middle of this sign."""
    for key in await database.do(active_keys, "example.com"):
        await database.do(break_key, key)
    await database.do(active_keys, "other.example")
    signing = make_signing(NEVER)
    both = [("example.com", MAIL), ("other.example", MAIL)]
    reasons = []

    async def sign_and_ask() -> None:
        faulty, sound = await signing.sign(both)
        reasons.append((faulty, bool(sound), bool(signing.fault("example.com"))))

    async def look_up_others() -> None:
        for number in range(50):
            await signing.sign([(f"d{number}.example", MAIL)])

    await asyncio.gather(look_up_others(), *(sign_and_ask() for _ in range(20)))
    assert reasons == [(b"", True, True)] * 20


def break_key(key: DkimKey) -> None:
    DkimKey.objects.filter(pk=key.pk).update(sealed_private_key="sealed under what is gone")


# --- Beside the event loop ------------------------------------------------------------------------


async def test_the_database_being_away_is_waited_for(
    database: Queue, make_signing: MakeSigning, look_ups: LookUps
) -> None:
    await database.do(active_keys, "example.com")
    look_ups.faults = [OperationalError("away")]
    (fields,) = await make_signing(LONG).sign([("example.com", MAIL)])
    assert fields != b""
    assert len(look_ups.asked) == 2


async def test_many_batches_at_once_each_get_their_own(
    database: Queue, make_signing: MakeSigning
) -> None:
    for number in range(4):
        await database.do(active_keys, f"d{number}.example")
    signing = make_signing(NEVER)
    batches = [
        [(f"d{(batch + at) % 5}.example", MAIL + b"%d %d\r\n" % (batch, at)) for at in range(20)]
        for batch in range(6)
    ]
    results = await asyncio.gather(*map(signing.sign, batches))
    records = await database.do(dns)
    for batch, signed in zip(batches, results, strict=True):
        for (domain, content), fields in zip(batch, signed, strict=True):
            expected = [] if domain == "d4.example" else [True, True]
            assert verdicts(fields + content, records) == expected


async def test_keys_are_forgotten_when_they_are_old(
    database: Queue, make_signing: MakeSigning
) -> None:
    await database.do(active_keys, "example.com")
    signing = make_signing(NEVER)
    await signing.sign([("example.com", MAIL)])
    await signing.sign([("none.example", MAIL)])
    assert set(signing._known) == {"none.example"}
    signing.close()
    assert not signing._known


async def test_the_event_loop_goes_on_while_threads_sign(
    database: Queue, make_signing: MakeSigning
) -> None:
    """`cryptography` and hashlib release the GIL: the loop turns while 15 MiB are hashed."""
    await database.do(active_keys, "example.com")
    signing = make_signing(LONG)
    await signing.sign([("example.com", MAIL)])
    signer = asyncio.create_task(signing.sign([("example.com", MAIL + b"x" * 76 * 200_000)] * 4))
    turns = 0
    while not signer.done():
        turns += 1
        await asyncio.sleep(0)
    assert all(await signer)
    assert turns > 20
    names = {thread.name for thread in threading.enumerate()}
    assert any(name.startswith("signing") for name in names)
