"""Each recipient gets its own outcome."""

import pytest

from tests.smtp_gateway.relay.next_hop import DROP, HANG, USUAL, Script, ScriptedHop
from tests.smtp_gateway.relay.sending import IMPATIENT, PATIENT, relay

PIPELINED = [USUAL, ()]
_IDS = ["pipelined", "one by one"]


def saying(**replies: str) -> Script:
    """A script of fixed replies by verb, or by the recipient's local part."""

    def script(verb: str, argument: str) -> str | None:
        if verb == "RCPT" and (own := replies.get(argument.partition("@")[0])):
            return own
        return replies.get({".": "DOT"}.get(verb, verb))

    return script


@pytest.mark.parametrize("extensions", PIPELINED, ids=_IDS)
async def test_recipients_of_one_mail_are_taken_deferred_and_refused_one_by_one(
    extensions: tuple[str, ...],
) -> None:
    script = saying(gone="550 5.1.1 No such user", full="452 4.2.2 Mailbox full")
    async with ScriptedHop(script, extensions).running() as hop:
        outcomes = await relay(hop, "gone@a.test", "good@a.test", "full@a.test", "also@a.test")
    assert [(o.name, o.reason_code) for o in outcomes] == [
        ("bounced", "next-hop-refused-recipient"),
        ("relayed", ""),
        ("deferred", "next-hop-deferred"),
        ("relayed", ""),
    ]
    assert outcomes[0].reply == "550 5.1.1 No such user"
    assert outcomes[0].reason == (
        f"127.0.0.1:{hop.port} refused this recipient: 550 5.1.1 No such user"
    )
    assert outcomes[1].reply == "250 2.0.0 Taken"
    assert [mail.recipients for mail in hop.taken] == [("good@a.test", "also@a.test")]


@pytest.mark.parametrize("extensions", PIPELINED, ids=_IDS)
@pytest.mark.parametrize(
    ("verb", "reply", "name", "code"),
    [
        ("MAIL", "550 5.7.1 No", "bounced", "next-hop-refused-sender"),
        ("MAIL", "450 4.7.1 Later", "deferred", "next-hop-deferred"),
        ("MAIL", "421 4.3.2 Going down", "deferred", "next-hop-deferred"),
        ("MAIL", "530 5.7.0 Authentication required", "deferred", "next-hop-auth-failed"),
        ("MAIL", "552 5.3.4 Too large", "bounced", "next-hop-refused-sender"),
        ("RCPT", "550 5.1.1 No", "bounced", "next-hop-refused-recipient"),
        ("RCPT", "451 4.7.1 Greylisted", "deferred", "next-hop-deferred"),
        ("RCPT", "552 5.5.3 Too many recipients", "deferred", "next-hop-deferred"),
        ("RCPT", "421 4.3.2 Going down", "deferred", "next-hop-deferred"),
        ("MAIL", "503 5.5.1 Bad sequence", "deferred", "next-hop-deferred"),
        ("RCPT", "503 5.5.1 Bad sequence", "deferred", "next-hop-deferred"),
        ("RCPT", "500 5.5.2 Not recognized", "deferred", "next-hop-deferred"),
        ("DATA", "503 5.5.1 Bad sequence", "deferred", "next-hop-deferred"),
        ("DOT", "503 5.5.1 Bad sequence", "deferred", "next-hop-deferred"),
        ("DATA", "554 5.7.1 No", "bounced", "next-hop-refused-mail"),
        ("DATA", "451 4.3.0 Later", "deferred", "next-hop-deferred"),
        ("DATA", "250 What?", "deferred", "next-hop-protocol-error"),
        ("DOT", "554 5.7.1 Spam", "bounced", "next-hop-refused-mail"),
        ("DOT", "552 5.2.2 Too large", "bounced", "next-hop-refused-mail"),
        ("DOT", "451 4.3.0 Later", "deferred", "next-hop-deferred"),
        ("DOT", "421 4.3.2 Going down", "deferred", "next-hop-deferred"),
        ("DOT", "354 What?", "deferred", "next-hop-protocol-error"),
    ],
)
async def test_a_reply_decides_for_every_recipient(
    verb: str, reply: str, name: str, code: str, extensions: tuple[str, ...]
) -> None:
    async with ScriptedHop(saying(**{verb: reply}), extensions).running() as hop:
        outcomes = await relay(hop, "a@a.test", "b@a.test")
    assert [(o.name, o.reason_code, o.reply) for o in outcomes] == [(name, code, reply)] * 2
    assert hop.taken == []
    assert [o.next_attempt_at is not None for o in outcomes] == [name == "deferred"] * 2


