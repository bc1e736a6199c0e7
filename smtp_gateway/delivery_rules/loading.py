"""Reads policies into the relay's rules. Blocks: use the bridge."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone

from senders.policies.policy import Policy
from smtp_gateway import directory, queue
from smtp_gateway.delivery_rules import reading
from smtp_gateway.delivery_rules.rules import DeliveryRules
from smtp_gateway.paces import Paces, TypePace, opening
from smtp_gateway.relay.own.making import Making
from smtp_gateway.relay.retry import Ladder
from smtp_gateway.return_path import directory as hosts_directory
from smtp_gateway.return_path.paths import ReturnPaths
from smtp_gateway.return_path.token import derive_keys

_NO_PACES = Paces()


def load_rules(former: Paces = _NO_PACES) -> DeliveryRules:
    """As they are now; what addresses have of their own is noted where slots are given.

    `former`: the paces that this process noted last.
    """
    making = Making(reading.opt_out_links(), reading.one_click_types(), return_paths())
    paces = load_paces(timezone.now())
    queue.set_own_paces(paces.own, former.own)
    return DeliveryRules(making, paces, ladders())


def ladders() -> dict[str, Ladder]:
    """When what was deferred is tried again, by mail type."""
    return {
        mail_type: Ladder(policy.retry_first, policy.retry_longest)
        for mail_type, policy in directory.policies().items()
    }


def load_paces(now: datetime) -> Paces:
    """How fast and when mail leaves."""
    policies = directory.policies()
    by_type = {mail_type: _type_pace(each, now) for mail_type, each in policies.items()}
    return Paces(by_type, reading.own_paces(now))


def _type_pace(policy: Policy, now: datetime) -> TypePace:
    window = policy.window
    if window is None:
        return TypePace(policy.address.pace_per_minute)
    opens_at, closes_at = opening(window.opens, window.closes, window.time_zone, now)
    return TypePace(policy.address.pace_per_minute, opens_at, closes_at)


def return_paths() -> ReturnPaths | None:
    """Those of all sender domains whose report host leads here; None: they are switched off."""
    if not settings.SIGN_RETURN_PATHS:
        return None
    (key,) = derive_keys([settings.SECRET_KEY])
    return ReturnPaths(
        hosts_directory.verified_hosts(),
        key,
        today=lambda: timezone.now().astimezone(UTC).date(),
    )
