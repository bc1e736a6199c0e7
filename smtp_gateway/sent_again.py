"""How a mail that was sent again and its original know of each other. Pure.

Each `sent-again` event names the other mail in its reason code.
"""

from dataclasses import dataclass

SENT_AS = "sent-as:"
"""Before the queue id of the new mail, at the original."""
COPY_OF = "copy-of:"
"""Before the queue id of the original, at the new mail."""


@dataclass(frozen=True, slots=True)
class OtherMail:
    """The mail at the other end."""

    queue_id: str
    is_original: bool


def other_mail(reason_code: str) -> OtherMail | None:
    """What the reason code of a `sent-again` event names; None: it is another code."""
    for prefix in (SENT_AS, COPY_OF):
        if reason_code.startswith(prefix):
            return OtherMail(reason_code.removeprefix(prefix), is_original=prefix == COPY_OF)
    return None
