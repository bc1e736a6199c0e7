"""Patterns of domains: `example.com` is that one alone, `*.example.com` every one below it.

Pure. Stored and compared lower-case, in A-labels (RFC 5890).
"""

import re
from collections.abc import Collection

import idna

MAX_PATTERNS = 500
_SEPARATORS = re.compile(r"[\s,;]+")


class InvalidPattern(ValueError):
    """The text is no pattern of a domain; its message says what to write instead."""


def parse_patterns(text: str) -> tuple[str, ...]:
    """The patterns in `text`, each once, in their order. Raises InvalidPattern."""
    found = dict.fromkeys(_parse(word) for word in _SEPARATORS.split(text) if word)
    if len(found) > MAX_PATTERNS:
        raise InvalidPattern(f"There are {len(found)} domains; at most {MAX_PATTERNS} can be used.")
    return tuple(found)


def normal_domain(domain: str) -> str:
    """`domain` as patterns have it; what is no domain name, such as `[192.0.2.1]`, lower-case."""
    name = domain.rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return name


def matches(patterns: Collection[str], domain: str) -> bool:
    """Whether one of `patterns` has `domain`, which is in its normal form."""
    if domain in patterns:
        return True
    labels = domain.split(".")
    return any(f"*.{'.'.join(labels[start:])}" in patterns for start in range(1, len(labels)))


def shown(pattern: str) -> str:
    """`pattern` for people: in U-labels."""
    try:
        return pattern[: _wildcard(pattern)] + idna.decode(pattern[_wildcard(pattern) :])
    except idna.IDNAError:
        return pattern


def _parse(word: str) -> str:
    if "@" in word:
        domain = word.rpartition("@")[2]
        instead = f": write {domain}" if domain else ""
        raise InvalidPattern(f"“{word[:80]}” is an address, and a domain is wanted{instead}.")
    if word in ("*", "*."):
        raise InvalidPattern("For every domain leave the field empty.")
    start = _wildcard(word)
    try:
        name = idna.encode(word[start:].rstrip("."), uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise InvalidPattern(
            f"“{word[:80]}” is no domain. Write it as in example.com, or *.example.com for all "
            "domains below it."
        ) from None
    return word[:start] + name


def _wildcard(word: str) -> int:
    """How long the wildcard at the beginning is."""
    return 2 if word.startswith("*.") else 0
