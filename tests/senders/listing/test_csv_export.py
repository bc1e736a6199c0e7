"""Lists as CSV files: harmless to spreadsheets, and never whole in memory."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from senders.listing.csv_export import Column, csv_response, harmless

TEXT: Column[str] = Column("text", lambda row: row)


def lines_of(rows: Sequence[object]) -> list[list[str]]:
    column: Column[object] = Column("value", lambda row: row)
    content = b"".join(csv_response("things", [column], [rows]))
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", "\uff1d", "\uff20"], ids=ascii)
def test_a_cell_that_a_spreadsheet_would_calculate_gets_an_apostrophe(sign: str) -> None:
    assert lines_of([f"{sign}1+1"]) == [["value"], [f"'{sign}1+1"]]


@pytest.mark.parametrize("text", ["news@example.com", "a=b", "", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_whatever_stands_in_a_cell_comes_back_out_of_it() -> None:
    texts = ['a "quoted" one', "two\nlines", "a,b;c", "Grüße, 世界", "\u2028"]
    assert [row for (row,) in lines_of(texts)[1:]] == texts


def test_times_carry_the_offset_of_the_operators_zone() -> None:
    at = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=UTC)
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        response = csv_response("things", [Column("at", lambda row: row)], [[at]])
    # Sent when the zone is no longer set.
    assert b"".join(response) == b"at\r\n2026-07-01T20:00:00+08:00\r\n"


def test_nothing_yes_no_and_numbers_are_plain() -> None:
    assert [row for (row,) in lines_of([None, True, False, -7])[1:]] == ["", "yes", "no", "-7"]


def test_the_file_is_named_after_the_list_and_the_day() -> None:
    response = csv_response("things", [TEXT], [])
    day = timezone.localdate().isoformat()
    assert response.headers["Content-Disposition"] == f'attachment; filename="things-{day}.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"


def test_a_batch_is_fetched_when_the_one_before_it_is_sent() -> None:
    fetched = []

    def batches() -> Iterator[Sequence[str]]:
        for n in range(3):
            fetched.append(n)
            yield [str(n)]

    pieces = iter(csv_response("things", [TEXT], batches()))
    assert next(pieces) == b"text\r\n"
    assert fetched == []
    assert next(pieces) == b"0\r\n"
    assert fetched == [0]
