"""What is not sent any more because its recipient was suppressed while the mail waited.

It bounces, and its sender is told as of any bounce: mail that was accepted never just goes away.
DirectMail's own mail is sent all the same: it is what mends things, and somebody waits for it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from smtp_gateway import reasons
from smtp_gateway.queue import LeasedDelivery, Outcome
from smtp_gateway.relay.database import insist
from smtp_gateway.submission.suppression import Answer, Suppressed

LookUp = Callable[[str, str, str], Answer]
"""Of a sender address, a mail type and a recipient."""


async def stopped(
    leased: Sequence[LeasedDelivery], look_up: LookUp, now: Callable[[], datetime]
) -> list[Outcome]:
    """The outcomes of those whose recipient is suppressed; waits where memory is not certain."""
    unsure = [each for each in leased if _may_be(each, look_up)]
    if not unsure:
        return []
    found = await asyncio.gather(*(insist(partial(_asked, one, look_up)) for one in unsure))
    return [_outcome(one, why, now()) for one, why in zip(unsure, found, strict=True) if why]


def _may_be(delivery: LeasedDelivery, look_up: LookUp) -> bool:
    if delivery.origin == "system":
        return False
    answer = look_up(delivery.sender_address, delivery.mail_type, delivery.recipient)
    if answer is None or isinstance(answer, Suppressed):
        return answer is not None
    answer.close()
    return True


async def _asked(delivery: LeasedDelivery, look_up: LookUp) -> Suppressed | None:
    answer = look_up(delivery.sender_address, delivery.mail_type, delivery.recipient)
    return answer if answer is None or isinstance(answer, Suppressed) else await answer


def _outcome(delivery: LeasedDelivery, why: Suppressed, now: datetime) -> Outcome:
    whom = f"the domain {why.domain}" if why.domain else delivery.recipient
    status = "5.1.1" if why.is_unknown_mailbox else "5.7.1"
    return Outcome(
        delivery=delivery,
        name="bounced",
        at=now,
        route="",
        reason_code=reasons.SUPPRESSED,
        reason=(
            f"Not sent: since {why.since:%Y-%m-%d} no mail goes to {whom}: {why.reason} ({status})."
        ),
    )
