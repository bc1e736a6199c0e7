"""The one reader of `senders` in the mail path. What is no coroutine blocks: use the bridge."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from senders import smtp_password, smtp_use
from senders.domains import reading as domains
from senders.domains.coverage import Coverage
from senders.models import DkimKey, MailTypePolicy, SenderAddress
from senders.policies import reading as policy_reading
from senders.policies.policy import Policy
from senders.sealing import NoKeyFits, unseal
from senders.standing import reading as standing
from senders.standing.allowance import Allowance, least
from senders.suppressions import looking_up, statements
from senders.suppressions.looking_up import recipient_keys as recipient_keys
from senders.suppressions.looking_up import scope_keys as scope_keys
from senders.suppressions.rules import names_no_mailbox
from smtp_gateway.identity import Credential, Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.mail_policy import MailPolicy, Quota, used_before
from smtp_gateway.signing_key import SigningKey
from smtp_gateway.submission.suppression import Suppressed, clause

_POLICY_COLUMNS = (
    "mail_type", "address_per_hour", "address_per_day", "organisation_per_hour",
    "organisation_per_day", "lifetime", "max_recipients", "takes_lifetime_header",
)  # fmt: skip
# Of an address the newest ended credentials are enough to tell who still uses an old password.
_FIND = """
SELECT sender.address, sender.mail_type, sender.suspended_at IS NOT NULL,
       credential.id, credential.name, credential.password_hash, credential.why_ended,
       sender.reply_to_on_smtp, CASE
           WHEN proof.confirmed_at IS NOT NULL AND proof.mailbox = sender.reply_to_address
           THEN sender.reply_to_address ELSE '' END,
       standing.allowed_per_hour, standing.allowed_per_day, standing.halted,
       standing.counted_from, standing.accepted_in_hour_before, standing.accepted_in_day_before,
       {columns}
FROM senders_senderaddress AS sender
LEFT JOIN verification_verification AS proof ON proof.id = sender.reply_to_verification_id
LEFT JOIN senders_standing AS standing ON standing.sender_id = sender.id
LEFT JOIN senders_mailtypepolicy AS policy ON policy.mail_type = sender.mail_type
LEFT JOIN LATERAL (
    SELECT id, name, password_hash, last_used_at, ended_at, CASE
        WHEN expires_at <= coalesce(ended_at, now()) THEN 'expired'
        WHEN ended_at IS NOT NULL THEN 'revoked' ELSE '' END AS why_ended
    FROM senders_smtpcredential WHERE sender_id = sender.id
    ORDER BY ended_at DESC NULLS FIRST, id DESC LIMIT 20
) AS credential ON true
WHERE sender.address = ANY({addresses}::text[])
ORDER BY sender.address, credential.ended_at DESC NULLS FIRST,
         credential.last_used_at DESC NULLS LAST, credential.id DESC
