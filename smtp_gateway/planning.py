"""How the database plans what a page asks for: by indexes, however large the tables grow."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_BY_INDEX = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL jit = off
"""
# A bitmap is made whole before its first row is looked at, and a second worker takes longer to
# start than a page takes. What lies in memory costs the same wherever it lies, and to look at a
# row costs more beside it than the planner usually thinks.
_FIRST_ROWS = f"""{_BY_INDEX.rstrip()};
SET LOCAL enable_bitmapscan = off; SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL random_page_cost = 0.1; SET LOCAL seq_page_cost = 0.1; SET LOCAL cpu_tuple_cost = 0.03
"""


@contextmanager
def by_index() -> Iterator[None]:
    """A transaction for statements that find up to some thousands of rows in a table of millions.

    The planner takes ten thousand look-ups for dearer than reading all of a table that happens to
    lie in memory; the next moment relays wait for that memory.
    """
    with _planned(_BY_INDEX):
        yield


@contextmanager
def first_rows() -> Iterator[None]:
    """The same for statements that stop after a page of rows, in the order of an index."""
    with _planned(_FIRST_ROWS):
        yield


@contextmanager
def _planned(settings: str) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(settings)
        yield
