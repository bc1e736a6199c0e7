"""The one reader of `senders` in the mail path. What is no coroutine blocks: use the bridge."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from senders import services, smtp_password
from senders.models import DkimKey, SenderAddress
from senders.sealing import NoKeyFits, unseal
from smtp_gateway.identity import MailType, Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.signing_key import SigningKey


def find_senders(addresses: Collection[str]) -> dict[str, Sender]:
    """Those of `addresses`, in their stored form, that are sender addresses."""
    rows = SenderAddress.objects.filter(address__in=addresses).values_list(
        "address", "mail_type", "smtp_password_hash", "suspended_at"
    )
    return {
        address: Sender(
            address, cast("MailType", mail_type), password_hash, suspended_at is not None
        )
        for address, mail_type, password_hash, suspended_at in rows
    }


def suspended_addresses() -> list[str]:
    """All as which nothing is sent until they are resumed."""
    suspended = SenderAddress.objects.filter(suspended_at__isnull=False)
    return list(suspended.values_list("address", flat=True))


_FIND = """
SELECT address, mail_type, smtp_password_hash, suspended_at IS NOT NULL
FROM senders_senderaddress WHERE address = ANY($1::text[])
"""


async def find_senders_on(database: LoopDatabase, addresses: Collection[str]) -> dict[str, Sender]:
    """Like `find_senders`, for log-ins: on the event loop, by a prepared statement."""
    rows = await database.look_up(_FIND, list(addresses))
    return {row[0]: Sender(*row) for row in rows}


def verified_reply_tos(addresses: Collection[str]) -> dict[str, str]:
    """The reply-to address of each of `addresses` that has a proven one: who gets its reports."""
    senders = SenderAddress.objects.select_related("reply_to_verification")
    found = {
        sender.address: sender.verified_reply_to for sender in senders.filter(address__in=addresses)
    }
    return {address: reply_to for address, reply_to in found.items() if reply_to}


def record_use(used: dict[str, datetime]) -> None:
    """Notes when each address last submitted."""
    services.record_smtp_use(used)


def decoy_hash() -> str:
    """A hash with today's parameters that nobody's password matches.

    Verified for user names that don't exist, so that time doesn't tell who does.
    """
    return smtp_password.hash_password(smtp_password.generate())


def find_signing_keys(domains: Collection[str]) -> dict[str, list[SigningKey]]:
    """The active DKIM keys of each of `domains` (A-labels, lower case), RSA first."""
    keys: dict[str, list[SigningKey]] = {domain: [] for domain in domains}
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
