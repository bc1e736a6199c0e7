"""Dialogues packed into one piece, and back."""

import json
import zlib

import pytest

from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay_transcripts.notes import Dialogue, Event, Note, Opening
from smtp_gateway.relay_transcripts.packing import LONGEST_CHARS, Line, pack, unpack

OPENING = Opening(
    [
        (100.0, Event("connecting", "mx.test:25")),
        (100.25, Reply(220, ("mx.test ESMTP",))),
        (100.25, "EHLO us.test"),
        (100.5, Reply(250, ("mx.test", "PIPELINING"))),
    ]
)


def notes(*more: Note) -> list[Note]:
    return [(160.0, ["MAIL FROM:<a@x.test>", "RCPT TO:<b@y.test>", "DATA"]), *more]


def packed(*dialogues: tuple[int, Dialogue]) -> bytes:
    found = pack(dialogues, relay="here")
    assert found is not None
    return found


def test_a_dialogue_comes_back_line_by_line() -> None:
    dialogue = Dialogue(OPENING, 160.0, 7, notes((160.125, Reply(250, ("Ok",)))))
    transcript = unpack(packed((5, dialogue)))[5]
    assert transcript.relay == "here"
    assert transcript.mail_number == 7
    assert transcript.opened_before_ms == 60_000
    assert transcript.opening == [
        Line(0, "event", "connecting", "mx.test:25"),
        Line(250, "server", "220 mx.test ESMTP"),
        Line(250, "client", "EHLO us.test"),
        Line(500, "server", "250-mx.test\n250 PIPELINING"),
    ]
    assert transcript.lines == [
        Line(0, "client", "MAIL FROM:<a@x.test>"),
        Line(0, "client", "RCPT TO:<b@y.test>"),
        Line(0, "client", "DATA"),
        Line(125, "server", "250 Ok"),
    ]


def test_the_recipients_of_a_transaction_share_its_dialogue() -> None:
    dialogue = Dialogue(OPENING, 160.0, 1, notes())
    found = unpack(packed((1, dialogue), (2, dialogue), (3, Dialogue(OPENING, 161.0, 2, notes()))))
    assert [found[n].recipients for n in (1, 2, 3)] == [2, 2, 1]
    assert found[1] == found[2]


def test_the_opening_of_a_connection_is_kept_once() -> None:
    text = zlib.decompress(packed(*((n, Dialogue(OPENING, 160.0, n, notes())) for n in range(9))))
    assert text.count(b"220 mx.test") == 1
    assert len(json.loads(text)[2]) == 9


def test_no_dialogue_takes_no_room() -> None:
    assert pack([], relay="here") is None


def test_secrets_that_a_server_repeats_are_their_lengths() -> None:
    opening = Opening([(0.0, Reply(535, ("No hunter22 here",)))], ["hunter22"])
    dialogue = Dialogue(opening, 1.0, 1, [(1.0, Reply(550, ("hunter22?",)))])
    raw = zlib.decompress(packed((1, dialogue)))
    assert b"hunter22" not in raw
    assert raw.count(b"[8 bytes]") == 2


@pytest.mark.parametrize(
    "reply",
    [Reply(250, tuple("y" * 1000 for _ in range(200))), Reply(250, ("y" * 4000,))],
    ids=["many lines", "long lines"],
)
def test_of_a_long_dialogue_the_middle_is_left_out(reply: Reply) -> None:
    told = [(160.0 + n, reply) for n in range(60)]
    dialogue = Dialogue(OPENING, 160.0, 1, notes(*told, (300.0, Reply(550, ("The end",)))))
    lines = unpack(packed((1, dialogue)))[1].lines
    assert sum(len(line.words) for line in lines) <= LONGEST_CHARS
    assert lines[0].words == "MAIL FROM:<a@x.test>"
    assert lines[-1].words == "550 The end"
    (gap,) = (line for line in lines if line.speaker == "gap")
    assert int(gap.words) + len(lines) - 1 == 3 + 60 + 1


def test_a_batch_is_bounded_however_long_its_dialogues_are() -> None:
    told = [(160.0 + n, Reply(250, ("y" * 2000,))) for n in range(10)]
    batch = ((n, Dialogue(OPENING, 160.0, 1, list(told))) for n in range(500))
    assert len(zlib.decompress(packed(*batch))) < 2 * 1024 * 1024


def test_letters_that_have_no_utf_8_break_nothing() -> None:
    dialogue = Dialogue(OPENING, 160.0, 1, [(160.0, Reply(250, ("\ud800",)))])
    assert unpack(packed((1, dialogue)))[1].lines == [Line(0, "server", "250 ?")]
