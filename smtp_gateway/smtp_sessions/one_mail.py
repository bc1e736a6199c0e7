"""Of a session's dialogue, what was said about one mail."""

import re
from collections.abc import Sequence

from smtp_gateway.smtp_sessions.reading import Spoken
from smtp_gateway.submission.transcript import CLIENT, GAP

_MAIL = re.compile(r"MAIL\b", re.IGNORECASE)
# A client may send the next MAIL before it has the reply to this mail.
_CONTENT = re.compile(r"\[\d+ bytes of mail")


def about(spoken: Sequence[Spoken], queue_id: str) -> list[Spoken]:
    """How the session was opened, and the transaction that the mail came in.

    The whole dialogue where that transaction is not in it: long ones are shortened.
    """
    begins = [number for number, line in enumerate(spoken) if _is_from(line, _MAIL)]
    end = next((n for n, line in enumerate(spoken) if line.queue_id == queue_id), 0)
    content = max((n for n, line in enumerate(spoken[:end]) if _is_from(line, _CONTENT)), default=0)
    begin = max((number for number in begins if number < content), default=0)
    if not begin:
        return list(spoken)
    before, opened = spoken[begins[0] : begin], spoken[: begins[0]]
    return [*opened, *_left_out(before), *spoken[begin : end + 1]]


def _left_out(lines: Sequence[Spoken]) -> list[Spoken]:
    count = sum(int(line.words) if line.speaker == GAP else 1 for line in lines)
    return [Spoken(lines[0].at, GAP, "", str(count))] if lines else []


def _is_from(line: Spoken, words: re.Pattern[str]) -> bool:
    return line.speaker == CLIENT and words.match(line.words) is not None
