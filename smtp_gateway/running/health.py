"""What /health and /metrics say."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus

from smtp_gateway.running.exposition import exposition
from smtp_gateway.running.http import Answer, Handler
from smtp_gateway.running.slot import Slot
from smtp_gateway.running.supervisor import Supervisor


def pages(supervisor: Supervisor, expires_at: Callable[[], float]) -> Handler:
    """Answers /health and /metrics. `expires_at`: of the certificate, seconds since the epoch."""

    def answer(path: str, accept: str) -> Answer:
        if path == "/health":
            return _health(supervisor)
        if path == "/metrics":
            return Answer(*exposition(supervisor.slots, expires_at, accept))
        return Answer(b"Only /health and /metrics\n", status=HTTPStatus.NOT_FOUND)

    return answer


def _health(supervisor: Supervisor) -> Answer:
    """200 when every worker answers and accepts; its database does not count."""
    word = "ready" if supervisor.is_ready else "not ready"
    said = {
        "status": "stopping" if supervisor.is_stopping else word,
        "database": _database(supervisor.slots),
        "workers": [_worker(slot) for slot in supervisor.slots],
    }
    status = HTTPStatus.OK if supervisor.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(json.dumps(said).encode() + b"\n", "application/json", status)


def _worker(slot: Slot) -> dict[str, object]:
    now = time.monotonic()
    living: dict[str, object] = {}
    if slot.pid:
        living = {
            "pid": slot.pid,
            "age_seconds": round(now - slot.begun_at, 1),
            "heard_seconds_ago": round(now - slot.heard_at, 1),
        }
    if slot.report:
        sessions = slot.report["numbers"]["gauges"].get("open_sessions", {})
        living["open_sessions"] = sum(sessions.values())
        living["database"] = _word(slot.report["database"])
    return {
        "worker": slot.number,
        "state": slot.state,
        "replaced": slot.replaced,
    } | living


def _database(slots: list[Slot]) -> str:
    answers = [slot.report["database"] for slot in slots if slot.report]
    if any(answer is False for answer in answers):
        return _word(False)
    return _word(True if any(answers) else None)


def _word(answers: bool | None) -> str:
    return {True: "answers", False: "away", None: "unknown"}[answers]
