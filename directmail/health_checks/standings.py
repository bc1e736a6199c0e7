"""Whether the brake of a sender address is on, or is near."""

from directmail.health_checks.values import Facts, Result
from senders.models import Standing
from verification.mail_address import display

_NAMED = 3


def standings() -> Result:
    rows = Standing.objects.exclude(brake="", warning="").select_related("sender")
    braked = sorted(row.sender.address for row in rows if row.brake)
    warned = sorted(row.sender.address for row in rows if not row.brake)
    if braked:
        return Result("standing", "bad", "standing.braked", _facts(braked))
    if warned:
        return Result("standing", "warn", "standing.warned", _facts(warned))
    return Result("standing", "ok", "standing.ok")


def _facts(addresses: list[str]) -> Facts:
    names = ", ".join(map(display, addresses[:_NAMED]))
    more = " ..." if len(addresses) > _NAMED else ""
    return {"number": len(addresses), "names": names + more}
