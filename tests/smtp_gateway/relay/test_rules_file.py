"""What is wrong with a rules file is told in a sentence that names the place."""

from pathlib import Path

import pytest

from smtp_gateway.relay.rules_file import BadRules, load
from smtp_gateway.relay.stage import Stage

CATEGORIES = """
[gone]
fault = "recipient"
means = "It is gone."
advice = "Stop."

[later]
fault = "us"
means = "It is later."
advice = "Wait."
deferred = true
wait_minutes = 5
"""
RULES = """
[[rules]]
name = "first"
category = "gone"
codes = ["550", "4yz"]
enhanced = ["5.1.1", "x.2.1", "x.7.x"]
stages = ["RCPT"]
says = ["no * user", "gone"]

[[rules]]
name = "last"
category = "later"
"""


def load_from(folder: Path, categories: str, rules: str) -> str:
    """What loading says; "" where nothing is wrong."""
    (folder / "categories.toml").write_text(categories, encoding="utf-8")
    (folder / "replies.toml").write_text(rules, encoding="utf-8")
    try:
        load(folder)
    except BadRules as error:
        return str(error)
    return ""


def test_rules_are_read(tmp_path: Path) -> None:
    assert load_from(tmp_path, CATEGORIES, RULES) == ""
    book = load(tmp_path)
    first, last = book.rules
    assert first.stages == {Stage.RCPT}
    assert first.enhanced == {"5.1.1", "x.2.1", "x.7.x"}
    assert last.category.is_deferred
    assert book.find(Stage.RCPT, "550 5.1.1 no such user") is first
    assert book.find(Stage.DATA, "550 5.1.1 no such user") is last


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ('codes = ["550"', 'code = ["550"', "rule first: unknown key 'code'; known are name, "),
        ('"550", "4yz"', '"five"', "rule first: 'five' is nothing that codes may hold"),
        ('"550", "4yz"', "550", "rule first: codes is no list of texts"),
        ('"550", "4yz"', "", "rule first: codes is empty; leave it out where any fits"),
        ('"x.2.1"', '"x.2"', "rule first: 'x.2' is nothing that enhanced may hold"),
        ('"x.2.1"', '"3.2.1"', "rule first: '3.2.1' is nothing that enhanced may hold"),
        ('"RCPT"', '"RCTP"', "rule first: no stage 'RCTP'; known are CONNECT, GREETING, "),
        ('"gone"]', '"*"]', "rule first: '*' is no phrase; words, and * only between words"),
        ('"gone"]', '"gone *"]', "rule first: 'gone *' is no phrase"),
        ('"gone"]', '"!"]', "rule first: '!' is no phrase"),
        ('"gone"]', '"NO * user"]', "rule first: never gets 'no * user'; rule first has it"),
        ('category = "gone"', 'category = "lost"', "rule first: categories.toml has no 'lost'"),
        ('category = "gone"', "", "rule first: category is missing, or is no text"),
        ('name = "first"', 'name = "First One"', "rule First One: 'First One' is no name"),
        ('name = "first"', f'name = "{"x" * 41}"', "is no name"),
        ('name = "first"', "", "rule 1: name is missing, or is no text"),
        ('name = "last"', 'name = "first"', "two rules are called first"),
        ('"later"', '"later"\ncodes = ["5yz"]', "the last rule, last, has to fit every reply"),
        ("[[rules]]", "[[rule]]", "replies.toml"),
        ("[[rules]]", "[rules", "replies.toml cannot be read: "),
    ],
)
def test_a_mistake_in_the_rules_is_named(
    tmp_path: Path, found: str, instead: str, says: str
) -> None:
    assert found in RULES
    assert says in load_from(tmp_path, CATEGORIES, RULES.replace(found, instead, 1))


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ('"recipient"', '"them"', "gone: nobody is called 'them'; a fault is one of recipient"),
        ('"It is gone."', '"It is gone"', "gone: means is no sentence on one line"),
        ('advice = "Stop."', "", "gone: advice is missing, or is no text"),
        ('advice = "Stop."', 'advise = "Stop."', "gone: unknown key 'advise'"),
        ('"us"', '"content"', "later: a 5yz about the content says never; it cannot be deferred"),
        ("true", "1", "later: deferred is neither true nor false"),
        ("= 5", "= 0", "later: wait_minutes is no number from 1 to 1440"),
        ("= 5", "= true", "later: wait_minutes is no number from 1 to 1440"),
        ("[gone]", "[Gone]", "Gone: 'Gone' is no name"),
        ("[gone]", "gone = 1", "gone is no table"),
    ],
)
def test_a_mistake_in_the_categories_is_named(
    tmp_path: Path, found: str, instead: str, says: str
) -> None:
    assert found in CATEGORIES
    assert says in load_from(tmp_path, CATEGORIES.replace(found, instead, 1), RULES)


def test_a_rule_that_can_never_decide_is_named(tmp_path: Path) -> None:
    twin = '[[rules]]\nname = "twin"\ncategory = "gone"\ncodes = ["550"]\n'
    rules = twin + twin.replace("twin", "other") + RULES
    said = load_from(tmp_path, CATEGORIES, rules)
    assert said == "replies.toml, rule other: never gets all it fits; rule twin has it already"


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"^categories\.toml cannot be read: "):
        load(tmp_path)
