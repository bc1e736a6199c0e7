"""For how long a lane leases nothing after it left mail to others."""

from smtp_gateway.relay.restraint import Restraint


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def left(restraint: Restraint, *, is_all: bool = True) -> float:
    """Seconds of restraint after mail was left to others."""
    restraint.begin(is_all=is_all)
    restraint.end()
    return restraint.seconds()


def test_at_first_there_is_none() -> None:
    assert Restraint(Clock()).seconds() == 0


def test_there_is_some_from_the_beginning_of_giving_back_to_a_while_after_its_end() -> None:
    clock = Clock()
    restraint = Restraint(clock)
    restraint.begin(is_all=True)
    clock.now += 60
    assert restraint.seconds() > 0
    restraint.end()
    assert restraint.seconds() > 0
    clock.now += 0.2
    assert restraint.seconds() == 0


def test_it_grows_up_to_a_second_where_nothing_else_is_found() -> None:
    clock = Clock()
    restraint = Restraint(clock)
    seconds = []
    for _ in range(8):
        seconds.append(round(left(restraint), 6))
        clock.now += seconds[-1]
    assert seconds == [0.1, 0.2, 0.4, 0.8, 1, 1, 1, 1]


def test_it_is_short_where_other_mail_is_found_too() -> None:
    clock = Clock()
    restraint = Restraint(clock)
    for _ in range(8):
        clock.now += left(restraint)
    assert round(left(restraint, is_all=False), 6) == 0.1


def test_it_is_short_again_after_a_while_without() -> None:
    clock = Clock()
    restraint = Restraint(clock)
    for _ in range(8):
        clock.now += left(restraint)
    clock.now += 3
    assert round(left(restraint), 6) == 0.1
