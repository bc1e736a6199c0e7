"""What of the console's tables decides on deliveries. Blocks: use the bridge."""

from collections.abc import Callable
from datetime import datetime

from senders.domains.coverage import itself_and_above
from senders.models import MailType, SenderAddress
from senders.opting_out.links import link_with, mailto_with, token_of
from senders.standing import reading as standing
from smtp_gateway import directory
from smtp_gateway.paces import OwnPace
from smtp_gateway.return_path import directory as return_paths


def own_paces(now: datetime) -> dict[str, OwnPace]:
    """Of the batch addresses whose standing slows their mail down more than the policy of their
    type does, or halts it; and of the trigger addresses that are flagged as bulk, where the policy
    says so. Other trigger mail has no pace below its quota.
    """
    by_type = directory.policies()
    of_type = by_type[MailType.BATCH].address
    batch = SenderAddress.objects.filter(mail_type=MailType.BATCH)
    found = _flagged(by_type[MailType.TRIGGER].bulk_pace_per_minute)
    for address, allowance in standing.allowances(
        batch.values_list("address", flat=True), now
    ).items():
        pace = of_type.and_also(allowance.limits).pace_per_minute
        if allowance.is_halted or (pace is not None and pace != of_type.pace_per_minute):
            found[address] = OwnPace(MailType.BATCH, 0 if allowance.is_halted else pace or 0)
    return found


def _flagged(per_minute: int | None) -> dict[str, OwnPace]:
    if per_minute is None:
        return {}
    flagged = SenderAddress.objects.filter(mail_type=MailType.TRIGGER, bulk_since__isnull=False)
    pace = OwnPace(MailType.TRIGGER, per_minute)
    return dict.fromkeys(flagged.values_list("address", flat=True), pace)


def one_click_types() -> frozenset[str]:
    """The mail types whose recipients get a link to opt out."""
    return frozenset(
        mail_type
        for mail_type, policy in directory.policies().items()
        if policy.unsubscribe == "one-click"
    )


def opt_out_links() -> Callable[[str, str], tuple[str, str]]:
    """Makes both links of a sender address and a recipient; the second is empty where no report
    host of the sender's domain leads here. Asks nothing when it is called.
    """
    hosts = return_paths.verified_hosts()

    def links(sender_address: str, recipient: str) -> tuple[str, str]:
        token = token_of(sender_address, recipient)
        names = itself_and_above(sender_address.rpartition("@")[2])
        host = next((hosts[name] for name in names if name in hosts), "")
        return link_with(token), mailto_with(token, host) if host else ""

    return links
