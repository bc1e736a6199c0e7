"""The words for why a delivery waits: what the codes of `waiting` and of the relay say."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODES: Mapping[str, Promise] = {
    # Nothing has happened yet, or nothing will by itself.
    "first-attempt": _("First attempt"),
    "turn": _("Waits for its turn"),
    "paced": _("Waits for its pace"),
    "window-closed": _("Waits for the sending window"),
    "halted": _("Sender address halted"),
    "in-hand": _("In a relay's hand"),
    "set-aside": _("Set aside"),
    "deferred": _("Deferred"),
    # The relay and its destinations.
    "destination-busy": _("Destination busy"),
    "destination-elsewhere": _("Connections in use"),
    "destination-held": _("Destination left alone"),
    "route-changed": _("Route changed"),
    "route-unusable": _("Route cannot be used"),
    "relay-full": _("Relay full"),
    "relay-stopped": _("Relay stopped"),
    "relay-fault": _("Fault in the relay"),
    "no-route": _("No route"),
    # The next hop's answer.
    "greylisted": _("Greylisted"),
    "rate-limited": _("Too fast for the next hop"),
    "recipient-rate-limited": _("Too fast for the recipient"),
    "temporary-trouble": _("Trouble at the next hop"),
    "mailbox-full": _("Mailbox full"),
    "connection-refused": _("Connection refused"),
    "dns-failed": _("DNS failed"),
    "next-hop-unreachable": _("Next hop not reachable"),
    "next-hop-connection-lost": _("Connection lost"),
    "next-hop-timeout": _("Next hop too slow"),
    "next-hop-protocol-error": _("Next hop answers nonsense"),
    "next-hop-tls-failed": _("TLS failed"),
    "next-hop-auth-failed": _("Log-in at the next hop failed"),
    "authentication-required": _("Next hop asks for a log-in"),
    "our-ip-blocked": _("Our IP address is blocked"),
    "our-domain-blocked": _("Our domain is blocked"),
    "our-account-blocked": _("Our account is blocked"),
    "tls-required": _("Next hop asks for TLS"),
    "reverse-dns": _("Reverse DNS is missing"),
}
LABELS: Mapping[str, Promise] = {
    "Next attempt": _("Next attempt"),
    "Due now, since": _("Due now, since"),
    "Was due": _("Was due"),
    "About": _("About"),
    "Not before": _("Not before"),
}
