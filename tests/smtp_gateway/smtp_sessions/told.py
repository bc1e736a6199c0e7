"""Sessions as a gateway records them, for tests of what becomes of them."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone

from smtp_gateway.identity import Credential
from smtp_gateway.smtp_sessions import store
from smtp_gateway.submission.transcript import Snapshot, Transcript

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def make_snapshot(
    *lines: str,
    sender: str = "",
    mail_count: int = 0,
    session_id: str = "",
    began_at: datetime | None = None,
    has_ended: bool = True,
    credential: Credential | None = None,
) -> Snapshot:
    """`lines`: those of the server begin with a digit, events with a ! and the client's do not."""
    session_id = session_id or f"{next(_numbers):016x}"
    transcript = Transcript(session_id, "192.0.2.1", began_at or timezone.now())
    for line in lines:
        if line.startswith("!"):
            transcript.happened(line[1:])
        elif line[:1].isdigit():
            transcript.answered(f"{line}\r\n".encode())
        else:
            transcript.said(line.encode())
    transcript.sender, transcript.mail_count = sender, mail_count
    transcript.has_ended, transcript.credential = has_ended, credential
    return transcript.snapshot()


def keep(*snapshots: Snapshot, known: Sequence[str] = ("app@shop.example",)) -> None:
    """Writes them down; `known` are the sender addresses there are."""
    store.write(snapshots, known=lambda names: set(names) & set(known))
