"""Reads policies into the relay's rules. Blocks: use the bridge."""

from smtp_gateway import directory
from smtp_gateway.delivery_rules.rules import DeliveryRules
from smtp_gateway.relay.own.making import Making


def load_rules() -> DeliveryRules:
    """A look at tables of few rows."""
    return DeliveryRules(Making(directory.opt_out_links(), directory.one_click_types()))
