"""One attempt: a message's recipients in one transaction with a next hop, and their outcomes.

The edge where an unknown fault is caught: it defers, and never bounces.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from smtp_gateway import log_context
from smtp_gateway.dsn import with_failures
from smtp_gateway.queue import AGAIN, LOCAL_MAILBOX, LeasedDelivery, Outcome
from smtp_gateway.relay.classify import Ending, Fault, Stage, Verdict, judge
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.destination import Destination, Wait
from smtp_gateway.relay.line import Line, Sent
from smtp_gateway.relay.own.value import NOTHING_OWN, Own, OwnById
from smtp_gateway.relay.retry import Ladders, lifetime_over, next_attempt_at
from smtp_gateway.relay.routing import Choice
from smtp_gateway.relay.session import Ended
from smtp_gateway.relay.transaction import NOBODY, Following
from smtp_gateway.relay_transcripts.notes import Dialogue

log = logging.getLogger(__name__)
_random = secrets.SystemRandom()
_NOTHING = Own()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the outcomes of one attempt have in common."""

    route: str
    sent: Sent
    started: float
    at: datetime

    @property
    def duration_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


class Courier:
    """Carries mail to one destination."""

    def __init__(self, destination: Destination, ladders: Ladders) -> None:
        self.destination, self._ladders = destination, ladders

    async def relay(
        self, deliveries: Sequence[LeasedDelivery], contents: Mapping[int, bytes]
    ) -> list[Outcome]:
        """Attempts the deliveries of one message in whichever session is free."""
        line = Line(self.destination.pool)
        try:
            return await self.attempt(deliveries, lambda: mail_of(deliveries, contents), line)
        finally:
            line.release()

    async def attempt(
        self,
        deliveries: Sequence[LeasedDelivery],
        mail: Callable[[], Mail],
        line: Line,
        following: Following = NOBODY,
    ) -> list[Outcome]:
        """Attempts the deliveries of one message; each gets an outcome, whatever happens.

        Cancelled, it hangs up and returns, too: what is tried again is tried at once then.
        """
        log_context.queue_id.set(deliveries[0].queue_id)
        started = time.monotonic()
        sent = await self._sent(len(deliveries), mail, line, following)
        attempt = Attempt(self.destination.whither.route.name, sent, started, timezone.now())
        verdicts = [judge(ending, sent.next_hop) for ending in sent.endings]
        self.destination.learn(verdicts)
        if any(verdict.category == Fault.PROTOCOL.value for verdict in verdicts):
            # Perhaps our commands and its replies are out of step: in a new session they are not.
            line.hang_up()
        return [
            self._outcome(attempt, delivery, verdict)
            for delivery, verdict in zip(deliveries, verdicts, strict=True)
        ]

    async def _sent(
        self, recipients: int, mail: Callable[[], Mail], line: Line, following: Following
    ) -> Sent:
        next_hop, dialogue = self.destination.name, None
        try:
            return await line.send(mail(), following)
        except Ended as ended:
            ending = ended.ending
            next_hop = str(ended.hop) if ended.hop else next_hop
            if ended.opening.notes:
                dialogue = Dialogue(ended.opening, ended.opening.notes[-1][0], 0)
        except asyncio.CancelledError:
            ending = Ending(Stage.CONNECT, fault=Fault.STOPPED)
        except Exception:
            log.exception("attempt.fault")
            ending = Ending(Stage.CONNECT, fault=Fault.RELAY)
        return Sent(next_hop, "", "", False, [ending] * recipients, dialogue)

    def _outcome(self, attempt: Attempt, delivery: LeasedDelivery, verdict: Verdict) -> Outcome:
        if verdict.name not in AGAIN:
            return outcome(attempt, delivery, verdict)
        if verdict.reason_code == Fault.STOPPED.value:
            return outcome(attempt, delivery, verdict, again_at=attempt.at)
        again_at = next_attempt_at(
            now=attempt.at,
            attempts_before=delivery.attempt_count,
            expires_at=delivery.expires_at,
            ladder=self._ladders[delivery.mail_type],
            random=_random.random(),
            asked_for=verdict.retry_after,
        )
        return outcome(attempt, delivery, verdict, again_at=again_at)


def outcome(
    attempt: Attempt,
    delivery: LeasedDelivery,
    verdict: Verdict,
    *,
    again_at: datetime | None = None,
) -> Outcome:
    """What is recorded. What has no time to be tried again is at the end of its lifetime."""
    is_over = verdict.name in AGAIN and again_at is None
    sent = attempt.sent
    return Outcome(
        delivery=delivery,
        name="expired" if is_over else verdict.name,
        at=attempt.at,
        route=attempt.route,
        next_hop=sent.next_hop,
        reply=verdict.reply,
        reason_code="lifetime-over" if is_over else verdict.reason_code,
        reason=lifetime_over(verdict.reason) if is_over else verdict.reason,
        category=verdict.category,
        fault=verdict.fault,
        tls=sent.tls,
        tls_result=sent.tls_result,
        is_dsn_passed_on=sent.offers_dsn,
        duration_ms=attempt.duration_ms,
        next_attempt_at=again_at,
        dialogue=sent.dialogue,
    )


def expired_waiting(delivery: LeasedDelivery, wait: Wait) -> Outcome:
    """The outcome where the lifetime ends while nothing can be sent."""
    return Outcome(
        delivery=delivery,
        name="expired",
        at=timezone.now(),
        route="",
        reason_code="lifetime-over",
        reason=lifetime_over(wait.reason),
    )


def kept_in_mailbox(delivery: LeasedDelivery, choice: Choice) -> Outcome:
    """The outcome of the mailbox route, which needs no attempt: recording it keeps the mail."""
    return Outcome(
        delivery=delivery,
        name="relayed",
        at=timezone.now(),
        route=choice.spec.name,
        next_hop=LOCAL_MAILBOX,
        reason_code=choice.reason_code,
        reason=choice.reason,
        keep_in_mailbox=True,
    )


def log_outcome(outcome: Outcome) -> None:
    """The one log line of an attempt."""
    level = logging.INFO if outcome.name == "relayed" else logging.WARNING
    log.log(
        level,
        "attempt.%s",
        outcome.name,
        extra={
            "queue_id": outcome.delivery.queue_id,
            "recipient": outcome.delivery.recipient,
            "next_hop": outcome.next_hop,
            "reply": outcome.reply,
            "reason_code": outcome.reason_code,
            "duration_ms": outcome.duration_ms,
        },
    )


def mail_of(
    deliveries: Sequence[LeasedDelivery],
    contents: Mapping[int, bytes],
    own_by_id: OwnById = NOTHING_OWN,
) -> Mail:
    """The mail to deliveries of one message. Raises KeyError where its content is gone."""
    first = deliveries[0]
    own = own_by_id.get(first.delivery_id, _NOTHING)
    asked = [delivery.recipient_dsn for delivery in deliveries]
    return Mail(
        mail_from=first.mail_from if own.mail_from is None else own.mail_from,
        recipients=[delivery.recipient for delivery in deliveries],
        content=own.fields + contents[first.message_id],
        needs_smtputf8=first.needs_smtputf8,
        is_8bit=first.is_8bit,
        dsn=first.dsn,
        recipient_dsn=asked if own.mail_from is None else [*map(with_failures, asked)],
    )
