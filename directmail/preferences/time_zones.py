"""The names of time zones that can be chosen."""

import functools
import zoneinfo

# Aliases of programs, and zones against whose sign everybody stumbles (Etc/GMT+5 is west).
_NOT_OFFERED = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@functools.cache
def time_zones() -> tuple[str, ...]:
    """UTC, and those that are named after a place, in alphabetical order."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name)
    return ("UTC", *sorted(name for name in places if not name.startswith(_NOT_OFFERED)))


def zones_called(name: str) -> list[str]:
    """Those of this name in whatever case, or whose city has it: `berlin` is Europe/Berlin."""
    wanted = name.lower().replace(" ", "_")
    exactly = [zone for zone in time_zones() if zone.lower() == wanted]
    return exactly or [zone for zone in time_zones() if _city(zone) == wanted]


def _city(zone: str) -> str:
    return zone.lower().rpartition("/")[2]
