"""Which way the mail would take, when its turn would come, and for how long it would be tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from senders.durations import in_words
from smtp_gateway import directory, queue_survey
from smtp_gateway.delivery_rules.loading import load_paces
from smtp_gateway.mail_life.turns import Pace, expected_turn
from smtp_gateway.models import Delivery, DeliveryState
from smtp_gateway.paces import Paces
from smtp_gateway.preview.values import Asked, Line
from smtp_gateway.queue.pacing import WAITING_LANE
from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay.next_hop import InvalidRelayUrl
from smtp_gateway.relay.routing import Choice
from smtp_gateway.routes.loading import load_routing
from smtp_gateway.standing.wording import grouped

MOST_DOMAINS = 10
_BEHIND_ALL = 2**62
_AT_ONCE = timedelta(seconds=1)


def route_lines(asked: Asked) -> Iterator[Line]:
    """One for each domain of recipients, since it decides on the route."""
    named = (each.rpartition("@")[2].lower() for each in asked.recipients if "@" in each)
    domains = [domain for domain in dict.fromkeys(named) if domain]
    try:
        routing = load_routing()
    except InvalidRelayUrl as error:
        yield Line("bad", _("RELAY_URL cannot be read"), str(error))
        return
    for domain in domains[:MOST_DOMAINS]:
        choice = routing.route(
            origin="smtp",
            mail_type=asked.mail_type,
            mail_from=asked.address,
            recipient=f"x@{domain}",
        )
        yield _route_line(domain, choice)


def _route_line(domain: str, choice: Choice) -> Line:
    title = _("To %(domain)s: %(route)s") % {"domain": domain, "route": choice.spec.name}
    url, label = reverse("smtp_gateway:routes"), _("Routes")
    if choice.must_wait:
        return Line("wait", title, recorded(choice.reason), url=url, url_label=label)
    if choice.is_kept:
        is_of_domain = choice.reason_code == "domain-unverified"
        return Line(
            "wait", title, recorded(choice.reason),
            advice=_("Verify the domain, and its mail leaves.") if is_of_domain else "",
            url=reverse("senders:domains") if is_of_domain else url,
            url_label=_("Domains") if is_of_domain else label,
        )  # fmt: skip
    hop = choice.spec.hop
    if hop is None:
        text = _("Straight to the mail servers of the domain, found by DNS (MX).")
        return Line("ok", title, text, url=url, url_label=label)
    text = _("To %(host)s, port %(port)s.") % {"host": hop.host, "port": hop.port}
    return Line("ok", title, text, url=url, url_label=label)


def turn_lines(asked: Asked) -> Iterator[Line]:
    """Lane, pace and place in it, and when it would leave."""
    paces = load_paces(asked.now)
    yield _lane(asked)
    yield _pace(asked, paces)
    yield _expected(asked, paces)


def _lane(asked: Asked) -> Line:
    waiting = queue_survey.survey().waiting
    before = sum(each.number for each in waiting if each.lane in _LANES[asked.mail_type])
    title = _("Lane for Batch Mail") if asked.mail_type == "batch" else _("Lane for Trigger Mail")
    text = ngettext(
        "%(number)s recipient waits in it; its sender addresses take turns.",
        "%(number)s recipients wait in it; its sender addresses take turns.",
        before,
    ) % {"number": grouped(before)}
    return Line("info", title, text, url=reverse("smtp_gateway:mail_log"), url_label=_("Mail Log"))


_LANES = {"trigger": ("trigger",), "batch": ("batch", WAITING_LANE)}


def _pace(asked: Asked, paces: Paces) -> Line:
    per_minute = _known_pace(asked, paces).per_minute
    if per_minute == 0:
        text = _("The brake is on: nothing of this address leaves.")
        return Line("wait", _("No pace"), text)
    if per_minute is None:
        return Line("ok", _("No pace"), _("It leaves as fast as it goes."))
    title = _("%(number)s a minute") % {"number": grouped(per_minute)}
    if asked.address not in paces.own:
        return Line("info", title, _("The policy of its mail type sets it."))
    if asked.mail_type == "batch":
        return Line("info", title, _("The standing of the address sets it."))
    return Line(
        "wait", title,
        _("Mail of this address looks like Batch Mail: the policy slows it down to this."),
        advice=_("Send mailings as an address for Batch Mail; if it is none, an admin says so."),
    )  # fmt: skip


def _known_pace(asked: Asked, paces: Paces) -> Pace:
    own, of_type = paces.own.get(asked.address), paces.of_type(asked.mail_type)
    return Pace(asked.mail_type, own.per_minute if own else of_type.per_minute)


def _expected(asked: Asked, paces: Paces) -> Line:
    if asked.mail_type != "batch" and not paces.holds_back(asked.address, asked.mail_type):
        text = _("It is tried as soon as it is accepted; within a second where nothing waits.")
        return Line("ok", _("Leaves at once"), text)
    queued, pace = _as_if_queued(asked), _known_pace(asked, paces)
    turn = expected_turn(queued, pace, now=asked.now)
    if turn.at is None:
        return Line("wait", _("Does not leave for now"), _("It waits until the brake is released."))
    last = expected_turn(queued, pace, after=len(asked.recipients) - 1, now=asked.now)
    until = ""
    if last.at is not None and last.at - turn.at >= _AT_ONCE:
        until = _until(last.at, asked, is_earliest=last.is_earliest)
    if turn.at - asked.now < _AT_ONCE:
        text = _("Nothing of this address waits before it.")
        title = _("Begins to leave at once") if until else _("Leaves at once")
        return Line("info" if until else "ok", title, f"{text} {until}".rstrip())
    words = {"at": _shown(turn.at)}
    title = _("Leaves after %(at)s") if turn.is_earliest else _("Leaves about %(at)s")
    if turn.code == "window-closed":
        text = _("The sending window of its mail type is closed.")
        return Line("wait", title % words, f"{text} {until}".rstrip())
    text = _("What waits before it takes its turn at the same pace.")
    return Line("info", title % words, f"{text} {until}".rstrip())


def _until(at: datetime, asked: Asked, *, is_earliest: bool) -> str:
    words = {"number": grouped(len(asked.recipients)), "at": _shown(at)}
    if is_earliest:
        return _("The last of its %(number)s recipients has its turn after %(at)s.") % words
    return _("The last of its %(number)s recipients has its turn about %(at)s.") % words


def _shown(at: datetime) -> str:
    return str(date_format(localtime(at), _moment()))


def _moment() -> str:
    return pgettext("moment, as Django's date filter writes it", "j M Y, H:i")


def _as_if_queued(asked: Asked) -> Delivery:
    """Not saved: behind all that waits."""
    return Delivery(
        pk=_BEHIND_ALL,
        lane=WAITING_LANE,
        state=DeliveryState.QUEUED,
        next_attempt_at=asked.now,
        sender_key=_sender_key(asked.address),
    )


def _sender_key(address: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtext(%s)", [address])
        ((key,),) = cursor.fetchall()
        return int(key)


def retry_lines(asked: Asked) -> Iterator[Line]:
    """What happens where a next hop does not take it."""
    policy = directory.policies()[asked.mail_type]
    words = {
        "first": in_words(policy.retry_first),
        "longest": in_words(policy.retry_longest),
        "lifetime": in_words(policy.lifetime),
    }
    yield Line(
        "info",
        _("Tried for %(lifetime)s") % words,
        _(
            "What is not taken for now is tried again first after %(first)s, at most %(longest)s "
            "apart. Then it expires, and the verified reply-to address gets a report."
        )
        % words,
    )
