"""Which pages of a list follow what comes in."""

import pytest

from senders.listing.asked import Asked, Listing, Sort
from senders.listing.keyset import Key, Order, Page, number
from senders.listing.shown import Shown

BY_TIME = Sort("time", Order((Key("pk", number),)), "Newest first", "Oldest first", is_by_time=True)
BY_NAME = Sort("name", Order((Key("pk", number),)), "Z to A")
LISTING = Listing(page="senders:list", export="senders:export", sorts=(BY_TIME, BY_NAME))


def shown(query: dict[str, str], looked_until: tuple[int] | None = None) -> Shown:
    page: Page[object] = Page(rows=[], above=None, below=None, looked_until=looked_until)
    return Shown(Asked.of(LISTING, query), page)


@pytest.mark.parametrize("query", [{}, {"q": "anna"}], ids=["all", "a search"])
def test_the_newest_are_live(query: dict[str, str]) -> None:
    assert shown(query).is_live


@pytest.mark.parametrize(
    "query",
    [{"below": "7"}, {"above": "7"}, {"sort": "time"}, {"sort": "-name"}],
    ids=["older", "newer", "oldest first", "by name"],
)
def test_every_other_page_stays_as_it_was_asked_for(query: dict[str, str]) -> None:
    assert not shown(query).is_live


def test_a_search_that_takes_long_is_not_repeated() -> None:
    assert not shown({"q": "anna"}, looked_until=(7,)).is_live
