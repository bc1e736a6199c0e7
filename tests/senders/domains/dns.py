"""A DNS server on loopback beside tests that are no coroutines, and the records a domain wants."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from senders.domains.records import Subject, wanted_records
from tests.smtp_gateway.relay.internet.names import Names


@contextmanager
def names_running() -> Iterator[Names]:
    """It answers on a thread of its own; what a test adds to it counts at once."""
    names, ready, loop = Names(), threading.Event(), asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        async with names.running():
            ready.set()
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield names
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(60)
        loop.close()


def publish_for(names: Names, subject: Subject, *kinds: str) -> None:
    for record in wanted_records(subject):
        if not kinds or record.kind in kinds:
            put(names, record.name, record.record_type, record.wanted)


def put(names: Names, name: str, kind: str, *values: str) -> None:
    """These records, in the place of others of that name and type. Long texts are split."""
    names.remove(name, kind)
    names.add(*(f"{name} {kind} {_written(kind, value)}" for value in values))


def _written(kind: str, value: str) -> str:
    if kind != "TXT":
        return value
    pieces = [value[at : at + 255] for at in range(0, len(value), 255)]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
