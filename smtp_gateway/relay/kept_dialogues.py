"""Which dialogues are kept beside outcomes, by the settings."""

import socket
from collections.abc import Sequence

from django.conf import settings

from smtp_gateway.queue import Outcome
from smtp_gateway.relay_transcripts.packing import pack


def kept_transcripts(outcomes: Sequence[Outcome]) -> bytes | None:
    """What of a batch is kept, packed; None: nothing."""
    if not settings.RELAY_TRANSCRIPT_LIFETIME:
        return None
    keeps_all = settings.RELAY_TRANSCRIPTS_OF_RELAYED
    told = (
        (outcome.delivery.delivery_id, outcome.dialogue)
        for outcome in outcomes
        if outcome.dialogue is not None and (keeps_all or outcome.name != "relayed")
    )
    return pack(told, relay=socket.gethostname())
