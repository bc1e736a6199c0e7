"""Rules about a message's header as a whole: how large, how often each field. Pure."""

from collections.abc import Sequence

MAX_HEADER_BYTES = 256 * 1024
# Fewer than the 100 that RFC 5321 section 6.3 suggests: no mail on its way out has 50 behind it.
LOOP_HOPS = 50

SINGLE_FIELDS = {
    name.lower().encode(): name
    for name in (
        "Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To",
        "References", "Subject",
    )
}  # fmt: skip
"""Lower-case name to the name as people write it: at most one of each (RFC 5322 section 3.6)."""


def field_given_twice(names: Sequence[bytes]) -> str:
    """The first field that must be single and is not, as people write it; empty: none.

    `names`: of all fields, in lower case.
    """
    # Most mails name nothing twice: one set tells.
    if len(set(names)) == len(names):
        return ""
    return next((shown for name, shown in SINGLE_FIELDS.items() if names.count(name) > 1), "")


def is_looping(names: Sequence[bytes]) -> bool:
    """Whether it has been through so many hands that it must be going round in circles."""
    return names.count(b"received") >= LOOP_HOPS
