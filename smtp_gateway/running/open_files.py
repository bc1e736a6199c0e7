"""How many connections the system lets one process have open."""

import logging
import resource

# Sockets of the database, of Redis and of listeners, logs, pipes; connections turned away.
_OTHER_FILES = 256

log = logging.getLogger(__name__)


def allow_open_files(max_connections: int) -> None:
    """Raises this process's own limit as far as it may, and says so where that is not enough.

    The kernel may give all connections to one of several workers.
    """
    wanted = max_connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    possible = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, possible), hard))
    if possible < wanted:
        log.warning("worker.few_open_files", extra={"may_open": possible, "should_open": wanted})
