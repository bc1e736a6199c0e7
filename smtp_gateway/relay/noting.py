"""What a fault adds to the notes of a conversation."""

import time

from smtp_gateway.relay.classify import Ending
from smtp_gateway.relay_transcripts.notes import Event, Note


def end_note(ending: Ending) -> list[Note]:
    """What ended the conversation, where it was no reply: that is noted already."""
    if ending.fault is None:
        return []
    return [(time.monotonic(), Event(ending.fault.value, ending.detail))]
