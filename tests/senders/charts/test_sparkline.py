"""Numbers become the points of a line."""

from senders.charts.sparkline import draw


def test_the_line_spans_the_picture_and_its_highest_number_the_height() -> None:
    assert draw([0, 5, 10]).line == "0,22 50,12 100,2"


def test_the_area_is_the_line_closed_along_the_bottom() -> None:
    assert draw([0, 10]).area == "0,24 0,22 100,2 100,24"


def test_one_number_makes_a_level_line() -> None:
    assert draw([7]).line == "0,2 100,2"


def test_no_numbers_and_zeros_lie_on_the_bottom() -> None:
    assert draw([]).line == draw([0, 0]).line == "0,22 100,22"
