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
