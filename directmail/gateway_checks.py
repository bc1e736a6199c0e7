"""Settings of the gateway that cannot work together, or are shorter than the RFCs ask for."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

AppConfigs = Sequence[AppConfig] | None


def buffered_bytes(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E013: with less, a mail of the largest size could hardly ever come in."""
    if settings.SMTP_MAX_BUFFERED_BYTES >= 2 * settings.MAX_MESSAGE_BYTES:
        return []
    return [
        Error(
            "SMTP_MAX_BUFFERED_BYTES is less than twice MAX_MESSAGE_BYTES.",
            hint="Set SMTP_MAX_BUFFERED_BYTES to several times MAX_MESSAGE_BYTES, or leave it out.",
            id="directmail.E013",
        )
    ]


def smtp_timeouts(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """W010: slow clients are cut off sooner than RFC 5321 section 4.5.3.2 says."""
    least = {"SMTP_COMMAND_TIMEOUT": 300, "SMTP_DATA_TIMEOUT": 180}
    return [
        Caution(
            f"{setting}_SECONDS is less than RFC 5321 asks for, {seconds} seconds.",
            hint=f"Set {setting}_SECONDS to {seconds} or more, or leave it out.",
            id="directmail.W010",
        )
        for setting, seconds in least.items()
        if getattr(settings, setting) < timedelta(seconds=seconds)
    ]


def kept_sessions(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """E006, too: here 0 means something."""
    if settings.SMTP_SESSIONS_KEPT >= 0:
        return []
    return [
        Error(
            "SMTP_SESSIONS_KEPT is less than 0.",
            hint="Set SMTP_SESSIONS_KEPT to a number, or to 0 to keep no SMTP sessions.",
            id="directmail.E006",
        )
    ]
