"""What a worker took for large mails goes back to the system."""

import resource
import subprocess
import sys

from smtp_gateway.running.memory import ResidentMemory

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


def test_memory_is_known_where_no_file_can_be_opened() -> None:
    memory = ResidentMemory()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        resident = memory.bytes
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        memory.close()
    assert resident > 10_000_000
