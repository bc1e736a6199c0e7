"""How the database plans what a page asks for: by indexes, however large the tables grow."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_BY_INDEX = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL jit = off
"""


@contextmanager
def by_index() -> Iterator[None]:
    """A transaction for statements that find up to some thousands of rows in a table of millions.

    The planner takes ten thousand look-ups for dearer than reading all of a table that happens to
    lie in memory; the next moment relays wait for that memory.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BY_INDEX)
        yield
