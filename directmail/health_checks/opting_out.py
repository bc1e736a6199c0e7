"""Whether recipients of batch mail can leave with one click (RFC 8058)."""

from directmail.health_checks.values import Result
from senders.models import SenderAddress
from senders.opting_out.links import one_click_counts
from senders.policies.reading import policies


def one_click() -> Result:
    if one_click_counts():
        return Result("one-click", "ok", "one-click.ok")
    types = [name for name, policy in policies().items() if policy.unsubscribe == "one-click"]
    if not SenderAddress.objects.filter(mail_type__in=types).exists():
        return Result("one-click", "ok", "one-click.idle")
    return Result("one-click", "warn", "one-click.not-https")
