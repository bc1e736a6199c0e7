"""Puts the brake on addresses that do harm, warns before, and lets go. Each minute, from counts.

Several workers at once do no harm: each change is made on a locked row, and only if it is still
to be made.
"""

import logging
from datetime import datetime

from django.db import transaction

from senders.models import SenderAddress, Standing
from senders.standing.services import let_go, locked_standing, note_change
from senders.standing_rows import ChangeKind
from smtp_gateway.mail_policy import Quota
from smtp_gateway.quota.reading import usage_of
from smtp_gateway.standing.alarm import ALARM_COOL_DOWN, Alarm, Recently, judge, lets_go
from smtp_gateway.standing.collecting import recently
from smtp_gateway.standing.computing import compute_now

log = logging.getLogger(__name__)


def watch(now: datetime) -> None:
    """Looks at all addresses from which something left recently, and at those with an alarm."""
    found = recently(now)
    alarms = {address: alarm for address, each in found.items() if (alarm := judge(each))}
    known = {
        standing.sender.address: standing
        for standing in Standing.objects.exclude(warning="", brake="").select_related("sender")
    }
    worse = [address for address, alarm in alarms.items() if _is_news(alarm, known.get(address))]
    for sender in SenderAddress.objects.filter(address__in=worse):
        _sound(sender, alarms[sender.address], now)
    for address, standing in known.items():
        if address not in alarms:
            _calm(standing, found.get(address, Recently()), now)
    if worse:
        compute_now(worse, now)


def _is_news(alarm: Alarm, standing: Standing | None) -> bool:
    if standing is None:
        return True
    if alarm.grade == "brake":
        return not standing.brake
    return not standing.brake and not standing.warning


def _sound(sender: SenderAddress, alarm: Alarm, now: datetime) -> None:
    with transaction.atomic():
        standing = locked_standing(sender)
        if not _is_news(alarm, standing if standing.brake or standing.warning else None):
            return
        standing.trouble_count, standing.trouble_of = alarm.number, alarm.of
        if alarm.grade == "brake":
            _brake(standing, sender, alarm, now)
        else:
            standing.warning, standing.warned_at = alarm.trouble, now
        if alarm.grade == "brake" or _has_cooled_down(standing, now):
            standing.alarm_due_at = now
        standing.save()
        note_change(
            standing,
            ChangeKind.BRAKED if alarm.grade == "brake" else ChangeKind.WARNED,
            standing.shown_level,
            now,
            trouble=alarm.trouble,
            trouble_count=alarm.number,
            trouble_of=alarm.of,
        )
    facts = {"sender": sender.address, "trouble": alarm.trouble, "number": alarm.number}
    log.warning("standing.alarm", extra={**facts, "of": alarm.of, "grade": alarm.grade})


def _brake(standing: Standing, sender: SenderAddress, alarm: Alarm, now: datetime) -> None:
    standing.brake, standing.braked_at, standing.counted_from = alarm.trouble, now, now
    in_hour, in_day, *_ = usage_of(sender.address, sender.mail_type, Quota(), now)
    standing.accepted_in_hour_before = in_hour.count
    standing.accepted_in_day_before = in_day.count


def _has_cooled_down(standing: Standing, now: datetime) -> bool:
    return standing.alarmed_at is None or now - standing.alarmed_at >= ALARM_COOL_DOWN


def _calm(known: Standing, found: Recently, now: datetime) -> None:
    """What is over is taken back: a warning at once, a brake as `alarm.lets_go` says."""
    with transaction.atomic():
        standing = locked_standing(known.sender)
        if standing.brake and standing.braked_at and lets_go(found, standing.braked_at, now):
            let_go(standing, now)
            log.info("standing.released", extra={"sender": known.sender.address})
        elif standing.warning and not standing.brake:
            standing.warning, standing.warned_at = "", None
            standing.save(update_fields=["warning", "warned_at"])
