"""What the relay and next hops said to each other, without secrets and without the mail."""

from django.db import models


class RelayTranscript(models.Model):
    """The dialogues of attempts that were recorded together; `Attempt.transcript_id` names it."""

    at = models.DateTimeField()
    packed = models.BinaryField()
    """By delivery: what `relay_transcripts.packing` makes and reads."""

    class Meta:
        indexes = [models.Index(fields=["at"], name="relay_transcript_by_time")]

    def __str__(self) -> str:
        return f"transcripts of {self.at:%Y-%m-%d %H:%M:%S}"
