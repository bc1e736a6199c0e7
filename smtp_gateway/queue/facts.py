"""How the chosen deliveries stand, counted, for whoever asks what can be done to them."""

from collections.abc import Sequence

from smtp_gateway import reasons
from smtp_gateway.obstacles import Facts
from smtp_gateway.queue.binding import binding_cursor

_FACTS = """
SELECT delivery.state,
    delivery.state = 'queued' AND delivery.next_attempt_at <= now(),
    delivery.state = 'relayed' AND delivery.reason_code = ANY(%s),
    -- Not EXISTS: the planner would read the whole table for that.
    (SELECT true FROM smtp_gateway_messagecontent WHERE message_id = delivery.message_id)
        IS NOT NULL,
    message.sender_address = ANY(%s),
    count(*)
FROM smtp_gateway_delivery AS delivery
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
WHERE delivery.id = ANY(%s)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""


def facts_of(delivery_ids: Sequence[int], *, suspended: Sequence[str]) -> list[tuple[Facts, int]]:
    """Each combination that occurs, and how often. `suspended`: addresses that may not send."""
    with binding_cursor() as cursor:
        cursor.execute(_FACTS, [list(reasons.KEPT), list(suspended), list(delivery_ids)])
        return [(Facts(*row[:-1]), row[-1]) for row in cursor.fetchall()]
