"""How much memory a process has, and that the C library gives large blocks back at once."""

import ctypes
import os
import sys

# <malloc.h>
_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 1024 * 1024
_PAGE_BYTES = os.sysconf("SC_PAGESIZE")


class ResidentMemory:
    """What of the process that makes it lies in memory.

    Its file stays open: where connections have taken all there are, another could not be opened.
    """

    def __init__(self) -> None:
        self._file = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def bytes(self) -> int:
        return int(os.pread(self._file, 256, 0).split()[1]) * _PAGE_BYTES

    def close(self) -> None:
        os.close(self._file)


def give_large_blocks_back() -> None:
    """Fixes the size from which a block is mapped by itself.

    glibc raises it to 32 MiB by and by, and then keeps what a large mail or a password's
    verification took: 250 MiB more after ten mails of 15 MiB. Where there is no glibc: nothing.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
