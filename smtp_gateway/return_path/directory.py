"""What `senders` knows of return paths. Blocks: use the bridge."""

from django.utils import timezone

from senders.models import FormerReturnHost, SenderDomain
from senders.opting_out.links import opt_out_of
from senders.opting_out.token import BadToken


def is_opt_out_subject(subject: str) -> bool:
    """Whether it ends with the token of one of our unsubscribe links. Asks nobody."""
    try:
        opt_out_of((subject.split() or [""])[-1])
    except BadToken:
        return False
    return True


def verified_hosts() -> dict[str, str]:
    """By sender domain the host of its return paths, where its mail may leave with them."""
    rows = SenderDomain.objects.filter(return_path_verified_at__isnull=False)
    return dict(rows.values_list("domain", "return_path_host"))


def all_hosts() -> frozenset[str]:
    """All of them, verified or not, and the former ones for as long as their return paths are
    good: what was sent with one may still come back.
    """
    former = FormerReturnHost.objects.taking(timezone.now()).order_by()
    present = SenderDomain.objects.order_by().values_list("return_path_host", flat=True)
    return frozenset(present.union(former.values_list("host", flat=True)))
