"""docs/sending.md tells developers of every refusal there is, in the words that they see."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smtp_gateway.quota.values import QuotaReached
from smtp_gateway.submission import replies
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.suppression import Suppressed

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sending.md"
_SOME_DAY = datetime(2026, 11, 23, tzinfo=UTC)
_SOME_NUMBER = 987_654_321


def _all_replies() -> Iterator[Reply]:
    for thing in vars(replies).values():
        if isinstance(thing, Reply):
            yield thing
        elif inspect.isfunction(thing) and inspect.signature(thing).return_annotation is Reply:
            for stand_ins in _stand_ins(thing):
                yield thing(*stand_ins)


def _stand_ins(maker: Callable[..., Reply]) -> Iterator[list[object]]:
    kinds = [parameter.annotation for parameter in inspect.signature(maker).parameters.values()]
    names = [name.upper() for name in inspect.signature(maker).parameters]
    if kinds == [QuotaReached, datetime]:
        for whose in ("address", "type"):
            reached = QuotaReached(whose, "hour", _SOME_NUMBER, _SOME_NUMBER, _SOME_DAY)
            yield [reached, _SOME_DAY - timedelta(seconds=_SOME_NUMBER)]
    elif kinds == [int, int, datetime, datetime]:
        now = _SOME_DAY - timedelta(seconds=_SOME_NUMBER)
        yield [_SOME_NUMBER, _SOME_NUMBER, _SOME_DAY, now]
    elif kinds == [Suppressed]:
        yield from ([Suppressed("REASON", _SOME_DAY, is_unknown)] for is_unknown in (True, False))
    else:
        number_or_name = zip(kinds, names, strict=True)
        yield [_SOME_NUMBER if kind is int else name for kind, name in number_or_name]


def _refusals() -> set[str]:
    return {
        f"{reply.code} {reply.enhanced} {reply.text}".replace(str(_SOME_NUMBER), "N").replace(
            f"{_SOME_DAY:%Y-%m-%d}", "DAY"
        )
        for reply in _all_replies()
        if reply.code >= 400
    }


def _documented() -> list[str]:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [reply for row in rows for reply in re.findall(r"`([45]\d\d \d\.[^`]+)`", row)]


def test_every_refusal_is_explained() -> None:
    missing = "\n".join(sorted(_refusals() - set(_documented())))
    assert not missing, f"Say in docs/sending.md what a developer does about:\n{missing}"


def test_nothing_is_explained_that_is_never_said() -> None:
    assert sorted(set(_documented()) - _refusals()) == []


def test_each_is_explained_once() -> None:
    assert len(_documented()) == len(set(_documented()))
