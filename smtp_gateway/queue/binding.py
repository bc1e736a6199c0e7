"""A cursor that sends values beside the statement, mail in binary, and has statements prepared.

Django's own writes every value into the statement as text: each byte of a mail becomes two, and
PostgreSQL parses and plans them all.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def binding_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """On Django's connection, in its transaction if there is one, with its exceptions."""
    connection.ensure_connection()
    raw = connection.connection
    # From its second time on: parsing and planning costs more than most of these statements.
    raw.prepare_threshold = 1
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        yield cursor


def array(values: Sequence[str]) -> str:
    """`values` as PostgreSQL writes an array: psycopg takes ten times as long for each of them."""
    if not values:
        return "{}"
    text = '","'.join(values)
    if "\\" in text or text.count('"') != 2 * (len(values) - 1):
        text = '","'.join(value.replace("\\", r"\\").replace('"', r"\"") for value in values)
    return f'{{"{text}"}}'
