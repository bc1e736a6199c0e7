"""What the relay and next hops said to each other is kept beside the outcome."""

import ssl
from collections.abc import Sequence

import pytest
from pytest_django.fixtures import Settings

from smtp_gateway import queue
from smtp_gateway.models import Attempt, RelayTranscript
from smtp_gateway.queue import Outcome
from smtp_gateway.relay.kept_dialogues import kept_transcripts
from smtp_gateway.relay.next_hop import Security
from smtp_gateway.relay_transcripts.packing import Transcript, pack, unpack
from tests.smtp_gateway.queued import enqueue, states
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import DROP, HANG, USUAL, ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import (
    CONTENT,
    IMPATIENT,
    hop_at,
    make_courier,
    make_delivery,
    relay,
)

PASSWORD = "correct horse battery"


def transcript(outcome: Outcome) -> Transcript:
    assert outcome.dialogue is not None
    found = pack([(1, outcome.dialogue)], relay="here")
    assert found is not None
    return unpack(found)[1]


def told(outcome: Outcome) -> list[str]:
    """All that was said, opening and transaction; events in parentheses."""
    found = transcript(outcome)
    return [
        f"({line.words} {line.detail})" if line.speaker == "event" else line.words
        for line in (*found.opening, *found.lines)
    ]


async def test_a_transaction_is_told_from_the_connection_to_the_last_reply() -> None:
    async with ScriptedHop(extensions=("PIPELINING",)).running() as hop:
        (outcome,) = await relay(hop)
        assert told(outcome) == [
            f"(connecting 127.0.0.1:{hop.port})",
            f"(connected 127.0.0.1:{hop.port})",
            "220 hop.test ESMTP",
            "EHLO us.test",
            "250-hop.test\n250 PIPELINING",
            "MAIL FROM:<from@example.com>",
            "RCPT TO:<to@example.net>",
            "DATA",
            "250 2.1.0 Ok",
            "250 2.1.5 Ok",
            "354 Go on",
            f"[{len(CONTENT)} bytes]",
            "250 2.0.0 Taken",
        ]


async def test_without_pipelining_question_and_answer_take_turns() -> None:
    async with ScriptedHop(extensions=()).running() as hop:
        (outcome,) = await relay(hop)
        assert told(outcome)[-8:] == [
            "MAIL FROM:<from@example.com>",
            "250 2.1.0 Ok",
            "RCPT TO:<to@example.net>",
            "250 2.1.5 Ok",
            "DATA",
            "354 Go on",
            f"[{len(CONTENT)} bytes]",
            "250 2.0.0 Taken",
        ]


async def test_a_chunk_is_told_by_its_size() -> None:
    async with ScriptedHop(extensions=(*USUAL, "CHUNKING")).running() as hop:
        (outcome,) = await relay(hop)
        size = len(CONTENT)
        assert told(outcome)[-2:] == [f"BDAT {size} LAST [{size} bytes]", "250 2.0.0 Taken"]


