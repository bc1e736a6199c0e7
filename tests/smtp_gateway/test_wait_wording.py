"""Every reason for which a delivery may wait has words of its own, for all languages."""

import pytest

from smtp_gateway.relay.classify import RULES, Fault
from smtp_gateway.wait_wording import CODES

DEFERRED = {"next-hop-deferred", "next-hop-refused-connection"}


@pytest.mark.parametrize(
    "code", sorted({*RULES.categories, *(each.value for each in Fault), *DEFERRED})
)
def test_what_a_next_hop_says_has_words(code: str) -> None:
    assert str(CODES[code])
