"""What was queued arrives byte for byte."""

import pytest

from smtp_gateway.relay.commands import dot_stuffed
from tests.smtp_gateway.relay.next_hop import USUAL, ScriptedHop
from tests.smtp_gateway.relay.sending import relay

HEADERS = b"Subject: x\r\n\r\n"


@pytest.mark.parametrize(
    "content",
    [
        HEADERS + b"plain\r\n",
        HEADERS,
        HEADERS + b".\r\n..\r\n...\r\n.a\r\n\r\n.\r\n",
        b".starts with a dot\r\n",
        HEADERS + b"x" * 100_000 + b"\r\n",
        HEADERS + "Grüße, 你好 \U0001f600".encode() + b"\xff\xfe\x00\r\n",
        HEADERS + b"line\r\n\r\n\r\n\r\n",
        HEADERS + b"0123456789abcdef\r\n.\r\n" * 20_000,
    ],
    ids=["plain", "empty body", "dots", "dot first", "long line", "8 bit", "blank lines", "large"],
)
async def test_content_arrives_byte_for_byte(content: bytes) -> None:
    async with ScriptedHop().running() as hop:
        (outcome,) = await relay(hop, content=content)
    assert outcome.name == "relayed"
    assert hop.taken[0].content == content


async def test_content_without_a_last_line_end_gets_one() -> None:
    async with ScriptedHop().running() as hop:
        await relay(hop, content=b"Subject: x\r\n\r\nno end")
    assert hop.taken[0].content == b"Subject: x\r\n\r\nno end\r\n"


async def test_empty_content_arrives_empty() -> None:
    async with ScriptedHop().running() as hop:
        await relay(hop, content=b"")
    assert hop.taken[0].content == b""


def test_a_dot_is_doubled_at_the_start_of_a_line_only() -> None:
    assert dot_stuffed(b".a\r\n.b.\r\nc.\r\n") == b"..a\r\n..b.\r\nc.\r\n.\r\n"


async def test_mail_says_size_and_8bitmime_where_they_are_offered() -> None:
    async with ScriptedHop().running() as hop:
        await relay(hop, content="Subject: ü\r\n\r\n".encode(), is_8bit=True)
    assert hop.taken[0].mail_command == "FROM:<from@example.com> SIZE=15 BODY=8BITMIME"


async def test_8bit_content_goes_as_it_is_where_8bitmime_is_not_offered() -> None:
    content = "Subject: x\r\n\r\nü\r\n".encode()
    async with ScriptedHop(extensions=()).running() as hop:
        (outcome,) = await relay(hop, content=content, is_8bit=True)
    assert (outcome.name, hop.taken[0].content) == ("relayed", content)
    assert hop.taken[0].mail_command == "FROM:<from@example.com>"


async def test_addresses_outside_ascii_are_relayed_with_smtputf8() -> None:
    async with ScriptedHop().running() as hop:
        (outcome,) = await relay(hop, "jürgen@example.net", needs_smtputf8=True)
    assert outcome.name == "relayed"
    assert hop.taken[0].recipients == ("jürgen@example.net",)
    assert hop.taken[0].mail_command.endswith(" SMTPUTF8")


async def test_mail_that_needs_smtputf8_bounces_where_it_is_not_offered() -> None:
    async with ScriptedHop(extensions=USUAL[:3]).running() as hop:
        (outcome,) = await relay(hop, "jürgen@example.net", needs_smtputf8=True)
    assert (outcome.name, outcome.reason_code) == ("bounced", "next-hop-without-smtputf8")
    assert "5.6.7" in outcome.reason
    assert "MAIL" not in hop.verbs
