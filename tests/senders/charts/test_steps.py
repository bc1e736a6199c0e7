"""Lines of steps."""

from senders.charts.steps import draw


def test_without_a_change_the_line_is_flat() -> None:
    steps = draw(1, [], least=1, most=10)
    assert steps.line == "M0,57H300"
    assert (steps.bottom, steps.top) == (57, 3)


def test_each_change_is_a_step_at_its_place() -> None:
    assert draw(10, [(0.5, 1), (1.0, 10)], least=1, most=10).line == "M0,3H150V57H300V3H300"
