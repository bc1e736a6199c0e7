"""What `senders` knows of return paths. Blocks: use the bridge."""

from senders.models import SenderDomain
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
    """All of them, verified or not: what was sent while one was may still come back."""
    return frozenset(SenderDomain.objects.values_list("return_path_host", flat=True))
