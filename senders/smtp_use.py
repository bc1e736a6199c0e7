"""When and from where SMTP credentials were used, as gateways report it now and then."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

# Senders before their credentials, and each in one order: so that neither gateways nor the
# console's changes stand in each other's way.
_RECORD_USE = """
WITH told AS (
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::inet[]) AS t(id, at, ip)
), senders AS MATERIALIZED (
    SELECT sender.id FROM senders_senderaddress AS sender
    WHERE sender.id IN (SELECT sender_id FROM senders_smtpcredential JOIN told USING (id))
    ORDER BY sender.id FOR NO KEY UPDATE OF sender
), used AS MATERIALIZED (
    SELECT credential.id, credential.sender_id, told.at, told.ip
    FROM senders JOIN senders_smtpcredential AS credential ON credential.sender_id = senders.id
    JOIN told ON told.id = credential.id
    ORDER BY credential.id FOR NO KEY UPDATE OF credential
), noted AS (
    UPDATE senders_smtpcredential AS credential
    SET last_used_at = used.at, last_used_from = used.ip
    FROM used WHERE used.id = credential.id
        AND (credential.last_used_at IS NULL OR credential.last_used_at < used.at)
)
UPDATE senders_senderaddress AS sender
SET smtp_last_used_at = greatest(sender.smtp_last_used_at, newest.at)
FROM (SELECT sender_id, max(at) AS at FROM used GROUP BY sender_id) AS newest
WHERE newest.sender_id = sender.id
"""

_RECORD_REFUSALS = """
WITH told AS (
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::inet[]) AS t(id, at, ip)
), refused AS MATERIALIZED (
    SELECT credential.id, told.at, told.ip
    FROM senders_smtpcredential AS credential JOIN told USING (id)
    ORDER BY credential.id FOR NO KEY UPDATE OF credential
)
UPDATE senders_smtpcredential AS credential
SET last_refused_at = refused.at, last_refused_from = refused.ip
FROM refused WHERE refused.id = credential.id
    AND (credential.last_refused_at IS NULL OR credential.last_refused_at < refused.at)
"""


Use = tuple[datetime, str]
"""When, and the client's IP address."""


def record_smtp_use(used: Mapping[int, Use]) -> None:
    """Notes when each credential, by its id, last submitted; an older use changes nothing."""
    _record(_RECORD_USE, used)


def record_refusals(refused: Mapping[int, Use]) -> None:
    """Notes when the password of each ended credential, by its id, was last tried."""
    _record(_RECORD_REFUSALS, refused)


def _record(statement: str, uses: Mapping[int, Use]) -> None:
    if uses:
        times, addresses = zip(*uses.values(), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(uses), list(times), list(addresses)])
