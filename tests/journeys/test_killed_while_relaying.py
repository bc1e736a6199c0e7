"""Parts are killed at exact moments of a mail's way to the next hop: nothing is lost; only a
killed relay sends twice, only what was under way, and says so.
"""

import pytest

from tests.journeys.holding import leases_held, records_held
from tests.journeys.relaying import PATIENCE
from tests.journeys.scenes import Scene
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

VICTIMS = {
    "relay": ["relay"],
    "postgres": ["postgres"],
    "backend": ["backend"],
    "all others": ["gateway", "worker", "redis"],
}
BEGUN, UNDISTURBED = ["uncertain", "relayed"], ["relayed"]

killing = pytest.mark.parametrize("who", VICTIMS)


@killing
def test_before_the_final_dot(scene: Scene, who: str) -> None:
    with scene.sink.holding("data", scene.mark) as hold:
        scene.submit()
        assert hold.reached.wait(PATIENCE)
        crowd = leased_behind(scene)
        scene.kill(VICTIMS[who])
    assert_arrivals(scene, who, twice=False)
    assert_not_begun(crowd)


@killing
def test_when_the_next_hop_has_it_and_before_its_250(scene: Scene, who: str) -> None:
    with scene.sink.holding("taken", scene.mark) as hold:
        scene.submit()
        assert hold.reached.wait(PATIENCE)
        crowd = leased_behind(scene)
        scene.kill(VICTIMS[who])
    assert_arrivals(scene, who, twice=who == "relay")
    assert_not_begun(crowd)


@killing
def test_after_the_next_hops_250_and_before_the_record(scene: Scene, who: str) -> None:
    with scene.sink.holding("taken", scene.mark) as hold:
        scene.submit()
        assert hold.reached.wait(PATIENCE)
        with records_held(scene.tables, scene.mark) as held:
            hold.goes_on.set()
            statement = held.statement()
            scene.kill(VICTIMS[who], backend=statement)
            if who == "relay":
                held.end(statement)
    assert_arrivals(scene, who, twice=who == "relay")


def test_a_record_that_its_relay_did_not_live_to_see_counts(scene: Scene) -> None:
    with scene.sink.holding("taken", scene.mark) as hold:
        scene.submit()
        assert hold.reached.wait(PATIENCE)
        with records_held(scene.tables, scene.mark) as held:
            hold.goes_on.set()
            held.statement()
            scene.halt("relay")
        wait_for(lambda: "leased" not in scene.tables.states(scene.mark).values(), seconds=PATIENCE)
        scene.kill(["relay"])
    scene.settle()
    assert scene.arrivals() == [1, 1]
    assert scene.outcomes() == [UNDISTURBED] * 2


def test_a_lease_that_comes_to_nothing_is_another_relays(scene: Scene) -> None:
    see_the_relay_at_work(scene)
    with leases_held(scene.tables, scene.mark) as held:
        scene.submit()
        statement = held.statement()
        scene.kill(["relay"])
        held.end(statement)
    assert_not_begun(scene)


def test_what_was_leased_and_not_begun_is_not_called_uncertain(scene: Scene) -> None:
    see_the_relay_at_work(scene)
    with leases_held(scene.tables, scene.mark) as held:
        scene.submit()
        held.statement()
        scene.halt("relay")
    leased = dict.fromkeys(scene.recipients, "leased")
    wait_for(lambda: scene.tables.states(scene.mark) == leased, seconds=PATIENCE, what="the lease")
    scene.kill(["relay"])
    assert_not_begun(scene)


def see_the_relay_at_work(scene: Scene) -> None:
    """It may have been started again a moment ago, and not be registered yet."""
    before = Scene(scene.stack, scene.sink)
    before.submit()
    before.settle()


def leased_behind(scene: Scene) -> Scene:
    """A mail that the relay has in hand, while its only connection is taken."""
    waiting = Scene(scene.stack, scene.sink)
    waiting.submit()
    leased = dict.fromkeys(waiting.recipients, "leased")
    wait_for(
        lambda: scene.tables.states(waiting.mark) == leased, seconds=PATIENCE, what="the lease"
    )
    return waiting


def assert_arrivals(scene: Scene, who: str, *, twice: bool) -> None:
    scene.settle()
    assert scene.arrivals() == [2 if twice else 1] * 2
    assert scene.outcomes() == [BEGUN if who == "relay" else UNDISTURBED] * 2


def assert_not_begun(scene: Scene) -> None:
    scene.settle()
    assert scene.arrivals() == [1, 1]
    assert scene.outcomes() == [UNDISTURBED] * 2
