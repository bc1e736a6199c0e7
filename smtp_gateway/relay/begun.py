"""Which deliveries a relay has begun to attempt, written where a kill of its process leaves it.

Small files in memory that the kernel keeps (one a relay, shared mapping): a mark costs no system
call. They hold until the machine stops, so what is read is believed for its own boot only. Where
there is no file nobody knows, and all that the relay held counts as begun.
"""

import contextlib
import logging
import mmap
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

_SLOTS = 4096
_SLOT = struct.Struct("=q")
_BOOT_BYTES = 64
_NOBODY_KNOWS = bytes(_BOOT_BYTES)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SUFFIX = ".begun"

log = logging.getLogger(__name__)


class Begun:
    """The marks of one relay."""

    def __init__(self, directory: Path, relay_id: int) -> None:
        self._path = _path(directory, relay_id)
        self._slots: dict[int, int] = {}
        self._free = list(range(_SLOTS))
        self._map = self._open()

    def add(self, delivery_ids: Iterable[int]) -> None:
        """From now on the next hop may have these."""
        for delivery_id in delivery_ids:
            if delivery_id in self._slots:
                continue
            if not self._free:
                self._give_up()
                return
            self._slots[delivery_id] = slot = self._free.pop()
            self._write(slot, delivery_id)

    def remove(self, delivery_ids: Iterable[int]) -> None:
        """What became of these is recorded, or they were not begun after all."""
        for delivery_id in delivery_ids:
            if (slot := self._slots.pop(delivery_id, None)) is not None:
                self._write(slot, 0)
                self._free.append(slot)

    def close(self) -> None:
        """Takes the file away: this relay holds nothing any more."""
        if self._map is not None:
            self._map.close()
            self._map = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _open(self) -> mmap.mmap | None:
        size = _BOOT_BYTES + _SLOTS * _SLOT.size
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Never cut short: whoever still maps an older file of this name would crash.
            self._path.unlink(missing_ok=True)
            with self._path.open("x+b") as file:
                # Not a hole: to fill it on a full disk would end the process.
                file.write(bytes(size))
                file.flush()
                opened = mmap.mmap(file.fileno(), size)
        except OSError as error:
            log.warning("relay.no_marks", extra={"error": str(error)})
            return None
        opened[:_BOOT_BYTES] = _boot()
        return opened

    def _write(self, slot: int, delivery_id: int) -> None:
        if self._map is not None:
            _SLOT.pack_into(self._map, _BOOT_BYTES + slot * _SLOT.size, delivery_id)

    def _give_up(self) -> None:
        if self._map is not None:
            self._map[:_BOOT_BYTES] = _NOBODY_KNOWS


def read(directory: Path) -> Mapping[int, Collection[int]]:
    """By relay id what it had begun, of those that ran here since the machine was started."""
    boot, known = _boot(), {}
    for relay_id, path in _files(directory):
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            if boot != _NOBODY_KNOWS and content.startswith(boot):
                slots = _SLOT.iter_unpack(content[_BOOT_BYTES:])
                known[relay_id] = {delivery_id for (delivery_id,) in slots if delivery_id}
    return known


def forget(directory: Path, relay_ids: Collection[int]) -> None:
    """Takes away the files of these relays."""
    for relay_id in relay_ids:
        with contextlib.suppress(OSError):
            _path(directory, relay_id).unlink(missing_ok=True)


def _files(directory: Path) -> Iterator[tuple[int, Path]]:
    for path in directory.glob(f"*{_SUFFIX}"):
        if path.stem.isdecimal():
            yield int(path.stem), path


def _path(directory: Path, relay_id: int) -> Path:
    return directory / f"{relay_id}{_SUFFIX}"


def _boot() -> bytes:
    """Names the time since the machine was started; zeros where that has no name."""
    try:
        return _BOOT_ID.read_bytes().strip().ljust(_BOOT_BYTES, b"\0")[:_BOOT_BYTES]
    except OSError:
        return _NOBODY_KNOWS
