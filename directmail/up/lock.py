"""One `up` at a time on a VAR_DIR."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from directmail import places
from directmail.up.errors import CannotStart


@contextmanager
def only_one(var_dir: Path) -> Iterator[None]:
    """Held until the block ends, or the process does. Raises CannotStart."""
    places.run_dir(var_dir).mkdir(parents=True, exist_ok=True)
    with (places.run_dir(var_dir) / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                f"`make up` runs already on {var_dir} (process {file.read().strip()}): "
                "stop it first, or set VAR_DIR to another directory."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
