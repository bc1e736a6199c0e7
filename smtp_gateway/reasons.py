"""Why a mail is kept in the local mailbox: the route gives these codes, the console reads them."""

DOMAIN_UNVERIFIED = "domain-unverified"
NO_SMARTHOST = "no-smarthost"

KEPT = (DOMAIN_UNVERIFIED, NO_SMARTHOST)