"""


def find_senders(addresses: Collection[str]) -> dict[str, Sender]:
    """Those of `addresses`, in their stored form, that are sender addresses."""
    with connection.cursor() as cursor:
        cursor.execute(_find("%s"), [list(addresses)])
        return _by_address(cursor.fetchall())


async def find_senders_on(database: LoopDatabase, addresses: Collection[str]) -> dict[str, Sender]:
    """Like `find_senders`, for log-ins: on the event loop, by a prepared statement."""
    return _by_address(await database.look_up(_find("$1"), list(addresses)))


@cache
def _find(addresses: str) -> str:
    columns = ", ".join(f"policy.{name}" for name in _POLICY_COLUMNS)
    return _FIND.format(addresses=addresses, columns=columns)


def _by_address(rows: Iterable[Any]) -> dict[str, Sender]:
    """Rows of `_FIND`: those of one sender follow each other."""
    return {
        address: _sender(list(of_address))
        for address, of_address in groupby(rows, key=itemgetter(0))
    }


def _sender(rows: list[Any]) -> Sender:
    address, mail_type, is_suspended = rows[0][:3]
    credentials = [Credential(*row[3:7]) for row in rows if row[3] is not None]
    return Sender(
        address,
        mail_type,
        is_suspended,
        tuple(each for each in credentials if not each.end),
        tuple(each for each in credentials if each.end),
        _with_standing(_policy(mail_type, rows[0][7:9], rows[0][15:]), *rows[0][9:15]),
    )


def _with_standing(
    policy: MailPolicy,
    per_hour: int | None,
    per_day: int | None,
    halted: str | None,
    counted_from: datetime | None,
    *accepted_before: int,
) -> MailPolicy:
    """The smaller of what the policy and the standing of the address allow."""
    quota = dataclasses.replace(
        policy.quota,
        address_per_hour=least(policy.quota.address_per_hour, per_hour),
        address_per_day=least(policy.quota.address_per_day, per_day),
    )
    if counted_from is not None:
        before = used_before(counted_from, policy.quota, quota, *accepted_before)
        quota = dataclasses.replace(quota, before=before)
    return dataclasses.replace(policy, quota=quota, halted=halted or "")


def _policy(mail_type: str, reply_to: Sequence[Any], columns: Sequence[Any]) -> MailPolicy:
    """`columns`: _POLICY_COLUMNS; all empty where nobody has written a policy down."""
    decided = dict(zip(_POLICY_COLUMNS, columns, strict=True))
    row = MailTypePolicy(**decided) if decided["mail_type"] else policy_reading.default(mail_type)
    return dataclasses.replace(
        _as_mail_policy(policy_reading.policy_as(row)),
        reply_to=reply_to[0],
        verified_reply_to=reply_to[1],
    )


def mail_policy(mail_type: str) -> MailPolicy:
    """What holds for mail of that type, whoever sends it."""
    return _as_mail_policy(policy_reading.policy_of(mail_type))


def sender_policy(address: str, mail_type: str) -> MailPolicy:
    """What holds for mail of that address; of its type where it is no sender address any more."""
    found = find_senders([address]).get(address)
    return found.policy if found else mail_policy(mail_type)


def _as_mail_policy(policy: Policy) -> MailPolicy:
    return MailPolicy(
        lifetime=policy.lifetime,
        max_recipients=policy.max_recipients,
        takes_lifetime_header=policy.takes_lifetime_header,
        quota=Quota(
            policy.address.per_hour,
            policy.address.per_day,
            policy.organisation.per_hour,
            policy.organisation.per_day,
        ),
    )


def suspended_addresses() -> list[str]:
    """All as which nothing is sent until they are resumed."""
    suspended = SenderAddress.objects.filter(suspended_at__isnull=False)
    return list(suspended.values_list("address", flat=True))


def verified_domains() -> Coverage:
    """Whose mail may leave, as of now: ask `domain in ...`, in A-labels and lower case."""
    return domains.verified_domains()


def verified_reply_tos(addresses: Collection[str]) -> dict[str, str]:
    """The reply-to address of each of `addresses` that has a proven one: who gets its reports."""
    senders = SenderAddress.objects.select_related("reply_to_verification")
    found = {
        sender.address: sender.verified_reply_to for sender in senders.filter(address__in=addresses)
    }
    return {address: reply_to for address, reply_to in found.items() if reply_to}


def find_allowances(addresses: Collection[str], now: datetime) -> dict[str, Allowance]:
    """What those of `addresses` that are sender addresses may send by their standing."""
    return standing.allowances(addresses, now)


def every_allowance(now: datetime) -> dict[str, Allowance]:
    """The same of all: to be kept in memory, and asked for again every few seconds."""
    return standing.every_allowance(now)


def record_use(used: Mapping[int, smtp_use.Use], refused: Mapping[int, smtp_use.Use]) -> None:
    """Notes when each credential, by its id, last submitted, or was tried after its end."""
    smtp_use.record_smtp_use(used)
    smtp_use.record_refusals(refused)


def decoy_hash() -> str:
    """A hash with today's parameters that nobody's password matches.

    Verified for user names that don't exist, so that time doesn't tell who does.
    """
    return smtp_password.hash_password(smtp_password.generate())


def find_signing_keys(domains: Collection[str]) -> dict[str, list[SigningKey]]:
    """The active DKIM keys for each of `domains` (A-labels, lower case), RSA first.

    One without keys of its own gets those of the verified domain above it, by which it counts.
    """
    keys = _active_keys(domains)
    bare = [domain for domain in domains if not keys[domain]]
    if not bare:
        return keys
    verified = verified_domains()
    covering = {domain: verified.covering(domain) for domain in bare}
    above = _active_keys({each for each in covering.values() if each})
    return {**keys, **{domain: above.get(name, []) for domain, name in covering.items()}}


def _active_keys(domains: Collection[str]) -> dict[str, list[SigningKey]]:
    keys: dict[str, list[SigningKey]] = {domain: [] for domain in domains}
    if not keys:
        return keys
    # The names of the algorithms happen to sort this way.
    rows = DkimKey.objects.active().of_domains(domains).order_by("-algorithm")
    for domain, selector, algorithm, sealed in rows.values_list(
        "domain", "selector", "algorithm", "sealed_private_key"
    ):
        keys[domain].append(SigningKey(domain, selector, algorithm, _unsealed(sealed)))
    return keys


def _unsealed(sealed: str) -> bytes:
    try:
        return unseal(sealed)
    except NoKeyFits:
        return b""


def policies() -> dict[str, Policy]:
    """What holds for each mail type."""
    return policy_reading.policies()


async def suppressed_keys_on(
    database: LoopDatabase, after: int | None, most: int
) -> tuple[bytes, int | None]:
    """A page of the numbers of what holds, 8 octets each, and the last where there may be more."""
    first = statements.LEAST_KEY if after is None else after + 1
    ((page, last),) = await database.look_up(statements.KEYS, first, most)
    return page, last


async def suppression_changes_on(
    database: LoopDatabase, since: str | None, *, most: int
) -> looking_up.Changes:
    """What was written since the look that had this snapshot; None: nothing."""
    ((snapshot, is_other, count, added, removed),) = await database.look_up(
        statements.CHANGES, since, most
    )
    return looking_up.Changes(snapshot, is_other, count, added or (), removed or ())


async def find_suppressions_on(
    database: LoopDatabase, asked: Sequence[tuple[str, str, str]]
) -> list[Suppressed | None]:
    """For each sender address, mail type and recipient what stops the mail; None: nothing."""
    keys = sorted({key for each in asked for key in looking_up.keys(*each)})
    found = await database.look_up(statements.FIND, keys)
    rows = [looking_up.Row(*row) for row in found]
    return [_suppressed(looking_up.fitting(rows, *each)) for each in asked]


def find_suppression(sender_address: str, mail_type: str, recipient: str) -> Suppressed | None:
    """What stops mail of this sender to this recipient; None: nothing."""
    keys = looking_up.keys(sender_address, mail_type, recipient)
    with connection.cursor() as cursor:
        cursor.execute(statements.FIND.replace("$1", "%s"), [keys])
        rows = [looking_up.Row(*row) for row in cursor.fetchall()]
    return _suppressed(looking_up.fitting(rows, sender_address, mail_type, recipient))


def _suppressed(row: looking_up.Row | None) -> Suppressed | None:
    if row is None:
        return None
    return Suppressed(
        clause(row.reason, row.evidence, row.expires_at),
        row.created_at,
        is_unknown_mailbox=names_no_mailbox(row.reason, row.category, row.evidence),
        domain="" if "@" in row.target else row.target,
    )
