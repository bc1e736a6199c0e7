"""Mail with every fate, for the tests of the counts."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from smtp_gateway import queue
from smtp_gateway.happened import Happened, those_of
from smtp_gateway.models import Attempt, CountedOutcome, Delivery
from smtp_gateway.queue import acting
from smtp_gateway.rollups import reading
from smtp_gateway.rollups.values import Counts, Number, by_reason, total
from tests.smtp_gateway.queued import enqueue, lease

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SENDERS = ("app@example.com", "shop@example.com", "")
REASONS = ("mailbox-full", "rate-limited", "")


def accept(at: datetime, *, number: int = 1, **changes: Any) -> str:
    """A mail to so many recipients."""
    recipients = [f"r{each}@example.net" for each in range(number)]
    changes = {"expires_at": at + timedelta(days=1), **changes}
    return enqueue(*recipients, accepted_at=at, **changes)


def attempt(
    name: Any, at: datetime, *, most: int = 100, lane: Any = "trigger", **fields: Any
) -> int:
    """An attempt at what is due, up to `most`; at how many."""
    relay_id = queue.register_relay(host="relay.test", pid=1)
    leased = lease(relay_id, lane=lane, limit=most)
    if name in queue.AGAIN:
        fields["next_attempt_at"] = at
    outcomes = [queue.Outcome(each, name, at=at, route="smarthost", **fields) for each in leased]
    if outcomes:
        queue.record(relay_id=relay_id, outcomes=outcomes)


def crash() -> None:
    """A relay dies with all that is due in its hand."""
    relay_id = queue.register_relay(host="relay.test", pid=1)
    for lane in ("trigger", "batch"):
        lease(relay_id, lane=lane)
    queue.free_leases_of_dead(silent_for=timedelta(days=1), gone=[relay_id])


def live(chance: random.Random, now: datetime, *, steps: int) -> None:
    """So many things that may happen to mail, in the five days before `now`, in no order."""
    for _ in range(steps):
        at = now - timedelta(minutes=chance.randrange(5 * 24 * 60))
        lane = chance.choice(["trigger", "batch"])
        match chance.choice(["accept", "accept", "end", "again", "keep", "hand", "crash"]):
            case "accept":
                sender = chance.choice(SENDERS)
                accept(at, number=chance.randrange(1, 4), mail_type=lane, sender_address=sender)
            case "end":
                _attempt_some(chance, chance.choice(["relayed", "bounced", "expired"]), at, lane)
            case "again":
                _attempt_some(
                    chance, chance.choice(["deferred", "deferred", "uncertain"]), at, lane
                )
            case "keep":
                attempt(
                    "relayed", at, most=3, lane=lane,
                    reason_code="mailbox-route", keep_in_mailbox=True,
                )  # fmt: skip
            case "hand":
                _by_hand(chance)
            case _:
                crash()


def _attempt_some(chance: random.Random, name: str, at: datetime, lane: str) -> None:
    category = chance.choice(REASONS)
    attempt(
        name, at, most=chance.randrange(1, 6), lane=lane,
        category=category, reason_code="" if name == "relayed" else "451",
    )  # fmt: skip


def _by_hand(chance: random.Random) -> None:
    ids = list(Delivery.objects.filter(finished_at=None).values_list("id", flat=True))
    chosen = chance.sample(ids, min(2, len(ids)))
    chance.choice([acting.cancel, acting.release, acting.retry])(chosen, operator="a@example.com")


def in_log(outcome: str, since: datetime, until: datetime, reason: str = "", **of: Any) -> int:
    """How many the mail log shows."""
    happened = Happened(CountedOutcome(outcome), since, until, reason)
    return those_of(Delivery.objects.filter(**of), happened).count()


def log_counts(since: datetime, until: datetime, **of: Any) -> Counts:
    """What the mail log shows of every outcome."""
    named = {
        outcome.replace("-", "_"): in_log(outcome, since, until, **of)
        for outcome in CountedOutcome.values
    }
    attempts = Attempt.objects.filter(outcome="deferred", at__gte=since, at__lt=until)
    of = {f"delivery__{name}": value for name, value in of.items()}
    return Counts(**named, deferred_attempts=attempts.filter(**of).count())


def counted(since: datetime, until: datetime, sender: str = "*") -> Counts:
    """The same by the counts, in both of the ways in which they are read."""
    found = numbers(since, until, sender)
    by_days = reading.read(lambda tail: reading.counts(tail, since, until, sender))
    assert by_days == total(found)
    return by_days


def numbers(since: datetime, until: datetime, sender: str = "*") -> Sequence[Number]:
    return reading.read(lambda tail: reading.numbers(tail, [since], until, sender))


def assert_agreement(now: datetime) -> None:
    """Overview and mail log have the same numbers, for every time, sender, type and reason."""
    until = now.replace(minute=0, second=0, microsecond=0) + HOUR
    for back in (1, 24):
        since = until - back * HOUR
        assert counted(since, until) == log_counts(since, until)
    since = until - 7 * 24 * HOUR
    found = numbers(since, until)
    assert counted(since, until) == log_counts(since, until)
    for sender, mail_type in product(SENDERS, ("trigger", "batch")):
        of = {"message__sender_address": sender, "message__mail_type": mail_type}
        own = [n for n in numbers(since, until, sender) if n.mail_type == mail_type]
        assert total(own) == log_counts(since, until, **of)
    for reason in by_reason(found):
        assert reason.recipients == in_log(reason.outcome, since, until, reason.code), reason
