"""Reads policies into the relay's rules. Blocks: use the bridge."""

from datetime import UTC

from django.conf import settings
from django.utils import timezone

from smtp_gateway import directory
from smtp_gateway.delivery_rules.rules import DeliveryRules
from smtp_gateway.relay.own.making import Making
from smtp_gateway.return_path.paths import ReturnPaths
from smtp_gateway.return_path.token import derive_keys


def load_rules() -> DeliveryRules:
    """A look at tables of few rows."""
    making = Making(directory.opt_out_links(), directory.one_click_types(), return_paths())
    return DeliveryRules(making)


def return_paths() -> ReturnPaths | None:
    """Those of all sender domains whose report host leads here; None: they are switched off."""
    if not settings.SIGN_RETURN_PATHS:
        return None
    (key,) = derive_keys([settings.SECRET_KEY])
    return ReturnPaths(
        directory.verified_return_path_hosts(),
        key,
        today=lambda: timezone.now().astimezone(UTC).date(),
    )
