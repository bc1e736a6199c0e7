"""SMTP replies, put together from whatever the network brings."""

import asyncio

import pytest

from smtp_gateway.relay.reply import BadReply, Reply, ReplyReader
from smtp_gateway.relay.wire import Wire


def read(*pieces: bytes) -> list[Reply]:
    reader = ReplyReader()
    return [reply for piece in pieces for reply in reader.feed(piece)]


def test_a_reply_may_come_in_pieces() -> None:
    assert read(b"2", b"50 2.0.0 O", b"k\r", b"\n") == [Reply(250, ("2.0.0 Ok",))]


def test_several_replies_may_come_at_once() -> None:
    assert [reply.code for reply in read(b"250 a\r\n550 b\r\n354 c\r\n")] == [250, 550, 354]


def test_a_reply_may_have_several_lines() -> None:
    assert read(b"250-a\r\n250-b\r\n250 c\r\n") == [Reply(250, ("a", "b", "c"))]


def test_a_reply_may_have_no_text_or_a_bare_line_feed() -> None:
    assert read(b"250\r\n250 \r\n250 x\n") == [
        Reply(250, ("",)),
        Reply(250, ("",)),
        Reply(250, ("x",)),
    ]


def test_control_characters_and_bad_utf8_do_not_reach_the_mail_log() -> None:
    (reply,) = read(b"550 a\x00b\x1b[31m\xff \xc3\xa4\r\n")
    assert str(reply) == "550 a b [31m\ufffd ä"


def test_a_long_reply_is_cut_for_the_mail_log() -> None:
    (reply,) = read(b"".join(b"550-" + b"x" * 500 + b"\r\n" for _ in range(9)) + b"550 end\r\n")
    assert len(str(reply)) == 2000


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n",
        b"\r\n",
        b"150 a\r\n",
        b"2500 a\r\n",
        b"250-a\r\n550 b\r\n",
        b"250 " + b"x" * 5000 + b"\r\n",
        b"x" * 5000,
        b"250-a\r\n" * 201,
    ],
)
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(BadReply):
        read(data)


@pytest.mark.parametrize(
    "behind",
    [b"bogus\r\n", b"250-a\r\n550 b\r\n", b"x" * 5000],
    ids=["no reply", "two codes", "endless"],
)
def test_a_reply_before_what_is_none_counts_and_no_other_can_follow(behind: bytes) -> None:
    reader = ReplyReader()
    taken = [Reply(250, ("2.0.0 Ok queued",))]
    assert reader.feed(b"250 2.0.0 Ok queued\r\n" + behind) == taken
    assert reader.fault is not None
    assert not reader.is_empty
    with pytest.raises(BadReply):
        reader.feed(b"250 2.0.0 Ok\r\n")


async def test_a_wire_gives_the_replies_before_a_fault_and_then_the_fault() -> None:
    wire = Wire()
    wire.data_received(b"250 2.0.0 Ok queued\r\nbogus\r\n")
    assert not wire.is_usable
    assert str(await wire.reply(60)) == "250 2.0.0 Ok queued"
    with pytest.raises(BadReply, match="bogus"):
        await wire.reply(60)


async def test_a_part_of_a_reply_in_the_moment_of_the_time_limit_does_not_lift_it() -> None:
    wire = Wire()
    waiting = asyncio.create_task(wire.reply(0.01))
    await asyncio.sleep(0)
    wire.data_received(b"250-Almo")
    # The loop calls both in one round where both are due.
    assert wire._timer is not None
    wire._timer.cancel()
    wire._look_at_the_time()
    done, _ = await asyncio.wait({waiting}, timeout=2)
    assert [type(task.exception()) for task in done] == [TimeoutError]
