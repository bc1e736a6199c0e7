"""What the reader of a report can do, in one sentence. Pure."""

from collections.abc import Mapping

from smtp_gateway.queue.report_values import Notice

_BY_REASON = {
    "next-hop-refused-recipient": "Check the address, and stop sending to it if it is not right.",
    "next-hop-refused-sender": "Ask the people who run DirectMail here why the sender is refused.",
    "next-hop-refused-mail": "Change the mail before you send it again: its content was refused.",
    "next-hop-without-smtputf8": "Use an address and headers of plain letters, or another way.",
    "lifetime-over": "Check what stands behind the @, and send it again later.",
}
_BY_FAULT = {
    "recipient": "Check the address, and stop sending to it if it is not right.",
    "content": "Change the mail before you send it again: its content was refused.",
    "us": "Ask the people who run DirectMail here: the cause is on this side.",
    "network": "Send it again later.",
}
_BY_KIND = {
    "failed": "Send it again later, or ask the people who run DirectMail here.",
    "delayed": "Nothing: it is tried again, and you hear of it if that fails.",
    "delivered": "",
    "relayed": "",
}


def advice(notice: Notice, by_category: Mapping[str, str]) -> str:
    """`by_category`: what the rules for replies advise. Empty: there is nothing to do."""
    if notice.kind != "failed":
        return _BY_KIND[notice.kind]
    return (
        by_category.get(notice.last.category)
        or _BY_REASON.get(notice.reason_code)
        or _BY_FAULT.get(notice.last.fault)
        or _BY_KIND["failed"]
    )
