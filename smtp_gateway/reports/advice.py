"""What the reader of a report can do, in one sentence. Pure."""

from collections.abc import Mapping

from smtp_gateway.queue.report_values import Notice

# So the rules for replies begin where a mail that is tried again needs nothing.
_JUST_WAIT = "Nothing has to be done"
# Where the rules know nothing better.
_BY_REASON = {
    "next-hop-refused-recipient": "Check the address, and stop sending to it if it is not right.",
    "next-hop-refused-sender": "Ask the people who run DirectMail here why the sender is refused.",
    "next-hop-refused-mail": "Change the mail before you send it again: its content was refused.",
    "lifetime-over": "Check what stands behind the @, and send it again later.",
}
_ANYTHING_ELSE = "Send it again later, or ask the people who run DirectMail here."
_WAIT = "Nothing: it is tried again, and you hear of it if that fails."


def advice(notice: Notice, by_category: Mapping[str, str]) -> str:
    """`by_category`: what the rules for replies advise. Empty: there is nothing to do."""
    ruled = by_category.get(notice.last.category, "")
    if ruled.startswith(_JUST_WAIT):
        ruled = ""
    if notice.kind == "failed":
        return ruled or _BY_REASON.get(notice.reason_code, _ANYTHING_ELSE)
    if notice.kind == "delayed":
        return ruled if ruled and notice.last.fault == "us" else _WAIT
    return ""
