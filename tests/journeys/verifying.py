"""An operator who asks for the proof of a reply-to, and the mails that come of it."""

import re

from tests.journeys.console import Console
from tests.journeys.relaying import Tables


def ask_for_proof(console: Console, address: str, reply_to: str) -> None:
    """Creates the sender address, and has a link mailed to `reply_to`."""
    console.post(
        "/sender-addresses/create/", address=address, mail_type="trigger", reply_to=reply_to
    )
    page = console.get(f"/sender-addresses/?q={address}").text
    found = re.search(r"/sender-addresses/(\d+)/", page)
    assert found, page
    console.post(f"/sender-addresses/{found.group(1)}/reply-to/verify/")


def link_mails(tables: Tables, mailbox: str) -> list[str]:
    """Queue ids of all mails that were made for it."""
    query = (
        "SELECT queue_id FROM smtp_gateway_message AS message"
        " JOIN smtp_gateway_delivery AS delivery ON delivery.message_id = message.id"
        " WHERE recipient = %s"
    )
    return [queue_id for (queue_id,) in tables.rows(query, mailbox)]


def mail_state(tables: Tables, mailbox: str) -> str:
    """How far the mail with the link has come."""
    query = "SELECT mail_state FROM verification_verification WHERE mailbox = %s"
    ((state,),) = tables.rows(query, mailbox)
    return str(state)
