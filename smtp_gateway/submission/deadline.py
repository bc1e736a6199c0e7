"""Until when a client may let a session wait (RFC 5321 section 4.5.3.2). Pure."""

from dataclasses import dataclass

from smtp_gateway.submission.config import Config


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a session waits for. Times are seconds of one clock that moves on."""

    since: float
    """The last progress: a whole command, a block of data, a reply that was read."""
    mail_since: float
    """The last accepted mail, or the beginning of the session."""
    data_since: float | None = None
    """The beginning of the data that is under way."""
    is_for_reading: bool = False
    """The client does not read its replies."""
    is_for_us: bool = False
    """A log-in, a commit and the like is under way."""


def deadline(waiting: Waiting, config: Config) -> float:
    """When it has waited long enough.

    A line that grows by a byte now and then is no progress, nor is a command that brings no mail
    an excuse for ever: who goes slowly holds a socket for a time, and nothing else.
    """
    by_command = waiting.since + config.command_timeout.total_seconds()
    if waiting.is_for_reading:
        return by_command
    if waiting.is_for_us:
        # All of that gives up much earlier; if it does not, its client need not wait for ever.
        return waiting.since + config.answer_timeout.total_seconds()
    if waiting.data_since is not None:
        by_block = waiting.since + config.data_timeout.total_seconds()
        return min(by_block, waiting.data_since + config.data_total_timeout.total_seconds())
    return min(by_command, waiting.mail_since + config.idle_timeout.total_seconds())
