"""What the gateway would say to the message: its checks, in the order of an SMTP dialogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from aiosmtpd.smtp import SMTP
from django.urls import reverse
from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway import directory
from smtp_gateway.gateway_config import submission_config
from smtp_gateway.preview.repeating import repeated_lines
from smtp_gateway.preview.values import Asked, Line, said
from smtp_gateway.quota.reading import room_for, usage_of
from smtp_gateway.quota.wording import quota_words
from smtp_gateway.standing.wording import allowance_sentence, grouped
from smtp_gateway.submission import replies
from smtp_gateway.submission.address import Path, parse_path
from smtp_gateway.submission.judging import judged
from smtp_gateway.submission.policy import Refusal

MOST_SHOWN = 50
# As sessions read what is rare: quoted local parts and the like.
_session = cast("Any", SimpleNamespace(local_part_limit=0))
_full_parser: Any = partial(SMTP._getaddr, _session)  # noqa: SLF001


def address_lines(sender: SenderAddress, asked: Asked) -> Iterator[Line]:
    """Whether an application gets as far as RCPT."""
    refusal = _log_in_refusal(sender)
    yield refusal or _standing_line(sender, asked)


def _log_in_refusal(sender: SenderAddress) -> Line | None:
    if sender.suspended_at is not None:
        return Line(
            "bad",
            _("The address is suspended"),
            _("Log-ins are refused."),
            code=said(replies.AUTH_REFUSED),
            advice=_("Resume the address."),
            url=_page(sender),
            url_label=_("The sender address"),
        )
    if not sender.smtp_enabled:
        return Line(
            "bad",
            _("SMTP is off"),
            _("No password works, so no application can log in."),
            code=said(replies.AUTH_REFUSED),
            advice=_("Set the SMTP password."),
            url=_page(sender),
            url_label=_("The sender address"),
        )
    return None


def _standing_line(sender: SenderAddress, asked: Asked) -> Line:
    allowed = directory.find_allowances([asked.address], asked.now)[asked.address]
    limits = directory.policies()[asked.mail_type].address.and_also(allowed.limits)
    url = reverse("smtp_gateway:standing", args=[sender.pk])
    words = {
        "level": allowed.level,
        "hour": _or_none(limits.per_hour),
        "day": _or_none(limits.per_day),
    }
    text = _("Level %(level)s: %(hour)s recipients in an hour, %(day)s in a day.") % words
    if allowed.is_halted:
        return Line(
            "wait", _("The brake of the address is on"), allowance_sentence(allowed, limits),
            said(replies.sender_halted(allowed.reason)),
            advice=_("Look at why, and release the brake."), url=url, url_label=_("Standing"),
        )  # fmt: skip
    text = f"{text} {allowance_sentence(allowed, limits)}"
    return Line("ok", _("Standing"), text, url=url, url_label=_("Standing"))


def _or_none(limit: int | None) -> str:
    return _("no limit") if limit is None else grouped(limit)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Those that were typed, told apart."""

    refused: Sequence[Line]
    paths: Sequence[Path]
    """Those that are left, each once."""


def recipients_of(asked: Asked) -> Recipients:
    """A look into the suppressions for each."""
    paths: dict[str, Path] = {}
    refused = []
    for text in asked.recipients:
        path = parse_path(f"<{text}>", _full_parser)
        if line := _refused_recipient(text, path, asked):
            refused.append(line)
        elif path is not None:
            paths[path.identity] = path
    return Recipients(refused, [*paths.values()])


def recipient_lines(found: Recipients, asked: Asked) -> Iterator[Line]:
    """One for each that is refused or has to wait, and one for all others."""
    yield from found.refused[:MOST_SHOWN]
    waiting = [*repeated_lines([*found.paths[:MOST_SHOWN]], asked)]
    yield from waiting
    yield from _accepted(len(found.paths) - len(waiting), asked)
    foreign = sum(path.needs_smtputf8 for path in found.paths)
    if foreign:
        yield Line(
            "info",
            _("An address needs SMTPUTF8"),
            _("Its name has other letters than a-z: applications have to say SMTPUTF8 at MAIL."),
            code=said(replies.NEEDS_SMTPUTF8),
        )


def _refused_recipient(text: str, path: Path | None, asked: Asked) -> Line | None:
    title = _("%(recipient)s is refused") % {"recipient": text}
    if path is None or not path.is_printable:
        reply = replies.BAD_RECIPIENT_ADDRESS if path is None else replies.UNPRINTABLE_RECIPIENT
        return Line("bad", title, code=said(reply), advice=_("Correct the address."))
    found = directory.find_suppression(asked.address, asked.mail_type, path.address)
    if found is None:
        return None
    return Line(
        "bad",
        title,
        _("It is suppressed."),
        code=said(replies.suppressed(found)),
        advice=_("Leave it out; lift the suppression only if its reason is gone."),
    )


def quota_lines(asked: Asked) -> Iterator[Line]:
    """How much of the quotas is used; where one is full, what is said."""
    used = usage_of(asked.address, asked.mail_type, asked.sender.policy.quota, asked.now)
    full = room_for(used, len(asked.recipients))
    if full is not None:
        yield Line(
            "wait",
            _("A quota is used up"),
            quota_words(full),
            code=said(replies.quota_reached(full, asked.now)),
            advice=_("Applications try it again then; nothing is lost."),
        )
        return
    counts = {each.window.period: each for each in used if each.window.whose == "address"}
    words = {
        "hour": grouped(counts["hour"].count),
        "most_of_hour": _or_none(counts["hour"].most),
        "day": grouped(counts["day"].count),
        "most_of_day": _or_none(counts["day"].most),
    }
    text = _("Used this hour: %(hour)s of %(most_of_hour)s; today: %(day)s of %(most_of_day)s.")
    yield Line("ok", _("There is room in the quotas"), text % words)


def _accepted(number: int, asked: Asked) -> Iterator[Line]:
    most = asked.sender.policy.max_recipients or submission_config().max_recipients
    if number > most:
        yield Line(
            "wait",
            _("Too many recipients for one mail"),
            _("The first %(most)s are accepted; each one behind them gets this reply.")
            % {"most": grouped(most)},
            code=said(replies.TOO_MANY_RECIPIENTS),
            advice=_("Send the rest in another mail, as the reply says."),
        )
    elif number:
        words = {"number": grouped(number)}
        yield Line(
            "ok", _("Recipients accepted: %(number)s") % words, code=said(replies.RECIPIENT_OK)
        )


def content_lines(asked: Asked) -> Iterator[Line]:
    """What is said behind the data."""
    limit = submission_config().max_message_bytes
    if asked.size_bytes > limit:
        yield Line(
            "bad",
            _("The mail is too large"),
            code=said(replies.too_large(limit)),
            advice=_("Send a link instead of attachments."),
        )
        return
    found = judged(asked.content, sender_address=asked.address, policy=asked.sender.policy)
    if isinstance(found, Refusal):
        yield Line(
            "bad",
            _("The message is refused"),
            code=said(found.reply),
            advice=_("Change what the reply names; everything else would be accepted."),
        )
        return
    yield Line(
        "ok",
        _("The message is accepted"),
        _("From is the sender address, and the header is sound."),
    )


def _page(sender: SenderAddress) -> str:
    return reverse("smtp_gateway:sender_address", args=[sender.pk])