async def test_nothing_of_a_mail_is_kept() -> None:
    async with ScriptedHop().running() as hop:
        (outcome,) = await relay(hop, content=b"Subject: Hush\r\n\r\nTop secret.\r\n")
        assert not [line for line in told(outcome) if "Hush" in line or "secret" in line]


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
async def test_a_log_in_is_told_without_user_and_password(
    certificate: Certificate, mechanisms: str
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return f"235 Welcome, {PASSWORD}" if verb == "AUTH" else None

    hop = ScriptedHop(script, users={"us": PASSWORD}, mechanisms=mechanisms)
    hop.starttls = certificate.server_context
    async with hop.running():
        courier = make_courier(hop_at(hop, user="us", password=PASSWORD))
        (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
        courier.destination.pool.close()
    said = "\n".join(told(outcome))
    assert outcome.name == "relayed"
    assert f"AUTH {mechanisms}" in said
    assert "235 Welcome, [21 bytes]" in said
    assert PASSWORD not in said
    for command in (line for line in told(outcome) if line.startswith("[")):
        assert command.endswith("bytes]")
    assert "(tls TLSv1.3" in said


async def test_tls_that_fails_is_told() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop, security=Security.REQUIRED))
        (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
    assert told(outcome)[-1] == (
        "(next-hop-tls-failed it offers no STARTTLS, and its route requires it)"
    )
    assert transcript(outcome).mail_number == 0


async def test_implicit_tls_is_told(certificate: Certificate) -> None:
    context: ssl.SSLContext = certificate.server_context
    async with ScriptedHop(implicit_tls=context).running() as hop:
        courier = make_courier(hop_at(hop, security=Security.IMPLICIT))
        (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
        courier.destination.pool.close()
    assert told(outcome)[2].startswith("(tls TLSv1.3")


async def test_a_connection_that_cannot_be_opened_is_told() -> None:
    async with ScriptedHop().running() as hop:
        target = hop_at(hop)
    courier = make_courier(target)
    (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
    assert told(outcome) == [
        f"(connecting 127.0.0.1:{target.port})",
        "(next-hop-unreachable connection refused)",
    ]


@pytest.mark.parametrize(
    ("answer", "end"),
    [(DROP, "(next-hop-connection-lost )"), (HANG, "(next-hop-timeout )")],
    ids=["hangs up", "silent"],
)
async def test_a_fault_in_the_middle_is_told_where_it_came(answer: str, end: str) -> None:
    hop = ScriptedHop(lambda verb, argument: answer if verb == "RCPT" else None)
    async with hop.running():
        outcomes = await relay(hop, "a@x.test", "b@x.test", timeouts=IMPATIENT)
    assert told(outcomes[0])[-2:] == ["250 2.1.0 Ok", end]
    assert outcomes[0].dialogue is outcomes[1].dialogue


async def test_each_mail_of_a_connection_has_its_own_lines_and_the_same_opening() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop))
        first, second = [
            (await courier.relay([make_delivery(to)], {1: CONTENT}))[0] for to in ("a@x", "b@x")
        ]
        courier.destination.pool.close()
    assert first.dialogue is not None
    assert second.dialogue is not None
    assert first.dialogue.opening is second.dialogue.opening
    assert (transcript(first).mail_number, transcript(second).mail_number) == (1, 2)
    assert [line for line in told(first) if line.startswith("RCPT")] == ["RCPT TO:<a@x>"]
    assert [line for line in told(second) if line.startswith("RCPT")] == ["RCPT TO:<b@x>"]


# --- Beside outcomes -----------------------------------------------------------------------------


def record(relay_id: int, outcomes: Sequence[Outcome]) -> set[int]:
    """As the process does it."""
    return queue.record(
        relay_id=relay_id, outcomes=outcomes, transcripts=kept_transcripts(outcomes)
    )


def kept(queue_id: str) -> dict[str, Transcript | None]:
    """By recipient."""
    found = {}
    for attempt in Attempt.objects.filter(delivery__message__queue_id=queue_id):
        row = RelayTranscript.objects.filter(pk=attempt.transcript_id).first()
        transcripts = unpack(bytes(row.packed)) if row else {}
        found[attempt.delivery.recipient] = transcripts.get(attempt.delivery_id)
    return found


def refuse_b(verb: str, argument: str) -> str | None:
    return "550 5.1.1 No such user" if (verb, argument) == ("RCPT", "b@x.test") else None


async def relayed(database: Queue, hop: ScriptedHop, *queue_ids: str) -> None:
    async with running_relay(hop, record=record):
        for queue_id in queue_ids:
            await database.until(
                lambda queue_id=queue_id: all(
                    state in ("relayed", "bounced") for _, state in states(queue_id)
                )
            )


async def test_a_transcript_is_recorded_with_the_outcomes(database: Queue) -> None:
    async with ScriptedHop(refuse_b).running() as hop:
        queue_id = await database.do(enqueue, "a@x.test", "b@x.test")
        await relayed(database, hop, queue_id)
    found = await database.do(kept, queue_id)
    first, second = found["a@x.test"], found["b@x.test"]
    assert first is not None
    assert first == second
    assert first.recipients == 2
    assert "550 5.1.1 No such user" in [line.words for line in first.lines]


async def test_those_of_relayed_mail_can_be_left_out(database: Queue, settings: Settings) -> None:
    settings.RELAY_TRANSCRIPTS_OF_RELAYED = False
    async with ScriptedHop(refuse_b).running() as hop:
        taken = await database.do(enqueue, "a@x.test")
        refused = await database.do(enqueue, "b@x.test")
        await relayed(database, hop, taken, refused)
    assert (await database.do(kept, taken))["a@x.test"] is None
    assert (await database.do(kept, refused))["b@x.test"] is not None


async def test_with_no_lifetime_none_is_kept(database: Queue, settings: Settings) -> None:
    settings.RELAY_TRANSCRIPT_LIFETIME = 0 * settings.RELAY_TRANSCRIPT_LIFETIME
    async with ScriptedHop(refuse_b).running() as hop:
        queue_id = await database.do(enqueue, "b@x.test")
        await relayed(database, hop, queue_id)
    assert await database.do(RelayTranscript.objects.count) == 0
    assert (await database.do(Attempt.objects.get)).transcript_id is None


async def test_the_route_of_an_attempt_is_its_name() -> None:
    async with ScriptedHop().running() as hop:
        (outcome,) = await relay(hop)
    assert outcome.route == "test"
