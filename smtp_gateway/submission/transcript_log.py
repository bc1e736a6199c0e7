"""Which transcripts are written down, and when: those that ended, and those where nothing moves.

Knows no table: the writer is handed in. Of a busy application only the newest sessions are taken,
since no more of them are kept, and refused ones never compete with those that went well.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from time import monotonic

from smtp_gateway.batch_writer import FLUSH_SECONDS, BatchWriter
from smtp_gateway.submission.transcript import Snapshot, Transcript

QUIET_SECONDS = 3.0
"""A running session that says nothing for so long is written as it stands."""
_LONGEST_PAUSE_SECONDS = 60.0
_NEWEST_OF_EACH = 10
_MOST_GROUPS = 300
_MOST_AT_ONCE = 100
_MOST_QUIET_AT_ONCE = 50

_Group = tuple[str, bool]
"""Who claims to be there, and whether anything was refused."""


Words = Callable[[], Snapshot]
"""To be called where it costs the event loop nothing."""


class TranscriptLog:
    """All transcripts of a process; part of the server's background work."""

    def __init__(self, writer: BatchWriter[Words]) -> None:
        self._writer = writer
        self._open: dict[Transcript, None] = {}
        self._written: dict[Transcript, tuple[int, float, float]] = {}
        """Of running ones: lines when last written, when to look again, and the pause after it."""
        # Strangers have groups of their own: they cannot push out who is logged in.
        self._ended: dict[bool, OrderedDict[_Group, deque[Transcript]]] = {
            True: OrderedDict(),
            False: OrderedDict(),
        }

    def begin(self, session_id: str, ip: str, at: datetime) -> Transcript:
        """For a session that begins; `end` must follow."""
        transcript = Transcript(session_id, ip, at)
        self._open[transcript] = None
        return transcript

    def end(self, transcript: Transcript) -> None:
        """Nothing more will be told; a second time changes nothing."""
        if transcript.has_ended:
            return
        transcript.has_ended = True
        self._open.pop(transcript, None)
        was_written = self._written.pop(transcript, None) is not None
        if transcript.is_silent and not was_written:
            # Health checks would push out all else; but what was shown as open must get its end.
            return
        groups = self._ended[bool(transcript.sender)]
        group = (transcript.claimed, transcript.refusal_count > 0)
        if group not in groups:
            groups[group] = deque(maxlen=_NEWEST_OF_EACH)
            if len(groups) > _MOST_GROUPS:
                groups.popitem(last=False)
        groups[group].append(transcript)

    async def flush_forever(self) -> None:
        """Until cancelled; what is left then is for the last `flush`."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.take_quiet(monotonic())
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Writes those that ended."""
        for transcript in self._take_ended():
            # It changes no more, so the words can be made where the database work is done.
            self._writer.put(transcript.snapshot)
        await self._writer.flush()

    def take_quiet(self, now: float) -> None:
        """Has running sessions written where nobody says anything. `now`: monotonic seconds."""
        taken = 0
        for transcript in self._open:
            if now - transcript.newest_at < QUIET_SECONDS or not self._has_news(transcript, now):
                continue
            self._writer.put(_made(transcript.snapshot()))
            if (taken := taken + 1) >= _MOST_QUIET_AT_ONCE:
                return

    def _take_ended(self) -> list[Transcript]:
        """The newest of each group, then the next ones, as many as are written at once."""
        taken: list[Transcript] = []
        for groups in self._ended.values():
            by_refusal = sorted(groups.items(), key=lambda item: not item[0][1])
            taken += _by_turns([transcripts for _, transcripts in by_refusal])
            groups.clear()
        # The oldest is written first, since what is newest is found by the order of writing.
        return taken[:_MOST_AT_ONCE][::-1]

    def _has_news(self, transcript: Transcript, now: float) -> bool:
        """Whether it is worth writing again; a client that is often quiet is so less and less."""
        count, again_at, pause = self._written.get(transcript, (-1, 0.0, QUIET_SECONDS))
        if transcript.line_count == count or now < again_at:
            return False
        longer = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        self._written[transcript] = (transcript.line_count, now + pause, longer)
        return True


def _made(snapshot: Snapshot) -> Words:
    return lambda: snapshot


def _by_turns(groups: Sequence[deque[Transcript]]) -> Iterator[Transcript]:
    """The newest of each, then the second of each, and so on."""
    turns = chain.from_iterable(zip_longest(*(reversed(group) for group in groups)))
    return (transcript for transcript in turns if transcript is not None)
