"""Who is behind a request."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from senders.audit.acting import Actor, ActorKind


def actor_behind(request: HttpRequest) -> Actor:
    """The operator who is logged in, or a visitor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Actor(ActorKind.VISITOR, "", client_address(request))
    return Actor(ActorKind.OPERATOR, user.get_username(), client_address(request))


def mailbox_owner(request: HttpRequest, mailbox: str) -> Actor:
    """Whoever opened a link that only `mailbox` was sent, logged in or not."""
    return Actor(ActorKind.MAILBOX, mailbox, client_address(request))


def client_address(request: HttpRequest) -> str:
    """The address that log-in throttling counts by: it knows of the proxy in front; or empty."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # there is none, as on a Unix socket
        return ""
