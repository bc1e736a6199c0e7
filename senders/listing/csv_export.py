"""A list as a CSV file (RFC 4180) that is written while it is sent, never whole in memory."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header

# The wide ones are taken for the others where East Asian input is.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its name in the header line, which no language changes, and a row's value."""

    name: str
    value: Callable[[Row], Any]


def csv_response(
    name: str, columns: Sequence[Column[Row]], batches: Iterable[Sequence[Row]]
) -> StreamingHttpResponse:
    """The file `name` with today's date. Times are ISO 8601 with the offset of the time zone."""
    # The operator's zone: it is no longer the current one while the answer is sent.
    zone = timezone.get_current_timezone()
    response = StreamingHttpResponse(
        _pieces(columns, batches, zone), content_type="text/csv; charset=utf-8; header=present"
    )
    file_name = f"{name}-{timezone.localdate():%Y-%m-%d}.csv"
    disposition = content_disposition_header(as_attachment=True, filename=file_name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _pieces(
    columns: Sequence[Column[Row]], batches: Iterable[Sequence[Row]], zone: tzinfo
) -> Iterator[bytes]:
    yield _lines([[column.name for column in columns]])
    for rows in batches:
        yield _lines([_cell(column.value(row), zone) for column in columns] for row in rows)


class _Echo:
    """Hands back what the writer writes."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    writer = csv.writer(_Echo())
    return "".join(writer.writerow(row) for row in rows).encode("utf-8", "replace")


def _cell(value: object, zone: tzinfo) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int) else harmless(str(value))


def harmless(text: str) -> str:
    """`text`, never taken for a formula by a spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULA) else text
