"""X-DirectMail-Lifetime: how long a mail that soon is worthless may be tried. Pure.

The header is for DirectMail alone, and no recipient sees it.
"""

from datetime import timedelta

from smtp_gateway.submission.message import Message

NAME = b"x-directmail-lifetime"
LEAST_SECONDS = 60


def is_asked(message: Message) -> bool:
    return NAME in message.names


def asked_lifetime(message: Message, longest: timedelta) -> timedelta | None:
    """What the mail asks for; None: it is no number of seconds from the least to `longest`."""
    value = message.first_value(NAME)
    if message.count(NAME) > 1 or not (value.isascii() and value.isdigit()) or len(value) > 9:
        return None
    asked = timedelta(seconds=int(value))
    return asked if timedelta(seconds=LEAST_SECONDS) <= asked <= longest else None
