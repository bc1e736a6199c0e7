"""Keys for a benchmark; for `manage.py shell`."""

from django.utils import timezone

from senders.dkim_services import activate, generate_dkim_keys


def sign_with_rsa(sender: str) -> None:
    """From now on the relay signs this sender's mail with one RSA key."""
    now = timezone.now()
    for key in generate_dkim_keys(sender.rpartition("@")[2], now=now):
        if key.algorithm.startswith("rsa"):
            activate(key, now=now)
