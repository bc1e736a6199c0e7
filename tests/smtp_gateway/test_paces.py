"""When the sending window is open, and when it is whose turn."""

from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest

from smtp_gateway.paces import OwnPace, Paces, TypePace, opening, turn_after

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("opens", "closes", "zone", "now", "begin", "end"),
    [
        ("08:00", "20:00", "UTC", "2026-03-10 12:00", "2026-03-10 08:00", "2026-03-10 20:00"),
        ("08:00", "20:00", "UTC", "2026-03-10 07:59", "2026-03-10 08:00", "2026-03-10 20:00"),
        ("08:00", "20:00", "UTC", "2026-03-10 20:00", "2026-03-11 08:00", "2026-03-11 20:00"),
        ("22:00", "06:00", "UTC", "2026-03-10 03:00", "2026-03-09 22:00", "2026-03-10 06:00"),
        ("22:00", "06:00", "UTC", "2026-03-10 12:00", "2026-03-10 22:00", "2026-03-11 06:00"),
        ("08:00", "20:00", "Asia/Shanghai", "2026-03-10 12:00", "2026-03-11 00:00",
         "2026-03-11 12:00"),
        # The night in which Berlin's clocks go forward, and the one in which they go back.
        ("01:00", "04:00", "Europe/Berlin", "2026-03-29 00:30", "2026-03-29 00:00",
         "2026-03-29 02:00"),
        ("01:00", "04:00", "Europe/Berlin", "2026-10-25 00:00", "2026-10-24 23:00",
         "2026-10-25 03:00"),
        # There is no such hour: nothing is open that day.
        ("02:00", "03:00", "Europe/Berlin", "2026-03-28 23:30", "2026-03-29 01:00",
         "2026-03-29 01:00"),
    ],
    ids=["open", "opens soon", "has just closed", "over midnight", "before the night",
         "another zone", "clocks go forward", "clocks go back", "an hour that is left out"],
)  # fmt: skip
def test_the_window(opens: str, closes: str, zone: str, now: str, begin: str, end: str) -> None:
    found = opening(time.fromisoformat(opens), time.fromisoformat(closes), zone, at(now))
    if begin == end:
        assert found[0] > at(end)
    else:
        assert found == (at(begin), at(end))


def test_a_turn_without_a_window_is_so_much_later() -> None:
    assert turn_after(90, NOON) == NOON + timedelta(seconds=90)


def test_a_turn_waits_while_the_window_is_closed() -> None:
    openings = partial(opening, time(8), time(20), "UTC")
    assert turn_after(HOUR.total_seconds(), NOON, openings) == NOON + HOUR
    # Eight hours are left today, and twelve are open each day.
    assert turn_after(9 * 3600, NOON, openings) == at("2026-03-11 09:00")
    assert turn_after(21 * 3600, NOON, openings) == at("2026-03-12 09:00")
    assert turn_after(0, at("2026-03-10 23:00"), openings) == at("2026-03-11 08:00")


def test_mail_is_held_back_by_its_type_or_by_what_its_address_has_of_its_own() -> None:
    paces = Paces({"batch": TypePace(60)}, {"a@x.test": OwnPace("trigger", 5)})
    assert paces.holds_back("any@x.test", "batch")
    assert paces.holds_back("a@x.test", "trigger")
    assert not paces.holds_back("b@x.test", "trigger")
