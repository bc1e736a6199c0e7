"""Complaints: multipart/report with message/feedback-report (RFC 5965, RFC 6650). Pure."""

from smtp_gateway.returns.reading.fields import Block, address_in, behind_type, blocks_of
from smtp_gateway.returns.reading.parts import Parts
from smtp_gateway.returns.reading.said import MAX_DIAGNOSTIC_CHARS, Kind, Said

_KIND = "message/feedback-report"
_KINDS: dict[str, Kind] = {
    "abuse": "complaint",
    "fraud": "complaint",
    "opt-out": "opt-out",
    "opt-out-list": "opt-out",
}


def read_feedback(parts: Parts) -> Said | None:
    """What a mailbox provider passes on of what its user said; None: it is no such report."""
    blocks = [block for text in parts.of_kind(_KIND) for block in blocks_of(text)]
    block = next((each for each in blocks if "feedback-type" in each), None)
    if block is None:
        return None
    recipient = block.get("original-rcpt-to", "") or block.get("removal-recipient", "")
    feedback_type = block["feedback-type"].strip().lower()[:20]
    return Said(
        _KINDS.get(feedback_type, "feedback"),
        read_by="RFC 5965",
        recipient=address_in(recipient),
        reporting_host=_reporter(block),
        diagnostic=_own_words(parts),
        feedback_type=feedback_type,
    )


def _reporter(block: Block) -> str:
    return (behind_type(block.get("reporting-mta", "")) or block.get("user-agent", ""))[:255]


def _own_words(parts: Parts) -> str:
    text = next(iter(parts.of_kind("text/plain", "text/html")), "")
    return " ".join(text.split())[:MAX_DIAGNOSTIC_CHARS]
