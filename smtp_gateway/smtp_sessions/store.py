"""Writes sessions down, the newest of each sender address, and forgets the others.

Blocks; runs on the bridge. What is kept is bounded: so many of each address that exists, so many
without one, and for all of them an age and a number.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from smtp_gateway.models import SmtpSession
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.smtp_sessions.outcome import outcome
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.message import storable
from smtp_gateway.submission.transcript import CLIENT, Line, Snapshot, snapshot_lines

KEPT_OF_EACH_KIND = 10
"""Of an address: so many that went well, and so many that did not."""
KEPT_WITHOUT_ADDRESS = 25
"""Likewise of all clients that no sender address is known of."""

# Two gateways that prune in different orders would stand in each other's way.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('smtp_gateway_smtpsession'))"

_WRITE = """
INSERT INTO smtp_gateway_smtpsession AS known (
    session_id, sender_address, user_name, is_logged_in, client_ip, client_name, tls, began_at,
    ended_at, seen_at, mail_count, refusal_count, outcome, reply, went_well, lines, credential,
    is_inbound)
SELECT t.session_id, t.sender_address, t.user_name, t.is_logged_in, t.client_ip, t.client_name,
       t.tls, t.began_at, t.ended_at, t.seen_at, t.mail_count, t.refusal_count, t.outcome, t.reply,
       t.went_well, t.lines::jsonb, t.credential, %s
FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::bool[], %s::inet[], %s::text[], %s::text[],
    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[], %s::text[],
    %s::text[], %s::bool[], %s::text[], %s::text[]
) AS t(session_id, sender_address, user_name, is_logged_in, client_ip, client_name, tls, began_at,
       ended_at, seen_at, mail_count, refusal_count, outcome, reply, went_well, lines, credential)
ON CONFLICT (session_id) DO UPDATE SET
    sender_address = excluded.sender_address, user_name = excluded.user_name,
    is_logged_in = excluded.is_logged_in, client_ip = excluded.client_ip,
    client_name = excluded.client_name, tls = excluded.tls, ended_at = excluded.ended_at,
    seen_at = excluded.seen_at, mail_count = excluded.mail_count,
    refusal_count = excluded.refusal_count, outcome = excluded.outcome, reply = excluded.reply,
    went_well = excluded.went_well, lines = excluded.lines, credential = excluded.credential
WHERE known.ended_at IS NULL
"""

_PRUNE = """
DELETE FROM smtp_gateway_smtpsession WHERE id IN (
    SELECT id FROM (
        SELECT id, sender_address, row_number() OVER (
            PARTITION BY sender_address, is_inbound, went_well ORDER BY id DESC
        ) AS place
        FROM smtp_gateway_smtpsession WHERE sender_address = ANY(%s)
    ) AS ranked
    WHERE place > CASE WHEN sender_address = '' THEN %s ELSE %s END
)
"""

Known = Callable[[Collection[str]], Collection[str]]
"""Which of these are sender addresses."""


def write(snapshots: Sequence[Snapshot], *, known: Known, is_inbound: bool = False) -> None:
    """Writes them, a session that was written before once more, and drops what is too much.

    `is_inbound`: of who brought mail back; they compete only with each other for their places.
    """
    newest = {snapshot.session_id: snapshot for snapshot in snapshots}.values()
    # The list goes by when they were written: within a batch that is to be when they began.
    in_order = sorted(newest, key=lambda snapshot: snapshot.began_at)
    told = [(snapshot, snapshot_lines(snapshot)) for snapshot in in_order]
    addresses = known({name for each in told for name in _candidates(*each)})
    rows = [row_of(snapshot, lines, addresses) for snapshot, lines in told]
    touched = sorted({str(row[1]) for row in rows})
    with transaction.atomic(), binding_cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_WRITE, [is_inbound, *columns])
        cursor.execute(_PRUNE, [touched, KEPT_WITHOUT_ADDRESS, KEPT_OF_EACH_KIND])


def prune(*, before: datetime, most: int) -> None:
    """Drops what is older than that, and the oldest beyond that number."""
    SmtpSession.objects.filter(began_at__lt=before).delete()
    newest_first = SmtpSession.objects.order_by("-id").values_list("pk", flat=True)
    if too_old := newest_first[most : most + 1].first():
        SmtpSession.objects.filter(pk__lte=too_old).delete()


def row_of(
    snapshot: Snapshot, lines: Sequence[Line], addresses: Collection[str]
) -> tuple[object, ...]:
    """What is written of a session; `addresses` are those of its candidates that exist."""
    result = outcome(snapshot, lines)
    address = next((name for name in _candidates(snapshot, lines) if name in addresses), "")
    seen_at = snapshot.began_at + timedelta(seconds=snapshot.seconds)
    return (
        snapshot.session_id, address, _user_name(snapshot, addresses), bool(snapshot.sender),
        snapshot.ip, _client_name(lines), storable(snapshot.tls, 100), snapshot.began_at,
        seen_at if snapshot.has_ended else None, seen_at, snapshot.mail_count,
        snapshot.refusal_count, result.code.value, result.reply, result.went_well,
        json.dumps(lines), snapshot.credential.name if snapshot.credential else "",
    )  # fmt: skip


def sender_addresses(find: Callable[[Collection[str]], Mapping[str, object]]) -> Known:
    """`Known` by the directory."""
    return lambda names: find(names).keys() if names else ()


def _candidates(snapshot: Snapshot, lines: Sequence[Line]) -> list[str]:
    """Whom it may be about, the surest first."""
    if snapshot.sender:
        return [snapshot.sender]
    senders = [_mail_from(words) for _, speaker, words in lines if speaker == CLIENT]
    return [name for name in (snapshot.user_name, *reversed(senders)) if name]


def _mail_from(words: str) -> str:
    """The address of a MAIL command, in normal form; empty: there is none that could be ours."""
    verb, _, path = words.partition(":")
    address = path.strip().partition(">")[0].removeprefix("<")
    is_one = verb.upper() == "MAIL FROM" and address.isprintable() and " " not in address
    return normalize(address) if is_one else ""


def _user_name(snapshot: Snapshot, addresses: Collection[str]) -> str:
    is_safe = snapshot.user_name in addresses or not snapshot.is_user_name_doubtful
    return snapshot.user_name if is_safe else ""


def _client_name(lines: Sequence[Line]) -> str:
    """The newest name in EHLO or HELO."""
    greetings = [
        words[5:] for _, speaker, words in lines
        if speaker == CLIENT and words[:5].upper() in ("EHLO ", "HELO ")
    ]  # fmt: skip
    return storable(greetings[-1], 255) if greetings else ""
