"""How long a next hop asks us to wait, read from the text of its reply.

Pure. There is no standard for it: these are the forms that servers write, from greylisting to
limits. A duration that describes a limit ("100 mails per 60 minutes") is not one.
"""

import re
from datetime import timedelta

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(hours=24)

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NUMBER = r"(?:\d{1,6}|an?|one)"
_UNIT = r"(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|days?)"
_AMOUNT = re.compile(rf"(?P<number>{_NUMBER}) {{0,2}}-? {{0,2}}(?P<unit>{_UNIT})(?![a-z])")
_CLOCK = re.compile(r"(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)(?![\d:])")
# Within a word or an address ("1h2a.example") nothing starts; every repetition is bounded, so that
# the time for a text grows with its length and no faster.
_WAIT = re.compile(
    rf"(?<![\w.:])(?:\d{{1,3}}:[0-5]\d:[0-5]\d|{_NUMBER} {{0,2}}-? {{0,2}}{_UNIT}(?![a-z])"
    rf"(?:(?:,? {{0,2}}(?:and )?)(?=\d){_NUMBER} {{0,2}}{_UNIT}(?![a-z])){{0,3}})(?![\w:])"
)
_ASKS = re.compile(
    r"\b(?:again|retry|retries|retried|retrying|wait|waiting|back|later|delay|delayed|resend|resent|"
    r"reconnect|try|defer|deferred|gr[ea]ylist|gr[ea]ylisted|gr[ea]ylisting|remaining|expires?)\b"
)
# "More than 20 connections in the last 10 minutes": a limit, wherever else the text asks to wait.
_LIMITS = re.compile(
    r"(?:\bper|\bevery|\blast|\bpast|\bwithin|\bprevious|/|\beach|\bover|\bthan|\bfor up to"
    r"|\bseen)(?: a| the)? {0,2}\Z"
)
_ASKS_AFTER = re.compile(
    r" {0,2}(?:before|until|then|and|,|to)? {0,2}(?:you )?"
    r"(?:retry|retrying|try|trying|resend|reconnect|remaining|left)"
)
_REACH_CHARS = 60
_MAX_TEXT_CHARS = 2000


def waiting_hint(text: str) -> timedelta | None:
    """The wait that a reply asks for, from SHORTEST to LONGEST; None: it asks for none.

    `text` is the whole reply, its code included; what comes after 2,000 characters is not read.
    """
    text = text[:_MAX_TEXT_CHARS].lower()
    waits = [found for found in _WAIT.finditer(text) if not _is_limit(text, found)]
    for found in waits:
        if _is_asked_for(text, found):
            return _bounded(found[0])
    # "451 4.7.1 Held, 600 seconds": where policy delays a mail, the only duration is the delay.
    if len(waits) == 1 and text.startswith("4") and " 4.7.1 " in text[:10]:
        return _bounded(waits[0][0])
    return None


def _is_limit(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 20) : found.start()]
    return _LIMITS.search(before) is not None


def _is_asked_for(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - _REACH_CHARS) : found.start()]
    return bool(_ASKS.search(before) or _ASKS_AFTER.match(text, found.end()))


def _bounded(words: str) -> timedelta:
    if clock := _CLOCK.match(words):
        hours, minutes, seconds = map(int, clock.groups())
        wait = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    else:
        wait = timedelta(seconds=sum(_seconds(amount) for amount in _AMOUNT.finditer(words)))
    return max(SHORTEST, min(wait, LONGEST))


def _seconds(amount: re.Match[str]) -> int:
    number = amount["number"]
    count = int(number) if number[0].isdecimal() else 1
    return count * _UNIT_SECONDS[amount["unit"][0]]
