"""Who gets how many of the bytes of a lane, and in what order."""

from smtp_gateway.relay.budget import Ask, ByteBudget


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def make_budget() -> tuple[ByteBudget, Clock]:
    clock = Clock()
    return ByteBudget(100, clock), clock


def asked(budget: ByteBudget, owner: str, *sizes: int) -> list[Ask]:
    return [budget.ask(owner, size) for size in sizes]


def lent(asks: list[Ask]) -> list[bool]:
    return [ask.is_lent for ask in asks]


async def test_an_owner_has_a_quarter_of_the_bytes() -> None:
    budget, _ = make_budget()
    asks = asked(budget, "a", 10, 10, 10)
    assert lent(asks) == [True, True, False]
    budget.give_back(asks[0])
    assert asks[2].is_lent


async def test_an_owner_has_half_of_the_bytes_while_it_gives_them_back_quickly() -> None:
    budget, clock = make_budget()
    (first,) = asked(budget, "a", 20)
    clock.now += 5
    budget.give_back(first)
    assert lent(asked(budget, "a", 20, 20, 20)) == [True, True, False]


async def test_who_was_quick_long_ago_or_is_slow_has_a_quarter() -> None:
    budget, clock = make_budget()
    quick, slow = asked(budget, "a", 20)[0], asked(budget, "b", 20)[0]
    budget.give_back(quick)
    clock.now += 15
    budget.give_back(slow)
    assert lent(asked(budget, "a", 20, 20)) == [True, False]
    assert lent(asked(budget, "b", 20, 20)) == [True, False]


async def test_an_owner_has_one_loan_that_is_larger() -> None:
    budget, _ = make_budget()
    asks = asked(budget, "a", 40, 40, 10)
    assert lent(asks) == [True, False, True]
    budget.give_back(asks[0])
    assert asks[1].is_lent


async def test_the_last_quarter_is_for_owners_who_have_none() -> None:
    budget, _ = make_budget()
    asked(budget, "a", 20)
    asked(budget, "b", 45)
    assert lent(asked(budget, "c", 10, 10)) == [True, False]
    assert lent(asked(budget, "d", 20)) == [True]


async def test_what_is_larger_than_all_bytes_goes_alone() -> None:
    budget, _ = make_budget()
    (small,) = asked(budget, "a", 1)
    (huge,) = asked(budget, "b", 1000)
    assert not huge.is_lent
    budget.give_back(small)
    assert huge.is_lent
    assert lent(asked(budget, "c", 1)) == [False]


async def test_a_large_one_is_overtaken_for_a_while_and_then_gathers_room_for_a_while() -> None:
    budget, clock = make_budget()
    asked(budget, "a", 40)
    asked(budget, "b", 40)
    (large,) = asked(budget, "c", 40)
    assert lent(asked(budget, "d", 5)) == [True]
    clock.now += 1.5
    (behind,) = asked(budget, "e", 5)
    assert not behind.is_lent
    clock.now += 1
    budget.grant()
    assert lent([large, behind]) == [False, True]


async def test_nobody_waits_for_what_waits_for_its_own_loans() -> None:
    budget, clock = make_budget()
    asked(budget, "a", 40, 40)
    clock.now += 1.5
    assert lent(asked(budget, "b", 40)) == [True]


async def test_what_leaves_fast_enough_is_not_overdue() -> None:
    budget, clock = make_budget()
    asks = asked(budget, "a", *[25] * 20)
    for ask in asks[:6]:
        clock.now += 0.5
        budget.give_back(ask)
    assert list(budget.overdue(0)) == []


async def test_what_leaves_slowly_is_overdue_each_in_its_turn() -> None:
    budget, clock = make_budget()
    asks = asked(budget, "a", *[25] * 10)
    clock.now += 4
    budget.give_back(asks[0])
    # Two in four seconds: five of the seven begin within ten.
    overdue = list(budget.overdue(0))
    assert [each.ask for each in overdue] == asks[8:]
    assert [each.seconds for each in overdue] == [10, 12]
    assert not any(each.is_others_doing for each in overdue)


async def test_where_others_have_all_bytes_it_is_overdue_by_their_doing() -> None:
    budget, clock = make_budget()
    asked(budget, "a", 50)
    asked(budget, "b", 50)
    (ask,) = asked(budget, "c", 10)
    clock.now += 6
    (overdue,) = budget.overdue(0)
    assert (overdue.ask, overdue.is_others_doing) == (ask, True)


async def test_a_large_one_does_not_wait_for_long_beside_small_ones_that_leave() -> None:
    budget, clock = make_budget()
    _, second = asked(budget, "a", 40, 40)
    for _ in range(50):
        clock.now += 0.5
        (small,) = asked(budget, "a", 1)
        budget.give_back(small)
    assert [each.ask for each in budget.overdue(0)] == [second]


async def test_where_nothing_could_leave_at_all_nothing_is_overdue() -> None:
    budget, clock = make_budget()
    asked(budget, "a", 40, 40)
    clock.now += 6
    assert list(budget.overdue(held_back_until=clock.now - 1)) == []


async def test_what_was_given_up_is_not_granted_any_more() -> None:
    budget, _ = make_budget()
    first, second, third = asked(budget, "a", 25, 25, 25)
    assert budget.asked_by("a") == [second, third]
    budget.give_up(second)
    assert second.settled.done()
    budget.give_back(first)
    assert lent([second, third]) == [False, True]
    budget.give_back(second)
    assert lent(asked(budget, "b", 50)) == [True]


async def test_who_is_cancelled_as_it_is_lent_gives_it_back() -> None:
    budget, _ = make_budget()
    first, second = asked(budget, "a", 25, 25)
    second.settled.cancel()
    budget.give_back(first)
    budget.give_back(second)
    assert lent(asked(budget, "b", 100)) == [True]


async def test_owners_who_are_through_are_forgotten() -> None:
    budget, _ = make_budget()
    for owner in "abc":
        budget.give_back(budget.ask(owner, 10))
    assert list(budget.overdue(0)) == []
    assert not budget._owners
