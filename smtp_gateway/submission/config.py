"""The settings of the submission server as one value, so that nothing here reads them elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Config:
    """What a session needs to know of the installation."""

    hostname: str
    max_message_bytes: int
    max_recipients: int
    mail_lifetime: Mapping[str, timedelta]
    """By mail type: how long an attempt may still be made."""
    allow_plaintext_auth_on_loopback: bool = False
    max_fruitless_commands: int = 100
    """Commands like NOOP and RSET, without an accepted mail between them."""
    command_timeout: timedelta = timedelta(minutes=5)
    """RFC 5321 section 4.5.3.2.7: at least 5 minutes."""
    data_timeout: timedelta = timedelta(minutes=5)
    """For each block of data; section 4.5.3.2.5 asks for 3 minutes."""
    handshake_timeout: timedelta = timedelta(seconds=30)
    drain_timeout: timedelta = timedelta(seconds=4)
    """How long sessions may finish their data when the process is told to stop."""
