"""The door for mail that comes back, by real SMTP: who is let in, and who is not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from senders.domains.services import change_return_path_host, remove_domain
from senders.former_return_host import KEPT
from senders.models import FormerReturnHost, SenderDomain
from senders.opting_out.links import opt_out_of, token_of
from smtp_gateway.inbound.door import Door, Entry
from smtp_gateway.inbound.door_watch import DoorWatch
from smtp_gateway.inbound.wiring import load_door
from smtp_gateway.models import SmtpSession
from smtp_gateway.return_path.token import DAYS_VALID
from smtp_gateway.returns.reading.parts import take_apart
from tests.smtp_gateway.inbound.speaking import (
    BOUNCE,
    HOST,
    Inbound,
    address_of,
)
from tests.smtp_gateway.submission.talking import as_data

RETURNS = Path(__file__).parents[2] / "data" / "returns"
UNKNOWN = "550 5.1.1 No such address here"
RELAYING = "550 5.7.1 Relaying denied: only reports about our own mail are taken here"
COMPLAINT = (
    b"Subject: FW: x\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n"
    b"\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b--\r\n"
)


def move(row: SenderDomain) -> None:
    change_return_path_host(row, host="rp.example.com", now=timezone.now())


def remove(row: SenderDomain) -> None:
    remove_domain(row, now=timezone.now())


async def test_a_bounce_is_kept_before_its_server_hears_250(inbound: Inbound) -> None:
    assert await inbound.bring(address_of(7)) == "250 2.0.0 Ok: taken"
    (row,) = await inbound.kept()
    assert (bytes(row.raw or b""), row.delivery_id, row.mail_from) == (BOUNCE, 7, "")
    assert (row.processed_at, row.size_bytes, row.client_ip) == (None, len(BOUNCE), "127.0.0.1")


async def test_the_letters_of_the_address_may_have_changed_their_case(inbound: Inbound) -> None:
    assert (await inbound.bring(address_of(7).upper())).startswith("250 ")


async def test_what_a_program_of_the_recipient_answers_is_taken_too(inbound: Inbound) -> None:
    reply = await inbound.bring(address_of(7), mail_from="someone@example.net")
    assert reply.startswith("250 ")


async def test_one_mail_for_two_deliveries_is_kept_for_both(inbound: Inbound) -> None:
    to = [f"RCPT TO:<{address_of(number)}>" for number in (1, 2, 1)]
    replies = await inbound.talk(["MAIL FROM:<>", *to, "DATA", as_data(BOUNCE)])
    assert replies[-1].startswith("250 ")
    assert [row.delivery_id for row in await inbound.kept()] == [1, 2]


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        ("postmaster@home.example", RELAYING),
        (f"b+{'a' * 29}@{HOST}", UNKNOWN),
        (f"b+@{HOST}", UNKNOWN),
        (f"B+{address_of(7)[2:9]}x{address_of(7)[10:]}", UNKNOWN),
        (address_of(7, secret="another"), UNKNOWN),
        (
            address_of(7, days_ago=31),
            "550 5.1.1 This address took reports on one mail, for 30 days",
        ),
        (address_of(7, host="example.com"), RELAYING),
        (address_of(7, host="gmail.example"), RELAYING),
        ("ann@home.example", RELAYING),
        (f"ann%home.example@{HOST}", UNKNOWN),
    ],
    ids=[
        *("postmaster", "no-token", "nothing", "tampered", "forged", "expired"),
        *("own-domain", "other-host", "relaying", "percent-hack"),
    ],
)
async def test_everything_else_is_refused_at_rcpt(
    inbound: Inbound, address: str, reply: str
) -> None:
    replies = await inbound.talk(["MAIL FROM:<>", f"RCPT TO:<{address}>", "DATA"])
    assert replies[1:] == [reply, "503 5.5.1 Send RCPT first"]
    assert await inbound.kept() == []


async def test_on_its_last_day_a_return_path_still_counts(inbound: Inbound) -> None:
    assert (await inbound.bring(address_of(7, days_ago=30))).startswith("250 ")


async def test_complaints_come_to_their_address_and_nothing_else_does(inbound: Inbound) -> None:
    to = f"complaints@{HOST}"
    assert (await inbound.bring(to, COMPLAINT, "fbl@isp.example")).startswith("250 ")
    refusal = "550 5.7.1 Only feedback reports (RFC 5965) are taken at this address"
    for other in (
        b"Subject: Buy\r\n\r\nthis\r\n",
        b"Subject: feedback-report\r\n\r\nmessage/feedback-report\r\n",
        b"Subject: x\r\n\r\n" + COMPLAINT,
        COMPLAINT.replace(b"message/feedback-report", b"text/plain"),
        COMPLAINT.replace(b"Feedback-Type", b"X"),
        b"Content-Type: \xff\xfe; report-type=\xff\r\n\r\nfeedback-report\r\n",
    ):
        assert await inbound.bring(to, other) == refusal
    assert len(await inbound.kept()) == 1


@pytest.mark.parametrize("path", sorted(RETURNS.glob("arf-*.eml")), ids=lambda path: path.stem)
def test_every_feedback_report_that_we_can_read_is_let_in(path: Path) -> None:
    door = Door((), (), lambda subject: False)
    content = path.read_bytes()
    for written in (content, content.upper()):
        assert door.refusal(written, [Entry("complaints@x.example", "complaint")]) is None


async def test_opt_outs_need_the_token_of_a_link_as_their_subject(inbound: Inbound) -> None:
    to = f"unsubscribe@{HOST}"
    mail = f"Subject: {token_of('news@example.com', 'ann@home.example')}\r\n\r\n".encode()
    assert (await inbound.bring(to, mail, "ann@home.example")).startswith("250 ")
    refusal = "550 5.7.1 The subject is not that of one of our unsubscribe links"
    assert await inbound.bring(to, b"Subject: unsubscribe\r\n\r\n") == refusal


@pytest.mark.parametrize(
    "recipient",
    ["ann@home.example", f"{'a' * 60}@{'h' * 60}.example"],
    ids=["short", "long"],
)
async def test_an_opt_out_whose_token_a_mail_program_has_encoded_is_taken(
    inbound: Inbound, recipient: str
) -> None:
    mail = EmailMessage(policy.SMTP)
    mail["Subject"] = token_of("a.long.name.of.a.newsletter@example.com", recipient)
    mail.set_content("")
    content = mail.as_bytes()
    assert content.startswith(b"Subject: =?utf-8?q?")
    assert (await inbound.bring(f"unsubscribe@{HOST}", content, recipient)).startswith("250 ")
    (kept,) = await inbound.kept()
    said = take_apart(bytes(kept.raw or b"")).first("subject")
    assert opt_out_of(said).recipient == recipient


async def test_there_is_no_log_in_and_no_bdat(inbound: Inbound) -> None:
    async with inbound.connect() as client:
        (offers,) = await client.talk(["EHLO mx.example.net"])
        keywords = [line[4:].split()[0] for line in offers.splitlines()[1:]]
        refused = await client.talk(["AUTH PLAIN AGFhYQBiYmI=", "BDAT 3 LAST", "EXPN x"])
    assert keywords == [
        *("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "STARTTLS")
    ]
    assert [reply[:3] for reply in refused] == ["500", "500", "502"]


async def test_starttls_protects_what_comes_back(inbound: Inbound) -> None:
    async with inbound.connect() as client:
        await client.talk(["EHLO mx.example.net", "STARTTLS"])
        await client.start_tls()
        replies = await client.talk(
            ["EHLO mx.example.net", "MAIL FROM:<>", f"RCPT TO:<{address_of(1)}>", "DATA"]
        )
        assert "STARTTLS" not in replies[0]
        assert (await client.talk([as_data(BOUNCE)]))[0].startswith("250 ")


async def test_what_is_too_large_is_refused_when_it_is_declared_and_when_it_comes(
    inbound: Inbound,
) -> None:
    inbound.configure(max_message_bytes=1000)
    refusal = "552 5.3.4 Message too large; the limit is 1000 bytes"
    assert await inbound.talk(["MAIL FROM:<> SIZE=1001"]) == [refusal]
    assert await inbound.bring(address_of(7), b"x" * 2000 + b"\r\n") == refusal
    assert await inbound.kept() == []


async def test_who_guesses_addresses_is_soon_sent_away(inbound: Inbound) -> None:
    inbound.configure(max_errors=3)
    guesses = [f"RCPT TO:<b+{'a' * 28}{number}@{HOST}>" for number in range(2, 6)]
    replies = await inbound.talk(["MAIL FROM:<>", *guesses[:3], guesses[3]])
    assert replies[1:4] == [UNKNOWN] * 3
    assert replies[4] == UNKNOWN


async def test_with_the_database_away_it_is_brought_again_later(inbound: Inbound) -> None:
    def rename(name: str, to: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {name} RENAME TO {to}")

    table = "smtp_gateway_returnedmail"
    await inbound.database(lambda: rename(table, "away"))
    try:
        reply = await inbound.bring(address_of(7))
    finally:
        await inbound.database(lambda: rename("away", table))
    assert reply.startswith("451 ")


async def test_a_host_that_is_added_is_soon_known(inbound: Inbound) -> None:
    address = address_of(7, host="b.example.org")
    assert await inbound.bring(address) == RELAYING
    await inbound.database(
        lambda: SenderDomain.objects.update(return_path_host="b.example.org") and None
    )
    async with asyncio.timeout(60):
        while not (await inbound.bring(address)).startswith("250 "):  # noqa: ASYNC110 - no events
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("leave", [move, remove], ids=["another-host", "removed"])
async def test_what_was_sent_with_a_host_that_was_left_still_comes_back(
    inbound: Inbound, leave: Callable[[SenderDomain], None]
) -> None:
    await inbound.database(lambda: leave(SenderDomain.objects.get()))
    await inbound.services.watch.flush()
    assert (await inbound.bring(address_of(7))).startswith("250 ")
    too_old = timezone.now() - KEPT
    await inbound.database(lambda: FormerReturnHost.objects.update(left_at=too_old) and None)
    await inbound.services.watch.flush()
    assert await inbound.bring(address_of(7)) == RELAYING


def test_a_host_is_kept_for_longer_than_its_return_paths_are_good() -> None:
    assert timedelta(days=DAYS_VALID) < KEPT


async def test_its_sessions_are_shown_and_take_no_place_of_others(inbound: Inbound) -> None:
    await inbound.bring(address_of(7))
    async with asyncio.timeout(60):
        while not await inbound.database(SmtpSession.objects.exists):
            await inbound.services.transcripts.flush()
            await asyncio.sleep(0.05)
    session = await inbound.database(SmtpSession.objects.get)
    assert (session.is_inbound, session.outcome, session.mail_count) == (True, "sent", 1)


async def test_nobody_is_let_in_before_the_hosts_are_known(inbound: Inbound) -> None:
    # Another, which nobody runs.
    known = inbound.services.watch.door
    inbound.services.watch = DoorWatch(inbound.bridge, load_door, known)
    (reply,) = await inbound.talk(["MAIL FROM:<>"])
    assert reply.startswith("451 ")


async def test_a_client_that_waits_for_too_long_is_told_to_go(inbound: Inbound) -> None:
    inbound.configure(command_timeout=timedelta(seconds=0.2))
    async with inbound.connect() as client:
        assert (await client.reply()).startswith("421 ")
