"""docs/delivery.md tells what each category means, in the words of the rules."""

from pathlib import Path

from smtp_gateway.relay.classify import RULES, Fault
from smtp_gateway.relay.reply_rules import Category

PAGE = Path(__file__).resolve().parents[3] / "docs" / "delivery.md"
WHO = {
    "recipient": "the recipient",
    "content": "the mail",
    "us": "us",
    "network": "the next hop",
    "": "nobody",
}


def row(category: Category) -> str:
    again = ""
    if category.is_deferred:
        again = f"after {category.wait.seconds // 60} min" if category.wait else "yes"
    cells = [f"`{category.name}`", WHO[category.fault], again, category.means, category.advice]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def test_the_table_of_categories_is_the_file() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What replies mean\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [row(category) for category in RULES.categories.values()]


def test_every_category_is_that_of_a_rule_or_a_fault() -> None:
    used = {rule.category.name for rule in RULES.rules} | {fault.value for fault in Fault}
    assert set(RULES.categories) == used
