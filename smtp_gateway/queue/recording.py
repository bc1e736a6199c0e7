"""What attempts came to: state, history, the report that is due to the sender and, on the mailbox
route, the mail itself.
"""

from collections.abc import Sequence

from django.db import transaction

from smtp_gateway.queue.binding import array, binding_cursor
from smtp_gateway.queue.due_report import report_kind
from smtp_gateway.queue.values import Outcome

_RECORD = """
WITH outcome AS (
    SELECT *, name IN ('deferred', 'uncertain') AS is_again FROM unnest(
        %s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[],
        %s::text[], %s::text[], %s::text[]{kinds}
    ) AS t(delivery_id, name, at, route, next_hop, reply,
           reason_code, reason, tls, duration_ms, next_attempt_at,
           category, fault, tls_result{kind})
), updated AS (
    UPDATE smtp_gateway_delivery AS delivery SET
        state = CASE WHEN outcome.is_again THEN 'queued' ELSE outcome.name END,
        leased_by = NULL,
        -- In its time it waits for a slot once more.
        lane = CASE WHEN outcome.is_again AND delivery.lane = 'batch' THEN 'paced'
            ELSE delivery.lane END,
        -- What is given up while it waits had no attempt now.
        attempt_count = delivery.attempt_count
            + (outcome.reason_code <> 'suppressed'
                AND (outcome.name <> 'expired' OR outcome.next_hop <> ''))::int,
        -- Not what relays die of, this time.
        crash_count = 0,
        next_attempt_at = CASE WHEN outcome.is_again
            THEN now() + (outcome.next_attempt_at - outcome.at) ELSE delivery.next_attempt_at END,
        finished_at = CASE WHEN outcome.is_again THEN NULL ELSE outcome.at END,
        reason_code = outcome.reason_code,
        reason = outcome.reason
    FROM outcome
    WHERE delivery.id = outcome.delivery_id AND (
        delivery.leased_by = %s
        -- Taken from whoever was not heard of for a while, and nobody's yet: what the next hop said
        -- is true even so.
        OR (delivery.state = 'queued' AND delivery.reason_code = 'relay-stopped'
            AND delivery.crash_count > 0 AND outcome.reason_code <> 'relay-stopped'))
    RETURNING outcome.*
), said AS (
    INSERT INTO smtp_gateway_relaytranscript (at, packed) SELECT now(), packed
    FROM (VALUES (%s::bytea)) AS t(packed) WHERE packed IS NOT NULL RETURNING id
), attempt AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms,
        category, fault, tls_result, transcript_id)
    SELECT delivery_id, name, at, route, next_hop, reply, reason_code, reason, tls, duration_ms,
        category, fault, tls_result, (SELECT id FROM said)
    FROM updated
){reported}{faulted}
SELECT delivery_id FROM updated
"""
_REPORTED = """, reported AS (
    INSERT INTO smtp_gateway_deliveryreport (delivery_id, kind, due_at)
    SELECT delivery_id, report_kind, now() FROM updated WHERE report_kind <> ''
    -- A delivery that was taken up again by hand may fail again; its sender knows.
    ON CONFLICT DO NOTHING
)"""
# What failed for good by the recipient's fault: a worker makes suppressions of these, each once.
_FAULTED = """, faulted AS (
    INSERT INTO smtp_gateway_recipientfault (delivery_id, at, category, reply)
    SELECT delivery_id, at, category, reply FROM updated
    WHERE fault = 'recipient' AND name IN ('bounced', 'expired')
)"""
_KINDS = {"kinds": ", %s::text[]", "kind": ", report_kind", "reported": _REPORTED}
_NO_KINDS = dict.fromkeys(_KINDS, "")
# By whether any outcome makes a report due, and whether any is a recipient's fault: nearly always
# none is, and pays for none.
_STATEMENTS = {
    (is_due, is_fault): _RECORD.format(
        **(_KINDS if is_due else _NO_KINDS), faulted=_FAULTED if is_fault else ""
    )
    for is_due in (False, True)
    for is_fault in (False, True)
}

_CATCH = """
INSERT INTO smtp_gateway_caughtmail (message_id, caught_at, recipients)
SELECT message_id, max(at), string_agg(recipient, E'\\n' ORDER BY recipient)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS t(message_id, at, recipient)
GROUP BY message_id
ON CONFLICT (message_id) DO UPDATE
SET recipients = smtp_gateway_caughtmail.recipients || E'\\n' || excluded.recipients
"""


def record(
    *, relay_id: int, outcomes: Sequence[Outcome], transcripts: bytes | None = None
) -> set[int]:
    """Writes outcomes; returns the delivery ids of those that were.

    `transcripts`: what was said, as `relay_transcripts.packing` packs it; None: it is not kept.
    An outcome whose lease was freed meanwhile is written as long as the delivery waits for its next
    attempt; behind that, another relay has it.
    """
    if not any(outcome.keep_in_mailbox for outcome in outcomes):
        return _record(relay_id, outcomes, transcripts)
    with transaction.atomic():
        recorded = _record(relay_id, outcomes, transcripts)
        _keep_in_mailbox([o for o in outcomes if o.delivery.delivery_id in recorded])
    return recorded


def _record(relay_id: int, outcomes: Sequence[Outcome], transcripts: bytes | None) -> set[int]:
    columns = list(zip(*map(_outcome_row, outcomes), strict=True))
    kinds = tuple(map(report_kind, outcomes))
    is_due, is_fault = any(kinds), any(map(_is_recipients_fault, outcomes))
    if is_due:
        columns.append(kinds)
    with binding_cursor() as cursor:
        values = [*map(array, columns), relay_id, transcripts]
        cursor.execute(_STATEMENTS[is_due, is_fault], values, binary=True)
        return {delivery_id for (delivery_id,) in cursor.fetchall()}


def _is_recipients_fault(outcome: Outcome) -> bool:
    return outcome.fault == "recipient" and outcome.name in ("bounced", "expired")


def _keep_in_mailbox(outcomes: Sequence[Outcome]) -> None:
    caught = [
        (o.delivery.message_id, o.at, o.delivery.recipient) for o in outcomes if o.keep_in_mailbox
    ]
    if caught:
        with binding_cursor() as cursor:
            cursor.execute(_CATCH, [list(column) for column in zip(*caught, strict=True)])


def _outcome_row(o: Outcome) -> tuple[str, ...]:
    return (
        str(o.delivery.delivery_id), o.name, str(o.at), o.route, o.next_hop, o.reply,
        o.reason_code, o.reason, o.tls, str(o.duration_ms), str(o.next_attempt_at or o.at),
        o.category, o.fault, o.tls_result,
    )  # fmt: skip
