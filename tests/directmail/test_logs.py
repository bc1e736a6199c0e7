"""How much and how a process logs."""

import json
import logging

import pytest
from django.test import Client

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


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
def test_a_request_that_went_wrong_does_not_tell_the_token_of_its_link(
    client: Client, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    assert client.put("/verify/WzEsIngiXQ:1tQ2:s1gn-atur_e/").status_code == 405
    lines = [formatter.format(record) for record in caplog.records]
    assert any("/verify/[token]/" in line for line in lines)
    assert not any("s1gn" in line or "WzEs" in line for line in lines)


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
def test_a_fault_does_not_tell_the_token_of_its_link(formatter: logging.Formatter) -> None:
    record = _record(request="<WSGIRequest: GET '/verify/a:b:c-d/'>")
    record.msg, record.args = "Internal Server Error: %s", ("/verify/a:b:c-d/",)
    try:
        int("/verify/a:b:c-d/")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    line = formatter.format(record)
    assert "/verify/[token]/" in line
    assert "c-d" not in line
