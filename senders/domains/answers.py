"""Yes, no, and None where DNS gave no answer. Pure."""

from collections.abc import Iterable

from senders.domains.finding import Finding

Known = bool | None


def found_among(findings: Iterable[Finding]) -> Known:
    """Whether one of them is found; None: none is, and DNS did not say so of all."""
    states = [each.state for each in findings]
    if "found" in states:
        return True
    return None if "unknown" in states else False


def either(one: Known, other: Known) -> Known:
    if one or other:
        return True
    return None if one is None or other is None else False


def both(one: Known, other: Known) -> Known:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def chosen(first: Known, second: Known, *, is_first: Known) -> Known:
    """What is chosen; None also where it is not known which, and they differ."""
    if is_first is None:
        return first if first is second else None
    return first if is_first else second
