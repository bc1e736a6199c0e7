"""docs/suppression.md says what each category does to its recipient."""

import re
from pathlib import Path

from smtp_gateway.relay.classify import RULES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "suppression.md"


def test_the_table_is_that_of_the_rules() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| (hard|soft|sender) \|$", PAGE.read_text(), re.MULTILINE)
    rules = [(each.name, each.suppresses) for each in RULES.categories.values() if each.suppresses]
    assert told == rules


def test_every_fault_of_a_recipient_has_a_consequence() -> None:
    assert {each.fault for each in RULES.categories.values() if each.suppresses} == {"recipient"}
    assert all(each.suppresses for each in RULES.categories.values() if each.fault == "recipient")
