"""What a worker took for large mails goes back to the system."""

import subprocess
import sys

_PROGRAM = """
import resource, os
from smtp_gateway.running.memory import give_large_blocks_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

give_large_blocks_back()
before = resident()
for _ in range(3):
    blocks = [bytearray(b"x") * 15_000_000 for _ in range(6)]
    small = [bytes(100) for _ in range(1000)]
    del blocks
print(resident() - before)
"""


def test_large_blocks_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True)
    assert done.stderr == ""
    assert int(done.stdout) < 5_000_000
