"""What is put in front of one delivery's mail. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    """A delivery with this shares its transaction with no other."""

    fields: bytes = b""
    """Whole header fields, with the signatures that cover them."""
    mail_from: str | None = None
    """The envelope sender; None: the mail's."""


OwnById = Mapping[int, Own]
"""By delivery id; of what is not in it nothing is its own."""
NOTHING_OWN: OwnById = {}
"""Every mail goes to all of its recipients as it is."""
