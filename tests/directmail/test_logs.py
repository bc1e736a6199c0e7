"""How much and how a process logs."""

import json
import logging

import pytest

from directmail.logs import JsonFormatter, PlainFormatter, default_level


@pytest.mark.parametrize(
    "arguments",
    [
        ["manage.py", "run_gateway"],
        ["manage.py", "run_relay"],
        ["/venv/bin/celery", "-A", "directmail", "worker"],
        ["/venv/bin/granian", "directmail.wsgi:application"],
    ],
)
def test_what_stays_running_tells_what_it_does(arguments: list[str]) -> None:
    assert default_level(arguments) == "INFO"


@pytest.mark.parametrize("arguments", [["manage.py", "create_sender_address"], ["./manage.py"]])
def test_a_one_shot_command_says_only_what_went_wrong(arguments: list[str]) -> None:
    assert default_level(arguments) == "WARNING"


def _record(**facts: object) -> logging.LogRecord:
    record = logging.LogRecord("relay", logging.INFO, "", 0, "attempt.relayed", None, None)
    vars(record).update(facts)
    return record


def test_a_plain_line_ends_with_its_facts() -> None:
    line = PlainFormatter().format(_record(queue_id="01KB", size=12, tls=""))
    assert line.endswith("INFO relay attempt.relayed queue_id=01KB size=12")


def test_a_json_line_holds_its_facts_beside_the_event() -> None:
    line = json.loads(JsonFormatter().format(_record(queue_id="01KB", size=12)))
    assert line | {"time": ""} == {
        "time": "", "level": "INFO", "logger": "relay", "event": "attempt.relayed",
        "queue_id": "01KB", "size": 12,
    }  # fmt: skip
