"""Which session and which mail a log line is about, carried by context variables."""

import logging
from contextvars import ContextVar

session_id: ContextVar[str] = ContextVar("session_id", default="")
queue_id: ContextVar[str] = ContextVar("queue_id", default="")


def leave_out_what_no_line_shows() -> None:
    """For a process that logs a line per mail: a record without the place in the code or threads.

    As the logging howto's section "Optimization" says; a fifth of what a line costs.
    """
    logging._srcfile = None  # noqa: SLF001 - the documented switch
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class MailContextFilter(logging.Filter):
    """Adds `session_id` and `queue_id` to every record that has none of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, variable in (("session_id", session_id), ("queue_id", queue_id)):
            if not hasattr(record, name) and variable.get():
                setattr(record, name, variable.get())
        return True
