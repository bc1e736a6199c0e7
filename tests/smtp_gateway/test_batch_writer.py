"""Records go down in batches; what cannot be written never stops what can."""

from collections.abc import AsyncIterator, Sequence

import pytest
from django.db import DataError, OperationalError

from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.bridge import Bridge


class Table:
    """Takes records like a table: all of a call or none, and nothing while it is away."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.is_away = False

    def write(self, records: Sequence[str]) -> None:
        if self.is_away:
            raise OperationalError("away")
        if "too long" in records:
            raise DataError("too long")
        if "bug" in records:
            raise KeyError("bug")
        self.batches.append(list(records))

    @property
    def records(self) -> list[str]:
        return [record for batch in self.batches for record in batch]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    bridge = Bridge()
    yield bridge
    bridge.close()


@pytest.fixture
def writer(table: Table, bridge: Bridge) -> BatchWriter[str]:
    return BatchWriter("records", table.write, bridge, max_waiting=5)


def put(writer: BatchWriter[str], *records: str) -> None:
    for record in records:
        writer.put(record)


async def test_what_was_put_is_written_together(writer: BatchWriter[str], table: Table) -> None:
    put(writer, "a", "b")
    await writer.flush()
    assert table.batches == [["a", "b"]]


async def test_nothing_is_written_where_nothing_waits(
    writer: BatchWriter[str], table: Table
) -> None:
    await writer.flush()
    assert table.batches == []


async def test_many_are_written_in_several_batches(table: Table, bridge: Bridge) -> None:
    writer = BatchWriter("records", table.write, bridge)
    put(writer, *map(str, range(450)))
    await writer.flush()
    assert [len(batch) for batch in table.batches] == [200, 200, 50]
    assert table.records == [*map(str, range(450))]


async def test_with_the_database_away_the_newest_wait(
    writer: BatchWriter[str], table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    table.is_away = True
    put(writer, "a", "b", "c")
    await writer.flush()
    put(writer, "d", "e", "f", "g")
    await writer.flush()
    table.is_away = False
    await writer.flush()
    assert table.records == ["c", "d", "e", "f", "g"]
    assert [record.message for record in caplog.records] == ["batch.dropped"]


async def test_while_a_batch_is_refused_as_away_more_may_come(table: Table, bridge: Bridge) -> None:
    def write(records: Sequence[str]) -> None:
        if table.is_away:
            put(writer, "d", "e", "f", "g")
        table.write(records)

    writer: BatchWriter[str] = BatchWriter("records", write, bridge, max_waiting=5)
    table.is_away = True
    put(writer, "a", "b", "c")
    await writer.flush()
    table.is_away = False
    await writer.flush()
    assert table.records == ["c", "d", "e", "f", "g"]


@pytest.mark.parametrize(
    ("refused", "written"), [("too long", ["a", "b", "c"]), ("bug", ["c"])], ids=["data", "bug"]
)
async def test_a_record_that_cannot_be_written_holds_up_no_later_one(
    writer: BatchWriter[str], table: Table, refused: str, written: list[str]
) -> None:
    put(writer, "a", refused, "b")
    await writer.flush()
    put(writer, "c")
    await writer.flush()
    assert table.records == written
