"""What can be done to a delivery by hand, and what stands in the way."""

import pytest

from smtp_gateway.action_words import COUNTED, SENTENCES, counted
from smtp_gateway.models import ActionName
from smtp_gateway.obstacles import Action, Facts, Obstacle, obstacle, offered, offered_for_list

WAITS, DUE = Facts("queued"), Facts("queued", is_due=True)
LEASED, HELD = Facts("leased"), Facts("held")
BOUNCED = Facts("bounced")
KEPT = Facts("relayed", is_kept=True)

TABLE: list[tuple[Action, Facts, Obstacle | None]] = [
    ("retry", WAITS, None),
    ("retry", DUE, Obstacle.DUE),
    ("retry", LEASED, Obstacle.IN_HAND),
    ("retry", HELD, Obstacle.SET_ASIDE),
    ("retry", BOUNCED, Obstacle.ENDED),
    ("cancel", WAITS, None),
    ("cancel", DUE, None),
    ("cancel", HELD, None),
    ("cancel", LEASED, Obstacle.IN_HAND),
    ("cancel", BOUNCED, Obstacle.ENDED),
    ("release", HELD, None),
    ("release", DUE, Obstacle.NOT_SET_ASIDE),
    ("release", LEASED, Obstacle.IN_HAND),
    ("release", BOUNCED, Obstacle.ENDED),
    ("send-again", BOUNCED, None),
    ("send-again", Facts("cancelled"), None),
    ("send-again", Facts("relayed"), None),
    ("send-again", WAITS, Obstacle.WAITS),
    ("send-again", LEASED, Obstacle.IN_HAND),
    ("send-again", HELD, Obstacle.SET_ASIDE),
    ("send-again", Facts("bounced", has_content=False), Obstacle.NO_CONTENT),
    ("send-again", Facts("bounced", is_suspended=True), Obstacle.SUSPENDED),
    ("send-again", KEPT, Obstacle.NO_WAY_OUT),
]


@pytest.mark.parametrize(
    ("action", "facts", "expected"),
    TABLE,
    ids=[f"{action}-{facts.state}-{number}" for number, (action, facts, _) in enumerate(TABLE)],
)
def test_each_action_has_its_obstacles(
    action: Action, facts: Facts, expected: Obstacle | None
) -> None:
    assert obstacle(action, facts, leads_out=False) is expected


def test_what_was_kept_here_leaves_where_a_route_leads_out() -> None:
    assert obstacle("send-again", KEPT, leads_out=True) is None


@pytest.mark.parametrize("state", ["queued", "leased", "held", "relayed", "bounced", "cancelled"])
@pytest.mark.parametrize("is_due", [False, True])
@pytest.mark.parametrize("has_content", [False, True])
def test_only_what_can_be_done_is_offered(state: str, is_due: bool, has_content: bool) -> None:
    facts = Facts(state, is_due=is_due, has_content=has_content)
    for action in offered(state, is_due=is_due, has_content=has_content):
        assert obstacle(action, facts, leads_out=True) is None


def test_a_list_of_everything_offers_every_action() -> None:
    assert sorted(offered_for_list("")) == sorted(ActionName.values)
    assert offered_for_list("leased") == ()
    assert offered_for_list("kept") == offered_for_list("expired") == ("send-again",)
    assert "release" in offered_for_list("held")


def test_each_obstacle_has_a_sentence_and_words_behind_a_number() -> None:
    assert set(SENTENCES) == set(COUNTED) == set(Obstacle)
    sentences = [str(sentence) for sentence in SENTENCES.values()]
    assert all(each[0].isupper() and each.endswith(".") for each in sentences)
    assert all(counted(one, 7).startswith("7 ") for one in Obstacle)
