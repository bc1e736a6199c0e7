"""Parts are killed at exact moments of a submission: what got a 250 arrives once, and what was
not committed is not there.
"""

import os
import signal
from collections.abc import Sequence

import pytest

from tests.journeys.holding import inserts_held
from tests.journeys.relaying import PATIENCE
from tests.journeys.scenes import Scene
from tests.journeys.victims import gateway_workers
from tests.waiting import wait_for

pytestmark = [pytest.mark.journey]

GATEWAY = {"gateway": ["gateway"], "gateway worker": ["gateway worker"]}
DATABASE = {"postgres": ["postgres"], "backend": ["backend"]}
OTHERS = {"all others": ["relay", "worker", "redis"]}
VICTIMS = {**GATEWAY, **DATABASE, **OTHERS}

killing = pytest.mark.parametrize("who", VICTIMS)


@killing
def test_before_the_final_dot(scene: Scene, who: str) -> None:
    with scene.submission(is_first=False) as client:
        scene.kill(VICTIMS[who])
        client.final_dot()
        answer = client.answer()
    assert answer in answers_to(who)
    assert_it_is_there_once_or_not_at_all(scene, is_there=answer == 250)


@killing
def test_before_the_commit(scene: Scene, who: str) -> None:
    with scene.submission(is_first=False) as client:
        with inserts_held(scene.tables) as held:
            client.final_dot()
            statement = held.statement()
            scene.kill(VICTIMS[who], backend=statement)
            if who in GATEWAY:
                held.end(statement)
        answer = client.answer()
    assert answer in answers_to(who)
    assert_it_is_there_once_or_not_at_all(scene, is_there=answer == 250)


@killing
def test_after_the_commit_and_before_the_250(scene: Scene, who: str) -> None:
    with scene.submission(is_first=False) as client:
        (worker,) = gateway_workers(scene.stack)
        with inserts_held(scene.tables) as held:
            client.final_dot()
            held.statement()
            os.kill(worker, signal.SIGSTOP)
        wait_for(lambda: scene.tables.states(scene.mark), seconds=PATIENCE, what="the commit")
        scene.kill(VICTIMS[who])
        if who not in GATEWAY:
            os.kill(worker, signal.SIGCONT)
        answer = client.answer()
    assert answer == (None if who in GATEWAY else 250)
    assert_it_is_there_once_or_not_at_all(scene, is_there=True)


def test_a_commit_that_its_gateway_did_not_live_to_see_is_of_the_whole_mail(scene: Scene) -> None:
    with scene.submission(is_first=False) as client:
        with inserts_held(scene.tables) as held:
            client.final_dot()
            held.statement()
            scene.kill(["gateway worker"])
        assert client.answer() is None
    wait_for(lambda: scene.tables.states(scene.mark), seconds=PATIENCE, what="the commit")
    assert_it_is_there_once_or_not_at_all(scene, is_there=True)


def answers_to(who: str) -> Sequence[int | None]:
    """What the application may hear."""
    if who in GATEWAY:
        return [None]
    # The database is asked twice, and may be back by then.
    return [250, 451] if who in DATABASE else [250]


def assert_it_is_there_once_or_not_at_all(scene: Scene, *, is_there: bool) -> None:
    if is_there:
        scene.settle()
        assert scene.outcomes() == [["relayed"], ["relayed"]]
    else:
        scene.recover()
        assert scene.tables.states(scene.mark) == {}
    assert scene.arrivals() == [int(is_there)] * 2
