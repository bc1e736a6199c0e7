"""The rules of this moment for all deliveries. Pure."""

from dataclasses import dataclass

from smtp_gateway.paces import Paces
from smtp_gateway.relay.own.making import Making
from smtp_gateway.relay.retry import Ladders


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """Policies and what else decides on them, read at one moment."""

    making: Making
    paces: Paces
    ladders: Ladders
