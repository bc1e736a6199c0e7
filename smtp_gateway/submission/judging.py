"""A complete message as it came, judged: what DATA does with it, and what a preview says of it.

Pure: the same bytes and the same sender always come to the same verdict.
"""

from smtp_gateway.mail_policy import MailPolicy
from smtp_gateway.submission import message as messages
from smtp_gateway.submission import policy as rules
from smtp_gateway.submission.data_reader import has_bare_controls
from smtp_gateway.submission.header_rules import MAX_HEADER_BYTES
from smtp_gateway.submission.message import Message
from smtp_gateway.submission.policy import Refusal


def judged(content: bytes, *, sender_address: str, policy: MailPolicy) -> Message | Refusal:
    """The message cut into its header and the rest, if it may go out."""
    if has_bare_controls(content):
        return rules.BARE_CONTROLS
    # A last chunk may end within a line; DATA to the next hop cannot.
    content = content if content.endswith(b"\r\n") else content + b"\r\n"
    if messages.header_bytes(content) > MAX_HEADER_BYTES:
        return rules.HEADER_TOO_LARGE
    message = messages.split(content)
    refusal = rules.judge(message, sender_address=sender_address, policy=policy)
    if message is None or refusal:
        return refusal or rules.MALFORMED
    return message
