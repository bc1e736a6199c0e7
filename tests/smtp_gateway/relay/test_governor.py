"""How hard a destination is worked."""

from smtp_gateway.relay.governor import Caps, Governor


def make_governor(connections: int = 20, interval: float = 0.0) -> Governor:
    return Governor(Caps(connections, interval))


def trouble(governor: Governor, *times: float, retry_after: float | None = None) -> None:
    for now in times:
        governor.troubled(now, why="It was busy.", retry_after=retry_after)


def test_a_new_destination_begins_with_few_connections() -> None:
    assert make_governor().connections == 5
    assert make_governor(3).connections == 3


def test_each_round_of_mails_that_it_takes_is_worth_a_connection() -> None:
    governor = make_governor()
    for _ in range(5):
        governor.succeeded()
    assert governor.connections == 5
    governor.succeeded()
    assert governor.connections == 6


def test_it_never_grows_beyond_what_the_operator_allows() -> None:
    governor = make_governor(7)
    for _ in range(1000):
        governor.succeeded()
    assert governor.connections == 7


def test_trouble_halves_the_connections() -> None:
    governor = make_governor()
    for _ in range(1000):
        governor.succeeded()
    trouble(governor, 100)
    assert governor.connections == 10


def test_what_fails_together_counts_once() -> None:
    governor = make_governor(4)
    trouble(governor, 100, 100.1, 100.5, 100.9)
    assert (governor.connections, governor.held_for(101)) == (2, 0)


def test_one_connection_always_remains() -> None:
    governor = make_governor()
    trouble(governor, *range(100, 104))
    assert governor.connections == 1


def test_trouble_again_and_again_has_it_left_alone_longer_each_time() -> None:
    governor = make_governor()
    trouble(governor, 100, 102)
    assert governor.held_for(102) == 0
    trouble(governor, 104)
    assert governor.held_for(104) == 5
    trouble(governor, 110)
    assert governor.held_for(110) == 10
    trouble(governor, *range(200, 5000, 400))
    assert governor.held_for(4600) == 300


def test_a_mail_that_it_takes_makes_it_forget_the_trouble() -> None:
    governor = make_governor()
    trouble(governor, 100, 102)
    governor.succeeded()
    trouble(governor, 104, 106)
    assert governor.held_for(106) == 0
    assert governor.trouble == "It was busy."


def test_it_is_left_alone_for_as_long_as_it_asks() -> None:
    governor = make_governor()
    trouble(governor, 100, retry_after=60)
    assert (governor.held_for(100), governor.held_for(159), governor.held_for(160)) == (60, 1, 0)


def test_but_for_no_more_than_five_minutes() -> None:
    governor = make_governor()
    trouble(governor, 100, retry_after=86400)
    assert governor.held_for(100) == 300


def test_a_hold_can_be_ended_by_hand() -> None:
    governor = make_governor()
    trouble(governor, 100, retry_after=60)
    governor.release()
    assert governor.held_for(100) == 0


def test_a_pace_gives_out_places_one_interval_apart() -> None:
    governor = make_governor(interval=2.0)
    assert [governor.slot(100), governor.slot(100), governor.slot(101)] == [0, 2, 3]
    assert not governor.has_slot(105)
    assert governor.has_slot(106)


def test_what_was_not_used_of_a_pace_is_not_saved_up() -> None:
    governor = make_governor(interval=2.0)
    governor.slot(100)
    assert [governor.slot(200), governor.slot(200)] == [0, 2]


def test_without_a_pace_every_mail_may_go_at_once() -> None:
    governor = make_governor()
    assert [governor.slot(100) for _ in range(3)] == [0, 0, 0]
    assert governor.has_slot(100)


def test_a_smaller_share_counts_at_once_and_a_larger_one_is_grown_into() -> None:
    governor = make_governor(20)
    for _ in range(1000):
        governor.succeeded()
    governor.set_caps(Caps(8))
    assert governor.connections == 8
    governor.set_caps(Caps(20))
    assert governor.connections == 8
    governor.set_caps(Caps(0))
    assert governor.connections == 0
    governor.set_caps(Caps(20))
    assert governor.connections == 1
