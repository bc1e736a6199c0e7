"""Reads the rules on replies, and says what is wrong with them: two TOML files, `rules/`.

Pure but for reading. The files say what they may hold; whatever else they hold is an error, since
a misspelt key would be a rule that silently fits too much.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast, get_args

from smtp_gateway.relay.reply_rules import (
    Category,
    Culprit,
    Phrase,
    Rule,
    RuleBook,
    Suppresses,
)
from smtp_gateway.relay.reply_text import words
from smtp_gateway.relay.stage import Stage

SHIPPED = Path(__file__).with_name("rules")

_CATEGORY_KEYS = ("fault", "means", "advice", "deferred", "wait_minutes", "suppresses")
_RULE_KEYS = ("name", "category", "codes", "enhanced", "not_enhanced", "stages", "says")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_CODE = re.compile(r"[2-5](yz|\d\d)\Z")
_ENHANCED = re.compile(r"[245x]\.(\d{1,3}\.(\d{1,3}|x))\Z")
_MOST_NAME_CHARS = 40
_DAY_MINUTES = 24 * 60

Table = Mapping[str, Any]


class BadRules(Exception):
    """Rules that cannot be used; the text names the file, the entry and what is wrong."""


def load(folder: Path = SHIPPED) -> RuleBook:
    """The rules of `categories.toml` and `replies.toml`. Raises BadRules."""
    categories = _categories(_read(folder / "categories.toml"))
    rules = _rules(_read(folder / "replies.toml"), categories)
    return RuleBook(rules, list(categories.values()))


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRules(f"{path.name} cannot be read: {error}") from error


def _categories(table: Table) -> dict[str, Category]:
    return {name: _category(name, entry) for name, entry in table.items()}


def _category(name: str, entry: object) -> Category:
    where = f"categories.toml, {name}"
    fields = _fields(entry, _CATEGORY_KEYS, where)
    _check_name(name, where)
    is_deferred = _flag(fields, "deferred", where)
    fault = _text(fields, "fault", where)
    if fault not in get_args(Culprit):
        raise BadRules(f"{where}: nobody is called {fault!r}; a fault is one of {_listed(Culprit)}")
    if is_deferred and fault in ("recipient", "content"):
        raise BadRules(f"{where}: a 5yz about the {fault} says never; it cannot be deferred")
    return Category(
        name=name,
        fault=cast(Culprit, fault),
        means=_sentence(fields, "means", where),
        advice=_sentence(fields, "advice", where),
        is_deferred=is_deferred,
        wait=_minutes(fields, "wait_minutes", where),
        suppresses=_suppresses(fields, fault, where),
    )


def _suppresses(fields: Table, fault: str, where: str) -> Suppresses:
    if "suppresses" not in fields:
        return ""
    text = _text(fields, "suppresses", where)
    if not text or text not in get_args(Suppresses):
        raise BadRules(f"{where}: suppresses is one of hard, soft and sender, not {text!r}")
    if fault != "recipient":
        raise BadRules(f"{where}: only what is the recipient's fault suppresses a recipient")
    return cast(Suppresses, text)


def _rules(table: Table, categories: Mapping[str, Category]) -> list[Rule]:
    _fields(table, ("rules",), "replies.toml")
    entries = table.get("rules")
    if not isinstance(entries, list) or not entries:
        raise BadRules("replies.toml has no [[rules]]")
    rules = [_rule(number, entry, categories) for number, entry in enumerate(entries, 1)]
    _check_order(rules)
    return rules


def _rule(number: int, entry: object, categories: Mapping[str, Category]) -> Rule:
    where = f"replies.toml, rule {_called(entry) or number}"
    fields = _fields(entry, _RULE_KEYS, where)
    name = _text(fields, "name", where)
    _check_name(name, where)
    category = _text(fields, "category", where)
    if category not in categories:
        raise BadRules(f"{where}: categories.toml has no {category!r}")
    return Rule(
        name=name,
        category=categories[category],
        codes=frozenset(_codes(fields, "codes", _CODE, where)),
        enhanced=frozenset(_codes(fields, "enhanced", _ENHANCED, where)),
        not_enhanced=frozenset(_codes(fields, "not_enhanced", _ENHANCED, where)),
        stages=frozenset(_stage(text, where) for text in _texts(fields, "stages", where)),
        says=tuple(_phrase(text, where) for text in _texts(fields, "says", where)),
    )


def _called(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _check_order(rules: Sequence[Rule]) -> None:
    seen: dict[object, str] = {}
    for rule in rules:
        conditions = (rule.codes, rule.enhanced, rule.not_enhanced, rule.stages)
        claims = [("name", rule.name), *((*conditions, phrase) for phrase in rule.says or (None,))]
        for claim in claims:
            if claim in seen:
                raise BadRules(_twice(rule, seen[claim], claim))
            seen[claim] = rule.name
    last = rules[-1]
    if last != Rule(last.name, last.category):
        raise BadRules(f"replies.toml: the last rule, {last.name}, has to fit every reply")


def _twice(rule: Rule, earlier: str, claim: tuple[object, ...]) -> str:
    if claim[0] == "name":
        return f"replies.toml: two rules are called {rule.name}"
    phrase = claim[-1]
    what = (
        repr(" * ".join(part.strip() for part in phrase.parts))
        if isinstance(phrase, Phrase)
        else "all it fits"
    )
    return f"replies.toml, rule {rule.name}: never gets {what}; rule {earlier} has it already"


def _fields(entry: object, known: Sequence[str], where: str) -> Table:
    if not isinstance(entry, dict):
        raise BadRules(f"{where} is no table")
    for key in entry:
        if key not in known:
            raise BadRules(f"{where}: unknown key {key!r}; known are {', '.join(known)}")
    return entry


def _text(fields: Table, key: str, where: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise BadRules(f"{where}: {key} is missing, or is no text")
    return value


def _sentence(fields: Table, key: str, where: str) -> str:
    text = _text(fields, key, where)
    if not text.endswith(".") or "\n" in text:
        raise BadRules(f"{where}: {key} is no sentence on one line")
    return text


def _texts(fields: Table, key: str, where: str) -> list[str]:
    values = fields.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadRules(f"{where}: {key} is no list of texts")
    if key in fields and not values:
        raise BadRules(f"{where}: {key} is empty; leave it out where any fits")
    return values


def _codes(fields: Table, key: str, form: re.Pattern[str], where: str) -> list[str]:
    codes = _texts(fields, key, where)
    for code in codes:
        if not form.match(code):
            raise BadRules(f"{where}: {code!r} is nothing that {key} may hold")
    return codes


def _flag(fields: Table, key: str, where: str) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise BadRules(f"{where}: {key} is neither true nor false")
    return value


def _minutes(fields: Table, key: str, where: str) -> timedelta | None:
    if key not in fields:
        return None
    value = fields[key]
    if type(value) is not int or not 1 <= value <= _DAY_MINUTES:
        raise BadRules(f"{where}: {key} is no number from 1 to {_DAY_MINUTES}")
    return timedelta(minutes=value)


def _check_name(name: str, where: str) -> None:
    if not _NAME.match(name) or len(name) > _MOST_NAME_CHARS:
        raise BadRules(
            f"{where}: {name!r} is no name; lower-case words with hyphens, at most"
            f" {_MOST_NAME_CHARS} characters"
        )


def _stage(text: str, where: str) -> Stage:
    if text not in Stage.__members__:
        raise BadRules(f"{where}: no stage {text!r}; known are {', '.join(Stage.__members__)}")
    return Stage[text]


def _phrase(text: str, where: str) -> Phrase:
    parts = tuple(words(part) for part in text.split("*"))
    if not all(part.strip() for part in parts):
        raise BadRules(f"{where}: {text!r} is no phrase; words, and * only between words")
    return Phrase.of(*parts)


def _listed(culprits: object) -> str:
    return ", ".join(name or '""' for name in get_args(culprits))
