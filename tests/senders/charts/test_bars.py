"""Numbers become rectangles."""

from senders.charts.bars import Bar, Series, Slot, draw
from senders.charts.scale import round_up

SERIES = [
    Series("accepted", "Accepted"),
    Series("relayed", "Relayed", stack=1),
    Series("bounced", "Bounced", stack=1),
]


def test_series_of_one_stack_stand_on_each_other_and_stacks_side_by_side() -> None:
    chart = draw(SERIES, [Slot("14:00", [10, 5, 2])])
    assert chart.top == 10
    assert chart.columns[0].bars == [
        Bar("accepted", 1.25, 0.0, 3.5, 100.0),
        Bar("relayed", 5.25, 50.0, 3.5, 50.0),
        Bar("bounced", 5.25, 30.0, 3.5, 20.0),
    ]


def test_the_scale_fits_the_highest_stack_not_the_largest_number() -> None:
    assert draw(SERIES, [Slot("14:00", [3, 3, 3])]).top == 10


def test_a_zero_has_no_rectangle_but_stands_in_the_table() -> None:
    column = draw(SERIES, [Slot("14:00", [0, 0, 1])]).columns[0]
    assert [bar.key for bar in column.bars] == ["bounced"]
    assert column.numbers == [("Accepted", 0), ("Relayed", 0), ("Bounced", 1)]
    assert column.words.splitlines()[1:] == ["Accepted: 0", "Relayed: 0", "Bounced: 1"]


def test_a_picture_of_nothing_has_a_scale_all_the_same() -> None:
    chart = draw(SERIES, [])
    assert (chart.top, chart.middle, chart.width) == (4, 2, 0)


def test_a_scale_ends_at_a_number_whose_half_is_whole() -> None:
    assert [round_up(number) for number in (0, 4, 5, 11, 21, 41, 101)] == [
        4,
        4,
        10,
        20,
        40,
        100,
        200,
    ]
