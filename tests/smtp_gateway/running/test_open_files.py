"""A worker may open as many files as its connections need, as far as the system lets it."""

import subprocess
import sys

import pytest

_PROGRAM = """
import logging, resource, sys
from smtp_gateway.running.open_files import allow_open_files

logging.basicConfig(format="%(message)s", stream=sys.stdout)
soft, hard, connections = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
allow_open_files(connections)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "said"),
    [
        (256, 1024, 500, "756\n"),
        (1000, 1024, 500, "1000\n"),
        (256, 512, 1000, "worker.few_open_files\n512\n"),
    ],
)
def test_the_limit_is_raised_as_far_as_it_may_be(
    soft: int, hard: int, connections: int, said: str
) -> None:
    arguments = [str(number) for number in (soft, hard, connections)]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments], capture_output=True, text=True
    )
    assert (done.stderr, done.stdout) == ("", said)
