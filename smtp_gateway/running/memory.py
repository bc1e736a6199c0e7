"""Has the C library give large blocks back to the system as soon as they are free."""

import ctypes
import sys

# <malloc.h>
_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 1024 * 1024


def give_large_blocks_back() -> None:
    """Fixes the size from which a block is mapped by itself.

    glibc raises it to 32 MiB by and by, and then keeps what a large mail or a password's
    verification took: 250 MiB more after ten mails of 15 MiB. Where there is no glibc: nothing.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
