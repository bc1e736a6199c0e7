"""How many recipients: of one mail, in an hour and a day, and one of them again and again.

Each refusal is temporary: the mail is right, but there is too much of it.
"""

import unicodedata
from datetime import UTC, datetime

from smtp_gateway.identity import Sender
from smtp_gateway.submission import replies
from smtp_gateway.submission.policy import Refusal
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import Transaction

QUOTA_REACHED = "quota-reached"
RECIPIENT_TOO_OFTEN = "recipient-too-often"


def refusal_of_one_more(
    services: Services, sender: Sender, transaction: Transaction, identity: str
) -> Refusal | None:
    """Whether the mailbox `identity` may be one more recipient of this mail, asked at RCPT."""
    count = len(transaction.recipients) + 1
    most = services.config.max_recipients
    if count > min(most, sender.policy.max_recipients or most):
        return Refusal("too-many-recipients", replies.TOO_MANY_RECIPIENTS)
    now = services.now()
    if services.quotas and (reached := services.quotas.refusal(sender, count, now)):
        return Refusal(QUOTA_REACHED, replies.quota_reached_by_recipient(reached, now))
    most = services.config.max_mails_per_recipient
    if services.recent is None or not most:
        return None
    mailbox = one_mailbox(identity)
    full_until = services.recent.known_full_until(sender.address, mailbox, now.timestamp(), most)
    if full_until is None:
        return None
    reply = replies.too_many_to_recipient(most, _window(services), _moment(full_until), now)
    return Refusal(RECIPIENT_TOO_OFTEN, reply)


def count_recipients(
    services: Services, sender: Sender, transaction: Transaction
) -> Refusal | None:
    """Counts a whole mail against each of its recipients, or none where one has had enough."""
    recent, most = services.recent, services.config.max_mails_per_recipient
    if recent is None or not most:
        return None
    now = services.now()
    transaction.counted_at = now.timestamp()
    full_until = None
    for identity in transaction.recipients:
        mailbox = one_mailbox(identity)
        until = recent.add(sender.address, mailbox, transaction.counted_at, most)
        full_until = max(filter(None, (full_until, until)), default=None)
    if full_until is None:
        return None
    uncount_recipients(services, sender.address, transaction)
    reply = replies.too_many_to_one_of_them(most, _window(services), _moment(full_until), now)
    return Refusal(RECIPIENT_TOO_OFTEN, reply)


def uncount_recipients(services: Services, address: str, transaction: Transaction) -> None:
    """The mail was not accepted after all."""
    if services.recent is not None and transaction.counted_at:
        for identity in transaction.recipients:
            services.recent.remove(address, one_mailbox(identity), transaction.counted_at)
        transaction.counted_at = 0.0


def one_mailbox(identity: str) -> str:
    """The same however the local part is written, as it is for suppressions; the domain of an
    `identity` is in A-labels and lower case already.
    """
    mailbox = identity.lower()
    return mailbox if mailbox.isascii() else unicodedata.normalize("NFC", mailbox)


def _window(services: Services) -> int:
    return int(services.config.recipient_window.total_seconds())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
