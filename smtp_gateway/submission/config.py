"""The settings of the submission server as one value, so that nothing here reads them elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from smtp_gateway.submission.networks import Network

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """What a session needs to know of the installation."""

    hostname: str
    max_message_bytes: int
    max_recipients: int
    allow_plaintext_auth_on_loopback: bool = False

    # Connections, over all workers of this gateway.
    max_connections: int = 5_000
    max_connections_per_ip: int = 500
    """Of one IPv4 address, or one /64 of IPv6."""
    max_connections_per_sender: int = 2_000
    """Logged in as one sender address."""
    proxies: Sequence[Network] = ()
    """Peers that say in a PROXY header who is behind them."""
    unlimited_networks: Sequence[Network] = ()
    """Whose hosts have no limit by IP, neither of connections nor of failed log-ins."""

    # One session.
    max_mails_per_session: int = 10_000
    max_recipients_per_session: int = 100_000
    max_fruitless_commands: int = 100
    """Commands like NOOP and RSET, without an accepted mail between them."""
    max_errors: int = 20
    """Commands that are none, or in a wrong form."""
    max_mails_per_recipient: int = 50
    """Of one sender to one recipient within `recipient_window`; 0: as many as come."""
    recipient_window: timedelta = timedelta(minutes=5)

    # Time.
    command_timeout: timedelta = timedelta(minutes=5)
    """For a whole command; RFC 5321 section 4.5.3.2.7: at least 5 minutes."""
    data_timeout: timedelta = timedelta(minutes=3)
    """For each block of data; section 4.5.3.2.5: 3 minutes."""
    data_total_timeout: timedelta = timedelta(hours=1)
    """For all data of one mail."""
    idle_timeout: timedelta = timedelta(minutes=30)
    """For a session in which no mail is accepted, whatever else it does."""
    answer_timeout: timedelta = timedelta(minutes=5)
    """For what a client waits for us; section 4.5.3.2.6: it waits for 10 minutes itself."""
    handshake_timeout: timedelta = timedelta(seconds=30)
    drain_timeout: timedelta = timedelta(seconds=4)
    """How long sessions may finish their data when the process is told to stop."""

    # Memory, of one worker.
    max_buffered_bytes: int = 192 * MIB
    """What all sessions hold together: data that comes in, mails that are being committed."""

    # Log-ins.
    max_auth_failures_per_session: int = 5
    max_auth_failures_per_ip: int = 100
    max_auth_failures_per_user: int = 20
    """As `user name`, from hosts that never logged in rightly with it."""
    auth_failure_window: timedelta = timedelta(minutes=10)
    """How long a failure counts against its IP and its user name."""
    max_waiting_log_ins: int = 500
    """Log-ins that wait for their password to be verified."""
    log_in_timeout: timedelta = timedelta(seconds=20)
    """How long one waits for that."""
    credential_memory: timedelta = timedelta(minutes=5)
    """How long a verified password is known without another verification."""
