"""How a log line looks: an event name and its facts, as text for people or as JSON for machines."""

import functools
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Who has the link of a verification mail can confirm it, the token of an opt-out link holds the
# recipient's address, and Django logs the path of a request that went wrong.
_LINK_TOKEN = re.compile(r"""(/verify/|/u/)[^/\s"'\\]+""")


def _without_tokens(line: str) -> str:
    has_one = "/verify/" in line or "/u/" in line
    return _LINK_TOKEN.sub(r"\1[token]", line) if has_one else line


@functools.lru_cache(2)
def _clock(second: int) -> str:
    """There may be thousands of lines a second."""
    return time.strftime("%H:%M:%S", time.localtime(second))


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    return {
        name: value
        for name, value in vars(record).items()
        if name not in _STANDARD_FIELDS and value not in (None, "") and name[0] != "_"
    }


def is_one_shot(arguments: Sequence[str]) -> bool:
    """Whether a command line is one of `manage.py` that does not stay running."""
    program, command = (*arguments, "", "")[:2]
    return program.endswith("manage.py") and not command.startswith("run")


def default_level(arguments: Sequence[str]) -> str:
    """INFO for what stays running; a one-shot command's standard error is for what went wrong."""
    return "WARNING" if is_one_shot(arguments) else "INFO"


class PlainFormatter(logging.Formatter):
    """`12:00:01 INFO smtp_gateway.submission mail.accepted queue_id=… size=…`."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_clock(int(record.created))} {record.levelname} {record.name}"
        facts = "".join(f" {name}={value}" for name, value in _facts(record).items())
        line = f"{head} {record.getMessage()}{facts}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return _without_tokens(line)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, then the facts."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _without_tokens(json.dumps(line, default=str))
