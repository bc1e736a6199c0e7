"""One recipient gets so many mails of one sender, and no more for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from senders.suppressions.target import target_of_recipient
from smtp_gateway.submission.limit_checks import one_mailbox
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data, make_sender

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOO_OFTEN = (
    "450 4.7.1 Too many mails to one recipient, at most 3 in 300 seconds, "
    "counted in steps of a fifth of that; try again at 2026-11-23 12:06:00 UTC, in 360 seconds"
)


@pytest.fixture
async def at_noon(gateway: Gateway) -> Gateway:
    gateway.services.now = lambda: NOON
    gateway.configure(max_mails_per_recipient=3, recipient_window=timedelta(seconds=300))
    return gateway


async def test_the_one_beyond_is_refused_at_rcpt_with_the_time(at_noon):
    for _ in range(3):
        assert (await at_noon.submit()).startswith("250")
    replies = await at_noon.talk([f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>"])
    assert replies[1] == TOO_OFTEN


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("ann@home.example", "ANN@home.example"),
        ("ann@home.example", "Ann@HOME.example"),
        ("ann@m\u00fcller.example", "ann@XN--MLLER-KVA.example"),
    ],
    ids=["local-part", "both", "domain"],
)
async def test_however_a_recipient_is_written_it_is_one(at_noon, first, again):
    for _ in range(3):
        assert (await at_noon.submit(recipient=first)).startswith("250")
    replies = await at_noon.talk([f"MAIL FROM:<{APP}>", f"RCPT TO:<{again}>"])
    assert replies[1] == TOO_OFTEN


async def test_of_one_mail_two_ways_to_write_it_count_as_two_mails(at_noon):
    both = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "RCPT TO:<Ann@home.example>"]
    for reply in ("250", "451"):
        assert (await at_noon.talk([*both, "DATA", as_data(MAIL)]))[-1].startswith(reply)
    # What was refused as a whole counts for neither.
    assert (await at_noon.submit()).startswith("250")


@pytest.mark.parametrize(
    "recipient",
    ["Ann@home.example", "J\u00d6RG@home.example", "Jo\u0308rg@home.example"],
    ids=["ascii", "outside-ascii", "decomposed"],
)
def test_a_mailbox_is_one_as_suppressions_see_it(recipient):
    assert one_mailbox(recipient) == target_of_recipient(recipient)


async def test_others_get_theirs_and_later_so_does_this_one(at_noon):
    for _ in range(3):
        await at_noon.submit()
    assert (await at_noon.submit(recipient="bob@home.example")).startswith("250")
    at_noon.services.now = lambda: NOON + timedelta(seconds=361)
    assert (await at_noon.submit()).startswith("250")


async def test_another_sender_counts_for_itself(at_noon):
    await at_noon.database(lambda: make_sender("other@shop.example"))
    for _ in range(3):
        await at_noon.submit()
    async with at_noon.session("other@shop.example") as client:
        replies = await client.talk(
            [
                "MAIL FROM:<other@shop.example>",
                "RCPT TO:<ann@home.example>",
                "DATA",
                as_data(MAIL.replace("app@shop", "other@shop")),
            ]
        )
    assert replies[-1].startswith("250")


async def test_of_several_mails_at_once_the_one_beyond_is_refused_at_its_end(at_noon):
    rcpt = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>"]
    for _ in range(2):
        await at_noon.submit()
    async with at_noon.session() as one, at_noon.session() as other:
        for client in (one, other):
            assert (await client.talk(rcpt))[1].startswith("250")
        assert (await one.talk(["DATA", as_data(MAIL)]))[1].startswith("250")
        assert (await other.talk(["DATA", as_data(MAIL)]))[1] == TOO_OFTEN.replace("450", "451")
    assert len(await at_noon.messages()) == 3


async def test_a_mail_that_is_refused_does_not_count(at_noon):
    for _ in range(5):
        assert (await at_noon.submit(MAIL.replace("app@shop", "foreign@shop"))).startswith("550")
    assert (await at_noon.submit()).startswith("250")


async def test_without_a_limit_as_many_go_as_come(at_noon):
    at_noon.configure(max_mails_per_recipient=0)
    for _ in range(6):
        assert (await at_noon.submit()).startswith("250")