@pytest.mark.parametrize("extensions", PIPELINED, ids=_IDS)
@pytest.mark.parametrize(
    ("how", "code"), [(DROP, "next-hop-connection-lost"), (HANG, "next-hop-timeout")]
)
@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
async def test_a_connection_that_drops_or_stalls_is_tried_again_from_any_stage(
    verb: str, how: str, code: str, extensions: tuple[str, ...]
) -> None:
    async with ScriptedHop(saying(**{verb: how}), extensions).running() as hop:
        timeouts = IMPATIENT if how == HANG else PATIENT
        (outcome,) = await relay(hop, timeouts=timeouts)
    name = "uncertain" if verb == "DOT" else "deferred"
    assert (outcome.name, outcome.reason_code) == (name, code)
    assert ("twice" in outcome.reason) == (verb == "DOT")
    assert outcome.next_attempt_at is not None


@pytest.mark.parametrize("size_bytes", [100, 8_000_000])
async def test_a_refusal_in_the_middle_of_the_content_counts_though_the_connection_is_lost(
    size_bytes: int,
) -> None:
    script = saying(CONTENT="552 5.3.4 Message too big")
    async with ScriptedHop(script).running() as hop:
        (outcome,) = await relay(hop, content=b"x" * size_bytes + b"\r\n")
    assert (outcome.name, outcome.reply) == ("bounced", "552 5.3.4 Message too big")
    assert outcome.reason_code == "next-hop-refused-mail"


async def test_no_smtp_in_answer_to_the_complete_mail_is_uncertain() -> None:
    async with ScriptedHop(saying(DOT="What?")).running() as hop:
        (outcome,) = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("uncertain", "next-hop-protocol-error")
    assert "twice" in outcome.reason


async def test_what_follows_the_answer_to_the_complete_mail_does_not_take_it_back() -> None:
    async with ScriptedHop(saying(DOT="250 2.0.0 Ok queued\r\nbogus")).running() as hop:
        (outcome,) = await relay(hop)
    assert (outcome.name, outcome.reply) == ("relayed", "250 2.0.0 Ok queued")


async def test_a_refusal_stays_when_the_connection_drops_after_it() -> None:
    script = saying(gone="550 5.1.1 No such user", DATA=DROP)
    async with ScriptedHop(script).running() as hop:
        outcomes = await relay(hop, "gone@a.test", "good@a.test")
    assert [o.name for o in outcomes] == ["bounced", "deferred"]


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO"])
@pytest.mark.parametrize("reply", ["554 5.3.2 Not you", "421 4.3.2 Busy"])
async def test_a_refused_session_defers_since_it_is_not_about_the_mail(
    verb: str, reply: str
) -> None:
    async with ScriptedHop(saying(**{verb: reply, "HELO": reply})).running() as hop:
        (outcome,) = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-refused-connection")
    assert outcome.reply == reply


async def test_a_server_without_ehlo_gets_helo_and_the_mail() -> None:
    async with ScriptedHop(saying(EHLO="502 5.5.2 What?")).running() as hop:
        (outcome,) = await relay(hop)
    assert outcome.name == "relayed"
    assert hop.taken[0].mail_command == "FROM:<from@example.com>"


async def test_a_next_hop_that_is_down_defers() -> None:
    async with ScriptedHop().running() as hop:
        pass
    (outcome,) = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-unreachable")
    assert outcome.reason == f"127.0.0.1:{hop.port} cannot be reached: connection refused."


async def test_a_server_that_accepts_data_for_nobody_is_given_nothing() -> None:
    script = saying(RCPT="550 5.1.1 No", DATA="354 Go on", DOT="554 5.5.1 No recipients")
    async with ScriptedHop(script).running() as hop:
        (outcome,) = await relay(hop)
    assert (outcome.name, hop.taken) == ("bounced", [])


@pytest.mark.parametrize("garbage", ["hello", "250-a\r\n550 b", "999 x", "250" + "x" * 9000])
async def test_what_is_no_smtp_defers(garbage: str) -> None:
    async with ScriptedHop(saying(MAIL=garbage)).running() as hop:
        (outcome,) = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-protocol-error")


async def test_an_unknown_fault_defers_and_never_bounces() -> None:
    async with ScriptedHop().running() as hop:
        (outcome,) = await relay(hop, "two\r\nlines@a.test")
    assert (outcome.name, outcome.reason_code) == ("deferred", "relay-fault")
    assert "MAIL" not in hop.verbs
