"""Codes that a route gives and the console reads: why a mail is kept here, and why it waits."""

DOMAIN_UNVERIFIED = "domain-unverified"
NO_SMARTHOST = "no-smarthost"
MAILBOX_ROUTE = "mailbox-route"
REPORT_UNADDRESSED = "report-unaddressed"
"""A report to a sender that nobody can be told by mail."""

# In the local mailbox.
KEPT = (DOMAIN_UNVERIFIED, NO_SMARTHOST, MAILBOX_ROUTE, REPORT_UNADDRESSED)

BOUNCED_LATER = "bounced-later"
"""The next hop took it, and it came back to its return path."""

# The route that takes it cannot be used until somebody mends it.
ROUTE_UNUSABLE = "route-unusable"

# Accepted, and not sent: its recipient was suppressed meanwhile.
SUPPRESSED = "suppressed"
