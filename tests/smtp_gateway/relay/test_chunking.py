"""BDAT where the next hop offers CHUNKING (RFC 3030)."""

import pytest

from smtp_gateway.queue import Outcome
from tests.smtp_gateway.relay.next_hop import DROP, USUAL, Script, ScriptedHop
from tests.smtp_gateway.relay.sending import hop_at, relay
from tests.smtp_gateway.relay.test_mail_after_mail import relay_all

CHUNKING = (*USUAL, "CHUNKING")
HEADERS = b"Subject: x\r\n\r\n"


def refusing(replies: dict[str, str]) -> Script:
    """Answers RCPT by recipient."""
    return lambda verb, argument: replies.get(argument) if verb == "RCPT" else None


def names(outcomes: list[Outcome]) -> dict[int, str]:
    return {outcome.delivery.delivery_id: outcome.name for outcome in outcomes}


@pytest.mark.parametrize(
    "content",
    [
        HEADERS + b".\r\n..\r\n.a\r\n\r\n.\r\n",
        HEADERS + "Grüße\r\n".encode() + b"\xff\xfe\x00\r\n",
        b"",
        HEADERS + b"0123456789abcdef\r\n.\r\n" * 40_000,
    ],
    ids=["dots", "8 bit", "empty", "large"],
)
@pytest.mark.parametrize("extensions", [CHUNKING, ("CHUNKING",)], ids=["pipelined", "one by one"])
async def test_content_arrives_byte_for_byte(content: bytes, extensions: tuple[str, ...]) -> None:
    async with ScriptedHop(extensions=extensions).running() as hop:
        (outcome,) = await relay(hop, content=content)
    assert outcome.name == "relayed"
    assert hop.taken[0].content == content
    assert hop.verbs[:4] == ["EHLO", "MAIL", "RCPT", "BDAT"]


async def test_content_without_a_last_line_end_gets_one() -> None:
    async with ScriptedHop(extensions=CHUNKING).running() as hop:
        await relay(hop, content=b"Subject: x\r\n\r\nno end")
    assert hop.taken[0].content == b"Subject: x\r\n\r\nno end\r\n"


async def test_nothing_is_sent_where_every_recipient_is_refused() -> None:
    script = refusing({"a@x.test": "550 5.1.1 No", "b@x.test": "450 4.2.1 Later"})
    async with ScriptedHop(script, CHUNKING).running() as hop:
        outcomes = await relay(hop, "a@x.test", "b@x.test")
    assert [outcome.name for outcome in outcomes] == ["bounced", "deferred"]
    assert "BDAT" not in hop.verbs


async def test_mails_follow_each_other_on_one_connection() -> None:
    async with ScriptedHop(extensions=CHUNKING).running() as hop:
        outcomes = await relay_all(hop_at(hop), 8)
    assert set(names(outcomes).values()) == {"relayed"}
    assert (hop.connections, len(hop.taken)) == (1, 8)
    assert "RSET" not in hop.verbs


async def test_a_refused_mail_does_not_take_the_one_behind_it_along() -> None:
    def script(verb: str, argument: str) -> str | None:
        return "554 5.6.0 No" if verb == "." and hop.complete == 3 else None

    async with ScriptedHop(script, CHUNKING).running() as hop:
        outcomes = await relay_all(hop_at(hop), 6)
    assert names(outcomes) == {3: "bounced"} | dict.fromkeys((1, 2, 4, 5, 6), "relayed")


async def test_after_a_refused_mail_the_connection_is_reset_before_the_next() -> None:
    def script(verb: str, argument: str) -> str | None:
        return "451 4.3.0 Later" if verb == "." and hop.complete == 1 else None

    async with ScriptedHop(script, CHUNKING).running() as hop:
        outcomes = await relay_all(hop_at(hop), 2)
    assert names(outcomes) == {1: "deferred", 2: "relayed"}
    assert (hop.connections, hop.verbs.count("RSET")) == (1, 1)


async def test_a_connection_lost_after_the_content_leaves_it_uncertain() -> None:
    def script(verb: str, argument: str) -> str | None:
        return DROP if verb == "." and hop.complete == 3 else None

    async with ScriptedHop(script, CHUNKING).running() as hop:
        outcomes = await relay_all(hop_at(hop), 5)
    assert names(outcomes) == {3: "uncertain"} | dict.fromkeys((1, 2, 4, 5), "relayed")


@pytest.mark.parametrize("extensions", [CHUNKING, USUAL], ids=["BDAT", "DATA"])
async def test_an_answer_too_many_is_never_taken_for_that_to_the_mail_behind(
    extensions: tuple[str, ...],
) -> None:
    def script(verb: str, argument: str) -> str | None:
        if verb == ".":
            return {2: "250 Taken\r\n250 Taken", 3: "554 5.6.0 No"}.get(hop.complete)
        return None

    async with ScriptedHop(script, extensions).running() as hop:
        outcomes = await relay_all(hop_at(hop), 5)
    assert len(hop.taken) == [o.name for o in outcomes].count("relayed")
