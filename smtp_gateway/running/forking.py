"""Forks a process that begins clean: no signal handler and no half-written line of its parent."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable

# What a terminal or a service manager sends to the whole group is for the parent to act on.
_DISPOSITIONS = {
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGCHLD: signal.SIG_DFL,
    signal.SIGINT: signal.SIG_IGN,
    signal.SIGHUP: signal.SIG_IGN,
}

log = logging.getLogger(__name__)


def share_memory() -> None:
    """What there is now is never collected, so that children go on sharing its pages."""
    gc.collect()
    gc.freeze()


def fork(work: Callable[[], None]) -> int:
    """Returns the process id of a child that does `work` and ends: with 0, or with 1 for a fault.

    Raises OSError. Only where this process has one thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # A signal between fork and the child's first step would run a handler of the parent's.
    allowed = signal.pthread_sigmask(signal.SIG_BLOCK, _DISPOSITIONS)
    try:
        pid = os.fork()
        if pid == 0:
            _be_child(work, allowed)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, allowed)


def _be_child(work: Callable[[], None], allowed: set[int | signal.Signals]) -> None:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number, disposition in _DISPOSITIONS.items():
            signal.signal(number, disposition)
        signal.pthread_sigmask(signal.SIG_SETMASK, allowed)
        work()
        code = 0
    except BaseException:  # the process's edge: nothing of the parent's may run behind it
        log.exception("worker.fault")
    finally:
        logging.shutdown()
        os._exit(code)
