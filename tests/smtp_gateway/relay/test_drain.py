"""How long what waits will take."""

from smtp_gateway.relay.drain import Drain


def test_at_first_it_is_too_early_to_tell() -> None:
    assert Drain(100).seconds(1000, 101.9) == 0


def test_it_goes_on_as_it_went() -> None:
    drain = Drain(100)
    for _ in range(40):
        drain.finish_one()
    assert drain.seconds(100, 104) == 10


def test_where_nothing_left_it_takes_very_long() -> None:
    assert Drain(100).seconds(100, 104) == 800


def test_it_begins_anew_when_something_waits_again() -> None:
    drain = Drain(100)
    drain.begin(200)
    assert drain.seconds(1000, 201) == 0


def test_what_was_long_ago_counts_less() -> None:
    drain = Drain(0)
    for _ in range(100):
        drain.finish_one()
    estimates = [drain.seconds(100, now) for now in range(11, 60, 5)]
    assert estimates[-1] > 10 * estimates[0]


def test_what_is_given_back_gets_turns_behind_each_other() -> None:
    drain = Drain(100)
    for _ in range(40):
        drain.finish_one()
    # Ten a second, and a hundred wait already.
    turns = [drain.turn(200, waiting=100, now=104) for _ in range(3)]
    assert turns == [10, 30, 50]


def test_turns_that_are_over_hold_up_nobody() -> None:
    drain = Drain(100)
    drain.turn(200, waiting=100, now=104)
    drain.begin(10_000)
    for _ in range(40):
        drain.finish_one()
    assert drain.turn(1, waiting=100, now=10_004) == 10


def test_a_time_in_which_nothing_could_leave_does_not_count() -> None:
    drain = Drain(0.0)
    drain.finish_one()
    assert drain.seconds(waiting=100, now=60.0) > 1000
    drain.leave_out(60.0)
    assert drain.seconds(waiting=100, now=61.0) == 0
    drain.leave_out(30.0)
    drain.finish_one()
    assert drain.seconds(waiting=100, now=62.0) == 200


def test_what_is_given_back_comes_again_in_parts_of_half_a_minute() -> None:
    drain = Drain(100)
    for _ in range(4):
        drain.finish_one()
    # One a second, and ten wait already.
    assert list(drain.turns(70, waiting=10, now=104)) == [(30, 10), (30, 40), (10, 70)]


def test_what_has_its_turn_late_comes_again_in_one_part() -> None:
    # One in eight seconds, and nothing waits.
    turns = list(Drain(100).turns(200, waiting=0, now=104))
    assert turns[:2] == [(3, 8), (3, 32)]
    assert turns[-1] == (200 - 3 * 13, 300)


def test_so_many_leave_in_a_time() -> None:
    drain = Drain(100)
    assert drain.within(10, 50, 101) == 50
    assert drain.within(10, 50, 104) == 1
    drain.finish_one()
    assert drain.within(10, 50, 104) == 2
