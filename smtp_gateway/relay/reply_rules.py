"""Rules on what a refusal means: of those that fit a reply, the first in their file decides.

Pure. The rules come from `rules_file`; a rule that has phrases is looked at only for a reply that
has the rarest word of one of them, so a reply costs the same however many rules there are.
"""

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from smtp_gateway.relay.reply_text import enhanced_status, words_of_reply
from smtp_gateway.relay.stage import Stage

Culprit = Literal["recipient", "content", "us", "network", ""]
"""Whose fault a refusal is; only "recipient" counts against the recipient's address."""

Suppresses = Literal["hard", "soft", "sender", ""]
"""What a mail that failed for good does to its recipient."""


@dataclass(frozen=True, slots=True)
class Category:
    """What a refusal means. `means` and `advice` are a sentence each, for the console."""

    name: str
    fault: Culprit
    means: str
    advice: str
    is_deferred: bool = False
    """A 5yz of this category is no judgement on the mail: it is tried again."""
    wait: timedelta | None = None
    """The shortest wait before the next attempt, where the reply names none."""
    suppresses: Suppresses = ""


# Bounded, and without a way back into a word: the time grows with the text and no faster.
_OTHER_WORDS = "(?:[^ ]++ ){0,10}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, " user unknown "; several parts have up to ten other words between them."""

    parts: tuple[str, ...]
    pattern: re.Pattern[str] | None
    """Finds several parts; one part needs none."""

    @classmethod
    def of(cls, *parts: str) -> "Phrase":
        """The phrase of `parts` as `words` makes them."""
        if len(parts) == 1:
            return cls(parts, None)
        spaced = [parts[0], *(part[1:] for part in parts[1:])]
        return cls(parts, re.compile(_OTHER_WORDS.join(map(re.escape, spaced))))

    def is_in(self, said: str) -> bool:
        """Whether the phrase stands in `said`, as `words` makes it."""
        if self.pattern is None:
            return self.parts[0] in said
        return self.pattern.search(said) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """Fits a reply that has one of each: codes, enhanced codes, stages, phrases; empty: any."""

    name: str
    category: Category
    codes: frozenset[str] = frozenset()
    enhanced: frozenset[str] = frozenset()
    not_enhanced: frozenset[str] = frozenset()
    stages: frozenset[Stage] = frozenset()
    says: tuple[Phrase, ...] = ()

    def fits(self, codes: frozenset[str], enhanced: frozenset[str], stage: Stage) -> bool:
        """Whether everything but the phrases fits."""
        return (
            (not self.codes or bool(self.codes & codes))
            and (not self.enhanced or bool(self.enhanced & enhanced))
            and not self.not_enhanced & enhanced
            and (not self.stages or stage in self.stages)
        )


class RuleBook:
    """Rules in their order, of which the last fits every reply."""

    def __init__(self, rules: Sequence[Rule], categories: Sequence[Category]) -> None:
        self.rules = tuple(rules)
        self.categories = {category.name: category for category in categories}
        self._by_word = _by_rarest_word(self.rules)
        self._fitting = functools.lru_cache(1024)(self._find_fitting)
        self.find = functools.lru_cache(1024)(self._find)

    def _find(self, stage: Stage, text: str) -> Rule:
        """The rule that decides on a reply; `text` is all of it, its code included."""
        enhanced = enhanced_status(text)
        fitting, best = self._fitting(text[:3], enhanced, stage)
        said = words_of_reply(text, enhanced)
        for word in set(said.split()) & self._by_word.keys():
            for index, phrase in self._by_word[word]:
                if index < best and index in fitting and phrase.is_in(said):
                    best = index
        return self.rules[best]

    def _find_fitting(self, code: str, enhanced: str, stage: Stage) -> tuple[frozenset[int], int]:
        """The rules whose phrases decide, and the first that needs none."""
        codes = frozenset({code, f"{code[:1]}yz"})
        kinds = _kinds(enhanced)
        fitting = [n for n, rule in enumerate(self.rules) if rule.fits(codes, kinds, stage)]
        first = next(n for n in fitting if not self.rules[n].says)
        return frozenset(n for n in fitting if n < first), first


def _kinds(enhanced: str) -> frozenset[str]:
    """What rules may call an enhanced code: 5.7.1, x.7.1 and x.7.x."""
    if not enhanced:
        return frozenset()
    _, subject, detail = enhanced.split(".")
    return frozenset({enhanced, f"x.{subject}.{detail}", f"x.{subject}.x"})


def _by_rarest_word(rules: Sequence[Rule]) -> dict[str, list[tuple[int, Phrase]]]:
    phrases = [(n, phrase) for n, rule in enumerate(rules) for phrase in rule.says]
    counts = Counter(word for _, phrase in phrases for word in _words(phrase))
    index: dict[str, list[tuple[int, Phrase]]] = {}
    for n, phrase in phrases:
        rarest = min(_words(phrase), key=lambda word: (counts[word], -len(word), word))
        index.setdefault(rarest, []).append((n, phrase))
    return index


def _words(phrase: Phrase) -> list[str]:
    return " ".join(phrase.parts).split()
