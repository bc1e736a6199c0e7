"""Which sessions are written down: the newest of each, refused ones apart, hanging ones too."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.bridge import Bridge
from smtp_gateway.submission import transcript_log
from smtp_gateway.submission.transcript import CLIENT_LEFT, Snapshot, Transcript
from smtp_gateway.submission.transcript_log import TranscriptLog, Words
from tests.smtp_gateway.submission.talking import plain

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Recorded:
    """A log, and what it had written."""

    def __init__(self, bridge: Bridge) -> None:
        self.snapshots: list[Snapshot] = []
        self.log = TranscriptLog(BatchWriter("sessions", self.write, bridge))
        self.count = 0

    def write(self, sessions: Sequence[Words]) -> None:
        self.snapshots += [words() for words in sessions]

    def begin(self, sender: str = "") -> Transcript:
        self.count += 1
        transcript = self.log.begin(f"{self.count:016x}", "192.0.2.1", AT)
        transcript.sender = sender
        return transcript

    def session(self, sender: str = "", *lines: bytes) -> None:
        transcript = self.begin(sender)
        for line in lines:
            transcript.answered(line) if line[:1].isdigit() else transcript.said(line)
        self.log.end(transcript)

    def numbers(self) -> list[int]:
        return [int(snapshot.session_id, 16) for snapshot in self.snapshots]


@pytest.fixture
async def recorded() -> AsyncIterator[Recorded]:
    bridge = Bridge()
    yield Recorded(bridge)
    bridge.close()


async def test_a_session_is_written_once_it_has_ended(recorded: Recorded) -> None:
    transcript = recorded.begin()
    await recorded.log.flush()
    assert recorded.numbers() == []
    transcript.said(b"NOOP")
    recorded.log.end(transcript)
    recorded.log.end(transcript)
    await recorded.log.flush()
    await recorded.log.flush()
    assert recorded.numbers() == [1]
    assert recorded.snapshots[0].has_ended


async def test_who_only_looks_whether_the_port_is_open_is_not_written(recorded: Recorded) -> None:
    looked = recorded.begin()
    looked.went_over_to_tls("TLSv1.3 AES")
    looked.answered(b"220 mail.example ESMTP\r\n")
    looked.happened(CLIENT_LEFT)
    recorded.log.end(looked)
    recorded.session("", b"220 mail.example ESMTP\r\n", b"QUIT", b"221 2.0.0 Bye\r\n")
    began_tls = recorded.begin()
    began_tls.answered(b"220 mail.example ESMTP\r\n")
    began_tls.left_unfinished(b"\x16\x03\x01")
    began_tls.happened(CLIENT_LEFT)
    recorded.log.end(began_tls)
    recorded.session("", b"220 mail.example ESMTP\r\n", b"421 4.4.2 Timed out\r\n")
    await recorded.log.flush()
    assert recorded.numbers() == [3, 4]


async def test_who_looked_for_long_enough_to_be_shown_as_open_is_shown_to_have_left(
    recorded: Recorded,
) -> None:
    looked = recorded.begin()
    looked.answered(b"220 mail.example ESMTP\r\n")
    recorded.log.take_quiet(looked.newest_at + transcript_log.QUIET_SECONDS)
    looked.happened(CLIENT_LEFT)
    recorded.log.end(looked)
    await recorded.log.flush()
    assert [snapshot.has_ended for snapshot in recorded.snapshots] == [False, True]


async def test_of_a_busy_address_only_the_newest_are_written(recorded: Recorded) -> None:
    for _ in range(1000):
        recorded.session("busy@shop.example", b"NOOP")
    recorded.session("calm@shop.example", b"NOOP")
    await recorded.log.flush()
    assert sorted(recorded.numbers()) == [*range(991, 1002)]


async def test_a_refused_session_is_not_pushed_out_by_those_that_went_well(
    recorded: Recorded,
) -> None:
    recorded.session("busy@shop.example", b"DATA", b"550 5.7.1 No\r\n")
    for _ in range(100):
        recorded.session("busy@shop.example", b"NOOP")
    await recorded.log.flush()
    assert 1 in recorded.numbers()
    assert len(recorded.numbers()) == 11


async def test_strangers_cannot_push_out_who_is_logged_in(recorded: Recorded) -> None:
    recorded.session("app@shop.example", b"NOOP")
    for number in range(2000):
        line = f"AUTH PLAIN {plain(f'x{number}@shop.example', 'GoodPass12')}"
        recorded.session("", line.encode(), b"535 5.7.8 No\r\n")
    await recorded.log.flush()
    assert 1 in recorded.numbers()
    assert len(recorded.numbers()) == 100


async def test_of_many_addresses_each_has_its_newest_written_first(recorded: Recorded) -> None:
    for _ in range(10):
        for number in range(60):
            recorded.session(f"app{number}@shop.example", b"NOOP")
    await recorded.log.flush()
    written = recorded.numbers()
    assert len(written) == 100
    assert set(range(541, 601)) <= set(written)


async def test_a_hanging_session_is_written_while_it_hangs(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("smtp_gateway.submission.transcript.monotonic", lambda: clock[0])
    hanging = recorded.begin()
    hanging.said(b"EHLO client.example")

    async def look(after: float) -> int:
        clock[0] += after
        before = len(recorded.snapshots)
        recorded.log.take_quiet(clock[0])
        await recorded.log.flush()
        return len(recorded.snapshots) - before

    assert await look(transcript_log.QUIET_SECONDS - 1) == 0
    assert await look(2) == 1
    assert not recorded.snapshots[0].has_ended
    assert await look(100) == 0, "nothing new was said"
    hanging.said(b"NOOP")
    assert await look(1) == 0, "it is not quiet"
    assert await look(3) == 1
    hanging.said(b"NOOP")
    assert await look(3) == 0, "one that is often quiet is written less often"
    assert await look(3) == 1
    recorded.log.end(hanging)
    await recorded.log.flush()
    assert recorded.snapshots[-1].has_ended
