"""Hints over Redis that there is something to relay. Never needed: relays also poll."""

import logging

import redis
from django.conf import settings

CHANNEL = "directmail:wake"

log = logging.getLogger(__name__)

_client = redis.Redis.from_url(
    settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None
)


def send_hint() -> None:
    """Wakes the relays; with Redis away, nothing happens. Blocks for at most a second."""
    try:
        _client.publish(CHANNEL, b"")
    except redis.RedisError:
        log.debug("wake.redis_away")
