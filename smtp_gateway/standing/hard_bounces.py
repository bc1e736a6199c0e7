"""What counts as a hard bounce: the recipient's fault, and for good."""

HARD = (
    "no-such-mailbox", "mailbox-disabled", "mailbox-moved", "domain-does-not-exist",
    "domain-takes-no-mail", "bad-address",
)  # fmt: skip
"""Categories of the rules for replies. A full mailbox may be emptied, and a refusal without a clear
reason proves nothing."""
